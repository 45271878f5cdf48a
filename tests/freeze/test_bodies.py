"""A freeze finds the bodies that the last one has rendered in its output, where all that they were made of stands."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.rendering.markdown import Markdown, Rendered
from freeze_tools import Bench

LAYOUT = (
    "<title>{{ page.title }}</title>"
    "{% for it in page.toc %}<a href='#{{ it.id }}'>{{ it.html }}</a>{% endfor %}"
    "<p>{{ page.words }} words: {{ page.summary }}</p><main>{{ content }}</main>"
)
SITE = {
    "pages/_layout.html": "<title>{{ page.title }}</title><main>{{ content }}</main>",
    "pages/index.md": "# Home\n\nSee [the *bread*](bread.md#crust).\n\n## About us\n\n### Where\n",
    "pages/bread.md": "# Bread\n\n## Crust\n\n```python\nbake(42)\n```\n",
    "pages/notes.md": "# Notes\n\nSome <b>bold</b> words.\n",
    "pages/feed.xml.jinja": "{% for it in pages.under('/') %}<entry>{{ it.content }}</entry>{% endfor %}",
}
ALL = ["pages/bread.md", "pages/index.md", "pages/notes.md"]

Rendering = Callable[[], list[str]]


@pytest.fixture(params=["default", "fast"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param == "fast":
        pytest.importorskip("pyromark", reason="the extra `fast` is not installed")
    return Bench(tmp_path, {**SITE, "site.toml": f'[markdown]\nengine = "{request.param}"\n'})


@pytest.fixture
def rendered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Rendering:
    """Freezes, compares with a clean freeze, and tells which files of Markdown the first of the two has rendered."""
    texts: set[str] = set()
    bench.freeze()  # which imports the engine that is to be watched
    shutil.rmtree(bench.root / ".engine")
    for kind in (Markdown, *Markdown.__subclasses__()):
        if "render" in vars(kind):
            monkeypatch.setattr(kind, "render", _noting(kind.render, texts))

    def freeze() -> list[str]:
        texts.clear()
        bench.freeze()
        found = sorted(texts)
        bench.agrees()
        return found

    assert freeze() == ALL
    return freeze


def _noting(render: Callable[..., Rendered], texts: set[str]) -> Callable[..., Rendered]:
    def noting(markdown: Markdown, text: str, *, file: str, **options: Any) -> Rendered:
        texts.add(file)
        return render(markdown, text, file=file, **options)

    return noting


def test_another_layout_renders_no_markdown(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_layout.html", "<title>{{ page.title }}</title><article>{{ content }}</article>")
    assert rendered() == []
    assert "<article><h1" in (bench.output / "bread/index.html").read_text()


def test_all_that_is_known_of_a_body_is_known_again(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_layout.html", LAYOUT.replace("{{ page.words }}", "Some"))
    assert rendered() == []
    text = (bench.output / "index.html").read_text()
    assert "<a href='#about-us'>About us</a>" in text and "Some words: <p>See" in text


def test_words_are_counted_in_the_text(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_layout.html", LAYOUT)
    assert rendered() == ALL
    assert "<p>7 words" in (bench.output / "index.html").read_text()


def test_an_edited_body_is_rendered_alone(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_layout.html", "{{ content }}")
    bench.edit("pages/notes.md", "bold", "strong")
    assert rendered() == ["pages/notes.md"]


def test_a_body_with_a_link_that_is_dead_now_is_rendered(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_layout.html", "{{ content }}")
    (bench.root / "pages/bread.md").unlink()
    assert rendered() == ["pages/index.md"]


def test_a_body_of_strangers_is_rendered_by_their_rules(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_data.yaml", "trust: untrusted\n")
    assert rendered() == ALL
    assert "&lt;b&gt;" in (bench.output / "notes/index.html").read_text()


def test_other_settings_of_markdown_render_all(bench: Bench, rendered: Rendering) -> None:
    bench.write("site.toml", (bench.root / "site.toml").read_text() + "highlight = false\n")
    assert rendered() == ALL


@pytest.mark.parametrize("damage", ["changed", "shorter", "gone"])
def test_a_body_that_is_not_as_it_was_is_rendered(bench: Bench, rendered: Rendering, damage: str) -> None:
    file = bench.output / "notes/index.html"
    if damage == "gone":
        file.unlink()
    else:
        text = file.read_text()
        file.write_text(text.replace("bold", "BOLD") if damage == "changed" else text[:20])
    bench.write("pages/_layout.html", "{{ content }}")
    assert rendered() == ["pages/notes.md"]


def test_a_body_that_its_page_does_not_show_as_it_is_is_rendered(bench: Bench, rendered: Rendering) -> None:
    bench.write("pages/_layout.html", "{{ content|replace('\\n', ' ') }}")
    assert rendered() == []
    bench.write("pages/_layout.html", "{{ content }}")
    assert rendered() == ALL
