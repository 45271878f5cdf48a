"""Finds the references and the ids in HTML and CSS, without building a document.

The scanner knows what it must of HTML's syntax (WHATWG HTML §13.2.5): comments, raw-text elements, quoted and bare
attributes. A page costs it tens of microseconds, which a parser spends on a paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import NamedTuple

# Runs of plain characters between the quoted ones, not one character at a time: a page has thousands.
ATTRIBUTES = r"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*"""
TOKEN = re.compile(
    rf"<(?:!--.*?(?:-->|\Z)"
    rf"|(script|style|textarea|title|xmp)\b({ATTRIBUTES})>(.*?)(?:</\1\b|\Z)"
    rf"|([a-z][^\s/>]*)\s({ATTRIBUTES})>)",
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


class Reference(NamedTuple):
    """What an attribute or a style sheet names, as it was written; `follow` is false for the action of a form."""

    href: str
    follow: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a page refers to, what it can be referred to by, and its `<base href>`."""

    references: tuple[Reference, ...]
    ids: frozenset[str]
    base: str = ""


def in_html(text: str) -> Found:
    """The references of a page, each once, in order, and its fragment ids."""
    references: dict[Reference, None] = {}
    ids: set[str] = set()
    base = ""
    for raw, raw_attributes, content, tag, attributes in TOKEN.findall(text):
        if raw[:5].lower() == "style":
            references.update(dict.fromkeys(_css_links(content)))
        if attributes or raw_attributes:
            found = _in_tag((tag or raw).lower(), attributes or raw_attributes)
            if found is not NOTHING:
                references.update(dict.fromkeys(found.references))
                ids |= found.ids
                base = base or found.base
    return Found(tuple(references), frozenset(ids), base)


NOTHING = Found((), frozenset())


@lru_cache(maxsize=8192)  # the header and the footer of a site say the same on every page
def _in_tag(tag: str, attributes: str) -> Found:
    """What one start tag says."""
    if not INTERESTING.search(attributes):
        return NOTHING
    values = {m[1].lower(): _value(m) for m in ATTRIBUTE.finditer(attributes)}
    if tag == "base":
        return Found((), frozenset(), values.get("href", ""))
    names = ("id", "name") if tag == "a" else ("id",)
    ids = frozenset(value for name in names if (value := values.get(name)))
    references = tuple(_links(tag, values))
    return Found(references, ids) if references or ids else NOTHING


def in_css(text: str) -> Found:
    """The references of a style sheet."""
    return Found(tuple(dict.fromkeys(_css_links(text))), frozenset())


def _value(match: re.Match[str]) -> str:
    value = match[2] or match[3] or match[4] or ""
    return (unescape(value) if "&" in value else value).strip()


def _links(tag: str, values: dict[str, str]) -> Iterator[Reference]:
    for name, value in values.items():
        if name in LINKS and value and not (name == "data" and tag != "object"):
            yield Reference(value, follow=name not in ("action", "formaction"))
        elif name in SETS:
            yield from (Reference(part.split()[0]) for part in re.split(r",\s+|,$", value) if part.strip())
        elif name == "style":
            yield from _css_links(value)
    if (
        tag == "meta"
        and values.get("property", values.get("name", "")).lower() in META_URLS
        and values.get("content")
    ):
        yield Reference(values["content"])


def _css_links(text: str) -> Iterator[Reference]:
    for match in CSS_URL.finditer(text):
        if href := next(filter(None, match.groups()), "").strip():
            yield Reference(href)
