"""The built-in theme: what a page, an error and a redirect look like where the site says nothing."""

import datetime as dt
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from markupsafe import Markup
from werkzeug.exceptions import BadRequest, Gone, HTTPException, InternalServerError, NotFound

import engine.rendering
from engine.rendering.jinja import Environment

THEME = Path(engine.rendering.__file__).parent / "theme"
CSS = (THEME / "theme.css").read_text("utf-8")
VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})
HOME = SimpleNamespace(title="Start", path="/", url="/notes/", date=None)
TIDE = SimpleNamespace(title="The tide", path="/tide/", url="/notes/tide/", date=None)
BODY = Markup("<p>Text</p>")


class Document(HTMLParser):
    """A page taken apart; fails where a tag is not closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.texts.setdefault(tag, "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self._open:
            self.texts[tag] += data

    def all(self, tag: str, **having: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.tags if name == tag and having.items() <= found.items()]

    def meta(self, name: str) -> str | None:
        found = self.all("meta", name=name)
        return found[0]["content"] if found else None

    def canonical(self) -> str | None:
        found = self.all("link", rel="canonical")
        return found[0]["href"] if found else None


def site(**settings: str) -> SimpleNamespace:
    base_path = re.sub(r"^https?://[^/]*|/$", "", settings.get("base_url", ""))
    plain = {"title": "", "description": "", "language": "en", "author": "", "base_url": "", "name": "mysite"}
    return SimpleNamespace(**plain | {"base_path": base_path} | settings)


FULL = site(
    title="Field & notes",
    description="On tides",
    base_url="https://example.com/notes/",
    author="Ada",
    language="de",
)


def render(text: str = "engine/layout.html", /, **names: Any) -> str:
    """The template of the theme with this name, or this text."""
    theme = jinja2.PrefixLoader({"engine": jinja2.FileSystemLoader(THEME)})
    environment = Environment(loader=theme)
    template = (
        environment.get_template(text) if text in theme.list_templates() else environment.from_string(text)
    )
    return template.render({"highlight_css": lambda: "pre .k > b { color: red }", "site": site(), **names})


def document(text: str = "engine/layout.html", /, **names: Any) -> Document:
    return Document(render(text, **names))


def test_a_page_is_a_whole_document_in_the_language_of_the_site() -> None:
    page = document(site=FULL, page=TIDE, pages={"/": HOME}, content=BODY)
    assert page.all("html") == [{"lang": "de"}]
    assert page.meta("viewport") == "width=device-width, initial-scale=1"
    assert page.meta("color-scheme") == "light dark"
    assert len(page.all("main")) == len(page.all("header")) == len(page.all("footer")) == 1
    assert page.texts["main"].split() == ["The", "tide", "Text"]
    assert page.texts["footer"] == "Ada"


@pytest.mark.parametrize("name", ["layout.html", "error.html", "redirect.html"])
def test_nothing_is_asked_of_another_host_and_no_script_is_run(name: str) -> None:
    text = render(f"engine/{name}", site=FULL, page=TIDE, content=BODY, error=NotFound(), location="/x/")
    page = Document(text)
    assert not page.all("script")
    assert [link["rel"] for link in page.all("link")] in ([], ["canonical"])
    assert not re.search(r"@import|url\(|\ssrc=", text)


@pytest.mark.parametrize(
    ("page_title", "site_title", "title"),
    [
        ("The tide", "Field & notes", "The tide · Field & notes"),
        ("The tide", "", "The tide"),
        ("", "Field & notes", "Field & notes"),
        ("Field & notes", "Field & notes", "Field & notes"),
        ("", "", "mysite"),
    ],
)
def test_the_title_is_made_of_what_there_is(page_title: str, site_title: str, title: str) -> None:
    page = SimpleNamespace(**vars(TIDE) | {"title": page_title})
    assert document(site=site(title=site_title), page=page, content=BODY).texts["title"] == title


def test_the_description_is_the_pages_own_before_the_sites() -> None:
    own = SimpleNamespace(**vars(TIDE), description='With "marks" & <b>')
    assert document(site=FULL, page=own, content=BODY).meta("description") == 'With "marks" & <b>'
    assert document(site=FULL, page=TIDE, content=BODY).meta("description") == "On tides"
    assert document(page=TIDE, content=BODY).meta("description") is None


@pytest.mark.parametrize("base_url", ["https://example.com/notes", "https://example.com/notes/"])
def test_the_canonical_url_is_absolute_and_there_only_with_a_base_url(base_url: str) -> None:
    page = document(site=site(base_url=base_url), page=TIDE, content=BODY)
    assert page.canonical() == "https://example.com/notes/tide/"
    assert document(page=TIDE, content=BODY).canonical() is None
    root = SimpleNamespace(title="", path="/a/", url="/a/", date=None)
    assert (
        document(site=site(base_url="https://a.org"), page=root, content=BODY).canonical()
        == "https://a.org/a/"
    )


def test_a_page_has_one_main_heading_of_its_own_or_of_its_title() -> None:
    assert len(document(page=TIDE, content=BODY).all("h1")) == 1
    own = document(page=TIDE, content=Markup('<h1 id="a">Own</h1>'))
    assert (len(own.all("h1")), own.texts["h1"]) == (1, "Own")


def test_a_dated_page_says_its_date() -> None:
    dated = SimpleNamespace(**vars(TIDE) | {"date": dt.date(2026, 1, 31)})
    page = document(page=dated, content=BODY)
    assert page.all("time") == [{"datetime": "2026-01-31"}]
    assert not document(page=TIDE, content=BODY).all("time")


def test_the_header_leads_home_where_there_is_a_home() -> None:
    inner = document(site=FULL, page=TIDE, pages={"/": HOME}, content=BODY)
    assert inner.all("a", href="/notes/") == [{"href": "/notes/"}]
    home = document(site=FULL, page=HOME, pages={"/": HOME}, content=BODY)
    assert home.all("a", href="/notes/") == [{"href": "/notes/", "aria-current": "page"}]
    assert not document(site=FULL, page=TIDE, pages={}, content=BODY).all("a", href="/notes/")


def test_a_site_of_one_untitled_page_has_no_header_and_others_lead_home_by_name() -> None:
    assert not document(page=HOME, pages={"/": HOME}, content=BODY).all("header")
    assert document(page=TIDE, pages={"/": HOME}, content=BODY).texts["header"] == "mysite"


def test_the_skip_link_is_first_and_leads_to_the_content() -> None:
    page = document(site=FULL, page=TIDE, pages={"/": HOME}, content=BODY)
    links = page.all("a")
    assert links[0] == {"class": "skip", "href": "#_main", "lang": "en"}
    assert page.all("main") == [{"id": "_main", "tabindex": "-1"}]


def test_the_colours_of_code_are_there_only_where_code_is() -> None:
    assert "pre .k > b" in render(page=TIDE, content=Markup("<pre><code>x</code></pre>"))
    assert "pre .k > b" not in render(page=TIDE, content=BODY)


def test_the_layout_can_be_filled_block_by_block() -> None:
    text = (
        '{% extends "engine/layout.html" %}{% block title %}Own <title>{% endblock %}'
        '{% block head %}<meta name="x" content="y">{% endblock %}{% block content %}<h1>Own</h1>{% endblock %}'
    )
    page = document(text.replace("<title>", "&amp; more"), site=FULL, page=TIDE)
    assert page.texts["title"] == "Own & more · Field & notes"
    assert page.meta("x") == "y"
    assert page.texts["main"].strip() == "Own"


def test_the_layout_takes_no_name_from_the_blocks_that_fill_it() -> None:
    text = '{% extends "engine/layout.html" %}{% block content %}{{ title }} {{ description }} {{ home }}{% endblock %}'
    page = document(
        text, site=FULL, page=TIDE, pages={"/": HOME}, title="mine", description="too", home="here"
    )
    assert page.texts["main"].split() == ["mine", "too", "here"]


@pytest.mark.parametrize("error", [NotFound(), BadRequest(), InternalServerError(), Gone()])
def test_an_error_page_has_code_title_one_sentence_and_the_way_home(error: HTTPException) -> None:
    page = document("engine/error.html", site=FULL, pages={"/": HOME}, error=error)
    assert page.texts["title"] == f"{error.code} {error.name} · Field & notes"
    assert page.texts["h1"] == error.name
    assert page.meta("robots") == "noindex"
    lines = [line for line in page.texts["main"].splitlines() if line]
    assert lines[:2] == [str(error.code), error.name]
    assert lines[2].endswith((".", "!", "?"))
    assert lines[3] == "Back to Field & notes"
    assert len(page.all("a", href="/notes/")) == 2


def test_an_error_page_says_what_the_site_gave_as_reason() -> None:
    page = document("engine/error.html", error=NotFound("No post is called <x>."))
    assert "No post is called <x>." in page.texts["main"]
    assert (
        "There is no page at this address." in document("engine/error.html", error=NotFound()).texts["main"]
    )


def test_a_redirect_sends_browsers_robots_and_readers_on() -> None:
    page = document("engine/redirect.html", site=FULL, location="/notes/new/?a=1&b=2")
    assert page.all("meta", **{"http-equiv": "refresh"})[0]["content"] == "0; url=/notes/new/?a=1&b=2"
    assert page.canonical() == "https://example.com/notes/new/?a=1&b=2"
    assert page.all("a") == [{"href": "/notes/new/?a=1&b=2"}]
    away = document("engine/redirect.html", site=FULL, location="https://other.example/")
    assert away.canonical() == "https://other.example/"


def test_the_style_sheet_is_small() -> None:
    assert len(CSS.encode()) <= 6000


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})\b", block))


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


LIGHT, DARK = (_colours(block) for block in re.findall(r":root \{(.*?)\n *\}", CSS, re.DOTALL)[:2])


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_background(palette: dict[str, str]) -> None:
    for name in ("text", "muted", "link", "tip", "important", "warning", "caution"):
        assert _contrast(palette[name], palette["bg"]) >= 4.5, name
        assert _contrast(palette[name], palette["soft"]) >= 4.5, name
    assert _contrast(palette["text"], palette["mark"]) >= 4.5


WIDE = Markup(
    f"<h1>{'Donaudampfschifffahrt' * 4}</h1><p>{'word' * 60} <code>{'code' * 60}</code></p>"
    f"<pre><code>{'line ' * 60}</code></pre><table><tr>{'<th>a heading</th>' * 12}</tr></table>"
    "<img src='data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22 width=%222000%22/>' alt=''>"
)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_a_small_screen(scheme: Any) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme=scheme)
        page.set_content(render(site=FULL, page=TIDE, pages={"/": HOME}, content=WIDE))
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        shown = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        expected = (LIGHT if scheme == "light" else DARK)["bg"]
        assert shown == "rgb({}, {}, {})".format(*(int(expected[at : at + 2], 16) for at in (1, 3, 5)))
        browser.close()
