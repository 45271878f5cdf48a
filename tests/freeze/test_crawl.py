"""References and ids are found in HTML and CSS as a parser finds them, in any text, in linear time."""

from __future__ import annotations

import html
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import Config
from engine.freeze.asking.addresses import Addresses
from engine.freeze.asking.crawl import Found, Reference, around, in_css, in_html
from engine.freeze.target import Target
from growth import seconds

TARGET = Target("/a/", "/a/", "a/index.html", "pages/a.md")
VOID = ("img", "input", "link", "meta", "br")


class Reader(HTMLParser):
    """The same by the standard library's parser."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in reversed(list(reversed(dict(reversed(attrs)).items()))):
            text = (value or "").strip()
            if name in ("href", "src", "poster", "action", "formaction") and text:
                self.links.append(text)
            if (name == "id" or (name == "name" and tag == "a")) and text:
                self.ids.add(text)


def read(text: str) -> tuple[set[str], set[str]]:
    reader = Reader()
    reader.feed(text)
    reader.close()
    return set(reader.links), reader.ids


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12)
names = st.sampled_from(
    ["href", "src", "id", "name", "class", "title", "data-x", "HREF", "alt", "poster", "disabled", "action"]
)


@st.composite
def attribute(draw: st.DrawFn) -> str:
    name, value = draw(names), draw(words)
    quote = draw(st.sampled_from(['"', "'", "", None]))
    if quote is None:
        return name
    if not quote:
        bare = "".join(c for c in value if not c.isspace() and c not in "\"'=<>`&/") or "x"
        return f"{name}={bare}"
    space = draw(st.sampled_from(["", " ", "\n"]))
    return f"{name}{space}={space}{quote}{html.escape(value)}{quote}"


@st.composite
def start(draw: st.DrawFn, tags: st.SearchStrategy[str]) -> tuple[str, str]:
    tag = draw(tags)
    attributes = draw(
        st.lists(attribute(), max_size=4, unique_by=lambda it: it.split("=")[0].strip().lower())
    )
    between = draw(st.sampled_from([" ", "\n", "  ", "\t"]))
    return tag, "<" + between.join([tag, *attributes]) + draw(st.sampled_from(["", " "])) + ">"


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tags = st.sampled_from(["a", "p", "DIV", "video", "form", "x-script", "title-bar", "button"])
    return st.builds(lambda opened, text: f"{opened[1]}{text}</{opened[0]}>", start(tags), inner)


raw = st.builds(
    lambda opened, text: f"{opened[1]}{text}</{opened[0]}>",
    start(st.sampled_from(["script", "style"])),
    st.sampled_from(["", "x = '<a href=\"/not/\">'", "a < b", "<!-- x", "</ script", "p > a { color: red }"]),
)
void = start(st.sampled_from(VOID)).map(lambda opened: opened[1])
comment = st.sampled_from(["<!-- <a href='/not/'> -->", "<!---->", "<!-- > -- > -->", "<!doctype html>"])
text = words.map(html.escape)
documents = st.recursive(
    st.one_of(text, raw, void, comment),
    lambda inner: st.lists(element(inner) | inner, max_size=4).map("".join),
    max_leaves=20,
)


@pytest.mark.long
@settings(deadline=None)
@given(documents)
def test_it_finds_in_sound_html_what_a_parser_finds(document: str) -> None:
    found = in_html(document)
    assert {reference.href for reference in found.references} == read(document)[0]
    assert found.ids == read(document)[1]


@pytest.mark.long
@settings(deadline=None)
@given(documents, documents, documents)
def test_what_is_known_of_a_part_need_not_be_looked_for(before: str, inner: str, after: str) -> None:
    assert around(before, in_html(inner), after) == in_html(before + inner + after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<!-- ", " -->"),
        ("<script>", "</script>"),
        ("<title>", "</title>"),
        ('<p title="', '">'),
        ("<p ", ">"),
        ("<engine-hole >", ""),
    ],
)
def test_what_stands_in_no_element_is_looked_through_with_its_page(before: str, after: str) -> None:
    assert around(before, in_html("<a href='/a/'>a</a>"), after) is None


pieces = st.lists(
    st.sampled_from(
        ["<", ">", "a", "<a ", "<!--", "-->", "href", "=", '"', "'", "/", " ", "<script",
        "</script", "<style>", "&", "#", "\n", "\0", "?",
         "url(", ")", "/*", "*/", "@import", "srcset=", ",", ";", "é", "\ud800", "http://[", "//", "id=", "<base "]
    ),
    max_size=40,
).map("".join)  # fmt: skip


@settings(deadline=None)
@given(pieces | st.text(max_size=60))
def test_no_text_is_too_broken(text: str) -> None:
    addresses = Addresses(Config(root="/", base_url="https://example.org/x"))
    for found in (in_html(text), in_css(text)):
        addresses.links(TARGET, found)


@pytest.mark.long
@pytest.mark.parametrize(
    "piece",
    ["<a ", "<a '", '<a x="', "<a x='", "<!--", "<script ", "<script>", "<title", "=", '"',
    "<a href=", "</", "<a b=\"c\" ", "< a",
     "url(", 'url("', "/*", "@import '", "<p style='", "<img srcset='", ",", " ,", "a ,"],
)  # fmt: skip
def test_time_is_linear_in_the_text(piece: str) -> None:
    def read_all(count: int) -> None:
        text = piece * count
        in_html(text)
        in_css(text)
        in_html(f'<img srcset="{text}">')

    short, long = (seconds(lambda count=count: read_all(count), 3) for count in (4_000, 40_000))
    assert long < 30 * max(short, 0.001)  # of the processor; the square would be a hundred times


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("<a href=/a/b>", ["/a/b"]),
        ("<a href=/a/>", ["/a/"]),
        ("<A HREF = '/a/'>", ["/a/"]),
        ("<a href=' /a/ '>", ["/a/"]),
        ("<a href='/a/' href='/b/'>", ["/a/"]),
        ('<a title="a > b" href="/a/">', ["/a/"]),
        ('<a title="href=/no/" href="/a/">', ["/a/"]),
        ("<p don't><a href='/a/'>", ["/a/"]),
        ("<a href='/a/?x=1&amp;y=2#z'>", ["/a/?x=1&y=2#z"]),
        ("<a/href='/a/'>", ["/a/"]),
        ("<br/><img src='/a.png'/>", ["/a.png"]),
        ("<title-bar><a href='/a/'></title-bar>", ["/a/"]),
        ("<script-x><a href='/a/'>", ["/a/"]),
        ("<script>'<a href=/no/>'</script><a href=/a/>", ["/a/"]),
        ("<script src='/s.js'></script>", ["/s.js"]),
        ("<title><a href='/no/'></title>", []),
        ("<!--><a href='/a/'>", ["/a/"]),
        ("<!-- <a href='/no/'> --!><a href='/a/'>", ["/a/"]),
        ("<!-- <a href='/no/'>", []),
        ("<a href='/no/'", []),
        ("</a href='/no/'>", []),
        ("<img srcset='/a.png 1x, /b.png 2x'>", ["/a.png", "/b.png"]),
        ("<img srcset='/a.png 1x,/b.png 2x'>", ["/a.png", "/b.png"]),
        ("<img srcset='/a,b.png, /c.png 2x,'>", ["/a,b.png", "/c.png"]),
        ("<img srcset=' , '>", []),
        ("<object data='/a.svg'></object><p data='/no/'>", ["/a.svg"]),
        ("<p style='background: url(&quot;/a.png&quot;)'>", ["/a.png"]),
        ("<style>@import '/a.css'; p { content: 'url(/no.png)' } /* url(/no) */</style>", ["/a.css"]),
        ("<meta property='og:image' content='/a.png'><meta name='description' content='/no/'>", ["/a.png"]),
        ("<a href=''><a href=' '><a href>", []),
        ("<a\nhref='/a/'\n>", ["/a/"]),
    ],
)  # fmt: skip
def test_references(text: str, links: list[str]) -> None:
    assert [reference.href for reference in in_html(text).references] == links


def test_the_first_base_counts() -> None:
    assert in_html("<base href='/a/'><base href='/b/'>").base == "/a/"


@pytest.mark.parametrize(
    "href", ["", " ", "#", "?", "/", "//", "http://[", "http://", "a:b", "\\", "%", "%ff", "\ud800"]
)
def test_odd_addresses_are_read_without_harm(href: str) -> None:
    addresses = Addresses(Config(root="/", base_url="https://example.org"))
    addresses.links(TARGET, in_html(f'<a href="{href}">'))
    addresses.links(TARGET, in_css(f'url("{href}")'))


PARTS = """
/ // a b-c . .. x.html # ? q=1 %20 é http:// https:// HTTPS:// example.org other.org _ : @ ~ \\"""


@given(st.lists(st.sampled_from(PARTS.split()), min_size=1, max_size=7).map("".join))
def test_an_address_leads_where_the_standard_library_says(href: str) -> None:
    addresses = Addresses(Config(root="/", base_url="https://example.org"))
    links = addresses.links(TARGET, Found((Reference(href),), frozenset()))
    full = urlsplit(urljoin("https://example.org/a/", href))
    inside = (full.scheme, full.netloc) == ("https", "example.org")
    wanted = [(unquote(full.path) or "/", unquote(full.fragment))] if inside else []
    assert [(link.path, link.fragment) for link in links] == wanted
