"""Finds the references and the ids in HTML and CSS, without building a document.

The scanner knows what it must of HTML's syntax (WHATWG HTML §13.2.5): comments, raw-text elements, quoted and bare
attributes. A page costs it tens of microseconds, which a parser spends on a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from engine.freeze.target import Link

ATTRIBUTES = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
TOKEN = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(?P<raw>script|style|textarea|title|xmp)\b(?P<raw_attributes>{ATTRIBUTES})>(?P<text>.*?)(?:</(?P=raw)\b|\Z)"
    rf"|<(?P<tag>[a-z][^\s/>]*)(?P<attributes>\s{ATTRIBUTES})>",
    re.S | re.I,
)
ATTRIBUTE = re.compile(r"""([^\s"'>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
CSS_URL = re.compile(
    r"""/\*.*?\*/|url\(\s*(?:"([^"]*)"|'([^']*)'|([^\s"'()]+))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')""",
    re.S | re.I,
)
LINKS = frozenset(["href", "src", "poster", "data", "action", "formaction"])
SETS = frozenset(["srcset", "imagesrcset"])
META_URLS = frozenset(["og:image", "og:url", "og:audio", "og:video", "twitter:image"])
INTERESTING = re.compile(r"(?:href|src|srcset|poster|data|action|formaction|id|name|style|content)\s*=", re.I)


@dataclass(frozen=True, slots=True)
class Found:
    """What a page refers to, what it can be referred to by, and its `<base href>`."""

    links: tuple[Link, ...]
    ids: frozenset[str]
    base: str = ""


def in_html(text: str) -> Found:
    """The references of a page, each once, in order, and its fragment ids."""
    links: dict[Link, None] = {}
    ids: set[str] = set()
    base = ""
    for token in TOKEN.finditer(text):
        tag = (token["tag"] or token["raw"] or "").lower()
        attributes = token["attributes"] or token["raw_attributes"]
        if tag == "style":
            links.update(dict.fromkeys(_css_links(token["text"])))
        if not attributes or not INTERESTING.search(attributes):
            continue
        values = {m[1].lower(): _value(m) for m in ATTRIBUTE.finditer(attributes)}
        if tag == "base" and "href" in values:
            base = values["href"]
            continue
        links.update(dict.fromkeys(_links(tag, values)))
        ids.update(
            value for name in ("id", "name") if (value := values.get(name)) and (name == "id" or tag == "a")
        )
    return Found(tuple(links), frozenset(ids), base)


def in_css(text: str) -> Found:
    """The references of a style sheet."""
    return Found(tuple(dict.fromkeys(_css_links(text))), frozenset())


def _value(match: re.Match[str]) -> str:
    value = match[2] or match[3] or match[4] or ""
    return (unescape(value) if "&" in value else value).strip()


def _links(tag: str, values: dict[str, str]) -> Iterator[Link]:
    for name, value in values.items():
        if name in LINKS and value and not (name == "data" and tag != "object"):
            yield Link(value, follow=name not in ("action", "formaction"))
        elif name in SETS:
            yield from (Link(part.split()[0]) for part in re.split(r",\s+|,$", value) if part.strip())
        elif name == "style":
            yield from _css_links(value)
    if (
        tag == "meta"
        and values.get("property", values.get("name", "")).lower() in META_URLS
        and values.get("content")
    ):
        yield Link(values["content"])


def _css_links(text: str) -> Iterator[Link]:
    for match in CSS_URL.finditer(text):
        if href := next(filter(None, match.groups()), None):
            yield Link(href.strip())
