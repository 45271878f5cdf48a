"""The title of a page, known without rendering it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.entities import html5
from typing import Any

LONGEST = 1000
"""Characters of a heading that are read for a title: its marks take time in the square of its length."""

_FIRST_LINE = re.compile(r"\s*+([^\n]++)(?:\n(=++)[ \t]*+(?=\n|\Z))?")
_DATED = re.compile(r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[-_](?=.)")
_ATTRIBUTES = re.compile(r"(?<!\\)\{[ \t]*(?:[#.][\w:.-]+[ \t]*)+\}$")
_INLINE = re.compile(
    r"""(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)
    | \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?P<entity>&(?:\#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})|[A-Za-z][A-Za-z0-9]*);)
    | <(?P<url>[A-Za-z][A-Za-z0-9+.-]+:[^<>\s]*)> | </?[A-Za-z][^<>]*> | <!--.*?-->
    | !?\[(?P<text>(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*+)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\[\]]*\])
    | ~~ | (?<!\w)_+(?=\S) | (?<=\S)_+(?!\w) | \*+(?=\S) | (?<=\S)\*+
    """,
    re.VERBOSE,
)
"""What is not text in a heading: code, escapes, addresses, tags, links and images, emphasis."""


def title_of(meta: Mapping[str, Any], body: str, path: str) -> str:
    """The title that the author gave, else the heading that the body begins with, else one made of the path."""
    given = meta.get("title")
    if given is not None:
        return str(given)
    if heading := _heading(body):
        return plain(_ATTRIBUTES.sub("", heading[:LONGEST]))
    name = _DATED.sub("", path.rstrip("/").rpartition("/")[2])
    return re.sub(r"[-_]+", " ", name).strip().capitalize()


def _heading(body: str) -> str | None:
    """The text of the first-level heading that `body` begins with, in Markdown."""
    first = _FIRST_LINE.match(body)
    if first is None:
        return None
    line, underline = first.groups()
    if underline is not None:
        return str(line)
    if not line.startswith(("# ", "#\t")):
        return None
    text = line[1:].strip()
    bare = text.rstrip("#")  # a closing run of `#` is no text, where a space stands before it
    return bare.rstrip() if bare[-1:] in ("", " ", "\t") else text


def plain(text: str) -> str:
    """The text of a heading in Markdown, without its marks."""
    return " ".join(_INLINE.sub(_unmarked, text).split())


def _unmarked(match: re.Match[str]) -> str:
    if (code := match["code"]) is not None:
        return str(code)
    if (text := match["text"]) is not None:
        return plain(text)
    if (entity := match["entity"]) is not None:
        return unescape(entity) if entity[1] == "#" or entity[1:] in html5 else entity
    return match["escaped"] or match["url"] or ""
