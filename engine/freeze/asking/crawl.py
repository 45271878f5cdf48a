"""Finds the references and the ids in HTML and CSS, without building a document.

The scanner knows what it must of HTML's syntax (WHATWG HTML §13.2.5): comments, raw-text elements, quoted and bare
attributes. A page costs it tens of microseconds, which a parser spends on a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from html import unescape
from typing import NamedTuple

# Runs of plain characters between the values, not one character at a time: a page has thousands. Possessive, and at
# the end of the text content with what is not closed, so that the time is linear in any text. Each alternative begins
# with the set of its first characters, by which most tags are told apart at once.
ATTRIBUTES = r"""[^>=]*+(?:=\s*+(?:"[^"]*+"|'[^']*+'|)[^>=]*+)*+"""
RAW = "[sS](?i:cript|tyle)|[tT](?i:extarea|itle)|[xX](?i:mp)|[iI](?i:frame)|[nN](?i:oembed|oframes)"
PLAIN_LINK, PLAIN_HEADING = r'a href="([^"&\s]++)">', r'h[1-6] id="([^"&\s]++)">'
TOKEN = re.compile(
    rf"<(?:{PLAIN_LINK}|{PLAIN_HEADING}|(?=[sStTxXiInN])({RAW})(?=[\s/>])({ATTRIBUTES})>(.*?)(?:</(?i:\3)(?=[\s/>])|\Z)"
    rf"|([a-zA-Z][^\s/>]*+)(?:[\s/]({ATTRIBUTES})>|(?:[\s/]{ATTRIBUTES})?+\Z)"
    r"|!--(?:-?>|.*?(?:--!?>|\Z)))",
    re.S,
)
ATTRIBUTE = re.compile(r"""([^\s>/=]++)(?:\s*+=\s*+(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?""")
MUTE = r"""(?:(?:alt|class|rel|title)="[^"]*+"\s*+)*+"""
ONE_VALUE = re.compile(rf"""\s*+{MUTE}(href|src|id)="([^"&\s]++)"\s*+{MUTE}/?""")
"""What most tags that say anything hold: one value, written plainly."""
ONLY_ID = re.compile(r'id="([^"&\s]++)"')
DESCRIPTION = re.compile(r'name="description"\s++content="[^"]*+"\s*+/?')
CANDIDATE = re.compile(r"[\s,]++|(\S*[^\s,])(?:\s[^,]*)?")
"""An image of a set (WHATWG HTML §4.8.4.2.1)."""
CSS_URL = re.compile(
    r"""/\*.*?(?:\*/|\Z)|url\(\s*+(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"'()]+))\s*+\)"""
    r"""|@import\s+(?:"([^"\n]*)"|'([^'\n]*)')|"[^"\n]*"|'[^'\n]*'""",
    re.S | re.I,
)
LINKS = frozenset(["href", "src", "poster", "data", "action", "formaction"])
SETS = frozenset(["srcset", "imagesrcset"])
META_URLS = frozenset(["og:image", "og:url", "og:audio", "og:video", "twitter:image"])
INTERESTING = re.compile(r"(?:href|src|srcset|poster|data|action|formaction|id|name|style|content)\s*=", re.I)


class Reference(NamedTuple):
    """What an attribute or a style sheet names, as it was written; `follow` is false for the action of a form."""

    href: str
    follow: bool = True


class Found(NamedTuple):
    """What a page refers to, what it can be referred to by, and its `<base href>`."""

    references: tuple[Reference, ...]
    ids: frozenset[str]
    base: str = ""


_reference = lru_cache(maxsize=4096)(Reference)
HOLE = "engine-hole"
"""An element in the place of a part of which all is known. A page that has one of its own is scanned whole."""


def in_html(text: str) -> Found:
    """The references of a page, each once, in order, and its fragment ids."""
    return _scanned(text, Found((), frozenset()))[0]


def around(before: str, inner: Found, after: str) -> Found | None:
    """As `in_html`, of a page with whole elements between two parts, which hold `inner` and no `<base>`.

    `None` where it cannot be told, as they stand in a comment, a script or an attribute.
    """
    found, holes = _scanned(f"{before}<{HOLE} >{after}", inner)
    return found if holes == 1 else None


def _scanned(text: str, inner: Found) -> tuple[Found, int]:
    """What a text holds, each of its holes being `inner`, and their number."""
    references: dict[Reference, None] = {}
    ids: set[str] = set()
    base, holes = "", 0
    for href, heading, raw, raw_attributes, content, tag, attributes in TOKEN.findall(text):
        # What each page says in its own words would only fill the memory of `_in_tag`.
        if href:
            references[_reference(href)] = None
            continue
        if heading:
            ids.add(heading)
            continue
        if attributes.startswith('id="') and (only := ONLY_ID.fullmatch(attributes)):
            ids.add(only[1])
            continue
        if tag == "meta" and DESCRIPTION.fullmatch(attributes):
            continue
        if tag == HOLE:
            holes += 1
            references.update(dict.fromkeys(inner.references))
            ids.update(inner.ids)
            continue
        if raw and raw.lower() == "style":
            references.update(dict.fromkeys(_css_links(content)))
        if (says := _in_tag(tag or raw, attributes or raw_attributes)) is not None:
            named, its_ids, its_base = says
            for reference in named:
                references[reference] = None
            ids.update(its_ids)
            base = base or its_base
    return Found(tuple(references), frozenset(ids), base), holes


def of_attributes(urls: Iterable[str], ids: Iterable[str]) -> Found:
    """What these values of attributes, as they are written, refer to and can be referred to by."""
    references = {Reference(url): None for url in map(_plain, urls) if url}
    return Found(tuple(references), frozenset(map(_plain, ids)))


@lru_cache(maxsize=2048)  # the header and the footer of a site say the same on every page
def _in_tag(tag: str, attributes: str) -> tuple[tuple[Reference, ...], tuple[str, ...], str] | None:
    """The references, ids and base of one start tag; `None` where it says nothing."""
    tag = tag.lower()
    if (one := ONE_VALUE.fullmatch(attributes)) and tag != "base":
        name, value = one.groups()
        return ((), (value,), "") if name == "id" else ((Reference(value),), (), "")
    if not INTERESTING.search(attributes):
        return None
    values: dict[str, str] = {}
    for match in ATTRIBUTE.finditer(attributes):
        values.setdefault(match[1].lower(), _value(match))
    base = values.pop("href", "") if tag == "base" else ""
    names = ("id", "name") if tag == "a" else ("id",)
    ids = tuple([value for name in names if (value := values.get(name))])
    references = tuple(_links(tag, values))
    return (references, ids, base) if references or ids or base else None


def in_css(text: str) -> Found:
    """The references of a style sheet."""
    return Found(tuple(dict.fromkeys(_css_links(text))), frozenset())


def _value(match: re.Match[str]) -> str:
    return _plain(match[2] or match[3] or match[4] or "")


def _plain(value: str) -> str:
    return (unescape(value) if "&" in value else value).strip()


def _links(tag: str, values: dict[str, str]) -> Iterator[Reference]:
    for name, value in values.items():
        if name in LINKS and value and not (name == "data" and tag != "object"):
            yield Reference(value, follow=name not in ("action", "formaction"))
        elif name in SETS:
            yield from map(Reference, filter(None, CANDIDATE.findall(value)))
        elif name == "style":
            yield from _css_links(value)
    if (
        tag == "meta"
        and values.get("property", values.get("name", "")).lower() in META_URLS
        and values.get("content")
    ):
        yield Reference(values["content"])


def _css_links(text: str) -> Iterator[Reference]:
    for groups in CSS_URL.findall(text):
        if href := "".join(groups).strip():
            yield Reference(href)
