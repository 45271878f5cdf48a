"""`{{ text|markdown }}`: Markdown that is no page, as a comment in a database."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Door, Served
from freeze_tools import Freezer

PAGE = "---\nlayout: false\n---\n"


def shown(door: Callable[..., Door], template: str) -> str:
    return door({"pages/a.html": PAGE + template}).get("/a/").text.strip()


def test_a_text_becomes_html(door: Callable[..., Door]) -> None:
    assert shown(door, "{{ '*rye* & `code`'|markdown }}") == "<p><em>rye</em> &amp; <code>code</code></p>"


def test_it_is_taken_for_one_of_strangers(door: Callable[..., Door]) -> None:
    text = "<b onclick=x>rye</b> [a](javascript:x)"
    got = shown(door, f"{{{{ '{text}'|markdown }}}}")
    assert "<b" not in got and "href" not in got
    assert "<b onclick" in shown(door, f"{{{{ '{text}'|markdown(trust='author') }}}}")


def test_code_of_strangers_has_no_colours(door: Callable[..., Door]) -> None:
    text = "{{ '```python\\nx = 1\\n```'|markdown }}"
    assert shown(door, text) == '<pre><code class="language-python">x = 1\n</code></pre>'
    assert "<span" in shown(door, text.replace("markdown", "markdown(trust='author')"))


def test_ids_of_strangers_are_no_ids_and_no_names_of_the_page(door: Callable[..., Door]) -> None:
    text = "## Config\\n\\n[up](#config) [up](#Con-fig) [top](#top) see[^1]\\n\\n[^1]: note"
    got = shown(door, f"{{{{ '{text}'|markdown }}}}")
    start = "user-content-"
    assert set(re.findall('id="([^"]*)"', got)) == {f"{start}{it}" for it in ("config", "fn1", "fnref1")}
    links = [f"#{start}config"] * 2 + ["#top", f"#{start}fn1", f"#{start}fnref1"]
    assert re.findall('href="([^"]*)"', got) == links


def test_several_texts_on_one_page_have_ids_of_their_own(door: Callable[..., Door]) -> None:
    text = "'# A\\n\\n[a](#a)'|markdown(prefix='c' ~ number ~ '-')"
    got = shown(door, f"{{% for number in (1, 2) %}}{{{{ {text} }}}}{{% endfor %}}")
    assert re.findall('(?:id|href)="([^"]*)"', got) == ["c1-a", "#c1-a", "c2-a", "#c2-a"]


def test_the_author_keeps_plain_ids(door: Callable[..., Door]) -> None:
    assert 'id="a"' in shown(door, "{{ '# A'|markdown(trust='author') }}")


def test_nothing_is_an_empty_text(door: Callable[..., Door]) -> None:
    assert shown(door, "<{{ none|markdown }}{{ missing|markdown }}{{ ''|markdown }}>") == "<>"


def test_a_site_may_have_a_filter_of_that_name(served: Callable[..., Served]) -> None:
    setup = "def setup(app):\n    @app.template_filter()\n    def markdown(text):\n        return 'own'\n"
    assert served({"app.py": setup, "pages/a.html": PAGE + "{{ 'a'|markdown }}"}).get("/a/").text == "own"


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{{ 'a'|markdown(trust='me') }}", "`trust` must be 'author' or 'untrusted', not 'me'."),
        ("{{ ('a ' * 3000000)|markdown }}", "the text is larger than"),
        ("{{ 'a'|markdown(prefix='a b') }}", "`prefix` must be of letters, digits, - and _, not 'a b'."),
    ],
)
def test_what_cannot_be_rendered_is_a_fault_with_its_line(tmp_path: Path, template: str, what: str) -> None:
    freezer = Freezer(tmp_path / "site", tmp_path / "dist")
    [fault] = freezer.faults({"pages/a.html": PAGE + template})
    assert fault.startswith("pages/a.html:4: ")
    assert what in fault
