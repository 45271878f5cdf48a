"""The fast Markdown engine writes the very bytes of the default one, or leaves the page to it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Fault, SiteError
from engine.freeze.asking.crawl import in_html, of_attributes
from engine.rendering.fast.engine import FastMarkdown
from engine.rendering.links import SCHEME
from engine.rendering.markdown import Markdown, MarkdownOptions, Rendered
from engine.source.frontmatter import split

DATA = Path(__file__).parents[1] / "data"
CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
SHARE = {"eips": 0.9, "jekyll-test-source": 0.9, "pallets-website": 0.95, "rust-blog": 0.8, "til": 0.88}
"""Of how many files of each corpus the fast engine has to be sure, at least."""

PARTS = [*" \n\t*_`~[]()!<>|-+#=.:\"'&;\\{}^@/0a1xé", *["**", "__", "\n\n", "  \n", "- ", "1. ", "> ", "```"]]
PARTS += ["~~", "](", "![", "| ", "|-|", "&amp;", "\\*", "http://a.b", "<b>", "<!-- x -->", "    ", "\n---\n"]
PARTS += ["\n===\n", "[a]: /b\n", "[a]", "&quot;", "—", "“", "😀", "\u3000", "*a*", "**b**", "`c`", "\n# t\n"]


def link(href: str, line: int) -> str:
    """As a site's links are: URLs stay, paths become other ones, and some are dead."""
    if SCHEME.match(href) or href.startswith("#"):
        return href
    if "dead" in href:
        raise SiteError(Fault("dead-link", "a.md", f"links to {href}", "", line))
    return f"/x{href}"


def both(text: str, trust: str = "author") -> tuple[Rendered, Rendered]:
    options = MarkdownOptions(trust=trust, highlight=False)
    return tuple(kind(options).render(text, file="a.md", link=link) for kind in (Markdown, FastMarkdown))


def said(rendered: Rendered) -> dict[str, object]:
    """What an engine says, the marks that it has seen on the way as a look at its HTML finds them."""
    names = ("html", "toc", "title", "summary", "prose", "words", "faults")
    marks = of_attributes(*rendered.marks) if rendered.marks else in_html(rendered.html)
    return {"marks": marks, **{name: getattr(rendered, name) for name in names}}


def examples() -> Iterator[str]:
    for suite in ("commonmark-0.31.2.json", "gfm.json"):
        for example in json.loads((DATA / suite).read_text("utf-8")):
            yield example["markdown"]


READS = {
    "a paragraph": "one *two* **three** `four` & five",
    "quotation marks": 'She said "yes", and `"no"`; it\'s &quot;so&quot;.\n\n- "a"\n',
    "headings": "# Title\n\ntext\n\n## A *b* `c`\n\n### [d](e.md) & f\n\n## A b c\n\nSetext\n---\n",
    "headings in blocks": "> # quoted\n\n- x\n  # item\n\n# top\n",
    "links": "[a](b.md) [c](d.md#e 'title') ![f](g.png) <https://a.b/c?d=e&f=g> [h](<i j>)",
    "references": 'see [a] and [b][a]\n\n[a]: c.md "title"\n[d]: e.md\n',
    "local links": "[a](#b) [c](#d)\n\n## b\n",
    "bare URLs": "see https://a.b/c_d?e=f&g=h, (https://i.j/k). And http://l.m\n\n- ftp://n.o\n",
    "code": '```python\nx = "<y>" & 1\n```\n\n    indented "code"\n\n- item:\n  ```\n  code\n  ```\n',
    "lists": "- a\n- b\n  - c\n\n  d\n\n3. e\n4. f\n",
    "quotations": "> a\n> b\n>\n> - c\n",
    "a table": "| a | b |\n|---|--:|\n| 1 | *2* |\n\n| x |\n|---|\n",
    "strikethrough": "a ~~b~~ c ~d~ and ~10 to ~20",
    "raw HTML": 'a<br>b <b class="x">c</b>\n\n<div id="d">\n*e*\n</div>\n\n<!-- f -->\n\n# g\n',
    "the end of the summary": "# a\n\nb [c](#a)\n\n<!--more-->\n\nd\n",
    "no words": "![a](b.png)\n\n---\n\n> c\n\nd\n",
    "line ends of Windows": "a\r\nb\r\n\r\n# c\r\n",
    "a byte order mark": "\ufeff# a\n",
    "Chinese": "# 東京\n\n東京は日本の首都です。*強調*\n",
    "nothing": "",
}

LEAVES = {
    "a footnote": "a[^1]\n\n[^1]: b\n",
    "an alert": "> [!NOTE]\n> a\n",
    "a task": "- [x] a\n",
    "a bare host": "see www.example.org",
    "a bare address": "write to a@example.org",
    "attributes of a heading": "# a {#b .c}\n",
    "a caption": '```py title="a.py"\nb\n```\n',
    "a dead link": "a\n\n[b](dead.md)\n",
    "deep blocks": ">" * 60 + " a\n",
    "control characters": "a\vb\f&#2;",
    "HTML in a heading": "# a<br>b\n",
    "a URL in a link of HTML": "<a href='b'>http://c.d</a>\n",
    "a list that may be loose": "- a\n  > b\n  >\n- c\n",
    "a line that goes on a text": "1.   - a\n    - b\n",
    "a table that begins as a list": "- a |\n|---|\n",
    "a table that begins as a heading": "# a | b\n--|--\n",
    "a table that begins as a quotation": "> a |\n|---|\n",
    "a fragment that means a heading": "[a](#B-c)\n\n# b c\n",
}


@pytest.mark.parametrize("name", READS)
def test_the_fast_engine_reads(name: str) -> None:
    default, fast = both(READS[name])
    assert said(fast) == said(default)
    assert not fast.fell_back


def test_marks_are_seen_on_the_way_where_no_raw_html_can_hold_more() -> None:
    texts = {"[a](b.md)\n\n# c\n": True, "<https://a.b/>\n": True, "<b>a</b> [c](d.md)\n": False}
    assert {text: both(text)[1].marks is not None for text in texts} == texts


@pytest.mark.parametrize("name", LEAVES)
def test_the_fast_engine_leaves(name: str) -> None:
    default, fast = both(LEAVES[name])
    assert said(fast) == said(default)
    assert fast.fell_back


def test_a_dead_link_is_told_with_its_line_and_column() -> None:
    faults = both("# a\n\nb\nc [d](dead.md)\n")[1].faults
    assert [(fault.line, fault.column) for fault in faults] == [(4, 3)]


def test_html_of_strangers_is_text_and_their_schemes_are_refused() -> None:
    for text in ("<b>a</b>\n", "[a](javascript:b)\n", "[a](data:b) c\n", "a [b](c.md)\n"):
        default, fast = both(text, "untrusted")
        assert said(fast) == said(default), text


def test_ids_of_strangers_have_their_prefix_by_both_engines() -> None:
    for text in ("# a\n\n## b\n\n## b\n", "[a](#b) [c](#x)\n\n## b\n", "# a[^1]\n\n[^1]: b\n"):
        default, fast = both(text, "untrusted")
        assert said(fast) == said(default), text
        assert 'id="user-content-' in fast.html
    assert not both("# a\n", "untrusted")[1].fell_back


@pytest.mark.parametrize("highlight", [True, False])
def test_code_has_the_colours_that_it_has_by_the_default_engine(highlight: bool) -> None:
    options = MarkdownOptions(highlight=highlight)
    text = "```python\ndef f(x='<'):  # &\n    return f\"{x}\"\n```\n\n```nonesuch\n<\n```\n"
    assert (
        FastMarkdown(options).render(text, file="a.md").html
        == Markdown(options).render(text, file="a.md").html
    )


@pytest.mark.long
def test_the_examples_of_the_specifications_come_out_the_same() -> None:
    every = [both(text) for text in examples()]
    assert [default.html for default, fast in every if said(default) != said(fast)] == []
    assert sum(fast.fell_back for _, fast in every) < len(every) / 4


CHANCE = "ENGINE_TEST_CHANCE" in os.environ
"""Other texts each time, for a hunt by hand: what chance finds must not stop a change of something else."""
TEXTS = st.lists(st.sampled_from(PARTS), max_size=30).map("".join)


@settings(derandomize=True)
@given(TEXTS)
def test_any_text_comes_out_the_same(text: str) -> None:
    default, fast = both(text)
    assert said(fast) == said(default)


@pytest.mark.long
@settings(max_examples=20_000, derandomize=not CHANCE)
@given(TEXTS)
def test_any_of_many_texts_comes_out_the_same(text: str) -> None:
    default, fast = both(text)
    assert said(fast) == said(default)


@pytest.mark.long
@pytest.mark.parametrize("corpus", SHARE)
def test_what_others_wrote_comes_out_the_same(corpus: str) -> None:
    folder = CORPORA / corpus / "content"
    if not folder.is_dir():
        pytest.skip("the corpora are not here")
    every = [both(body) for body in bodies(folder)]
    assert [default.html[:200] for default, fast in every if said(default) != said(fast)] == []
    sure = 1 - sum(fast.fell_back for _, fast in every) / len(every)
    assert sure >= SHARE[corpus]


def bodies(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*")):
        if file.suffix in (".md", ".markdown") and file.is_file():
            text = file.read_bytes().decode("utf-8", "replace")
            try:
                yield split(text, file=file.name).body
            except SiteError:
                yield text
