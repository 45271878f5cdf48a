"""Writes the URLs of a Markdown document's links, and says where in the file each stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import quote, unquote

from markdown_it.token import Token

from engine.errors import Fault, SiteError
from engine.rendering.headings import Ids, words
from engine.rendering.markdown_tags import attributes

Link = Callable[[str, int], str]
"""The URL of a link or image as written, and its line in the file → the URL to write. May raise `SiteError`."""


LINE_END = re.compile(r"\r\n?|\n")
ANCHOR = re.compile(r"""\s(?:id|name)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
"""An id or a name in HTML of the author's own."""


class LinkWriter:
    """The links of one document. `faults` are those that `link` raised, each with its column.

    `text` is the Markdown, whose first line is the line `first_line` (from 1) of the file.
    """

    def __init__(self, text: str, first_line: int, link: Link | None) -> None:
        self.faults: list[Fault] = []
        self._text, self._first_line, self._link = text, first_line, link
        self._lines: list[str] = []

    def inline(self, href: str, line: int, content: str, place: int) -> str:
        """Write the URL of the link at `place` in a block's `content`, which begins at `line` (from 0) of the text."""
        if self._link is None:
            return href
        line += content.count("\n", 0, place)
        return self._write(href, line, content[place:].partition("\n")[0])

    def reference(self, href: str, line: int) -> str:
        """Write the URL of the reference definition that begins at `line` (from 0) of the text."""
        return self._write(href, line, "[")

    def _write(self, href: str, line: int, begins: str) -> str:
        if self._link is None:
            return href
        try:
            return self._link(href, self._first_line + line)
        except SiteError as error:
            column = self._column(line, begins)
            self.faults += [replace(fault, column=fault.column or column) for fault in error.faults]
            return href

    def _column(self, line: int, begins: str) -> int | None:
        """The column (from 1) at which the text of the link begins on its line; a block's content lacks its indent."""
        self._lines = self._lines or LINE_END.split(self._text)
        column = self._lines[line].find(begins)
        return column + 1 if column >= 0 else None


class LinkPlace(NamedTuple):
    """A link of a document: the URL that is written for it, and the line and column of the file at which it begins."""

    url: str
    line: int
    column: int | None


class LinkFinder(LinkWriter):
    """Writes links, and notes the place of each."""

    def __init__(self, text: str, first_line: int, link: Link | None) -> None:
        super().__init__(text, first_line, link)
        self.found: list[LinkPlace] = []

    def _write(self, href: str, line: int, begins: str) -> str:
        url = super()._write(href, line, begins)
        self.found.append(LinkPlace(url, self._first_line + line, self._column(line, begins)))
        return url


def settle(out: list[str], links: Iterable[tuple[int, Token]], ids: Ids, prefix: str = "") -> None:
    """Let links to fragments of the document, whose tags stand in `out`, lead to the headings that they mean.

    Generators make ids by different rules, which drop or join what stands between words. So a fragment that is no id
    means the one heading with the same letters and digits: `#What-s-new-in-2-0` is `#whats-new-in-20`. `prefix` stands
    before each id of the document, and its links leave it out.
    """
    local = [(index, token, unquote(str(token.attrs["href"])[1:])) for index, token in links]
    known = [link for link in local if link[2] in ids] if prefix else []
    strange = [link for link in local if link[2] and link[2] not in ids]
    for index, token, fragment in known:
        _lead(out, index, token, prefix + fragment)
    if not strange:
        return
    headings = ids.by_words()
    anchors = {name for piece in out if "=" in piece for name in ANCHOR.findall(piece)}
    for index, token, fragment in strange:
        if (name := headings.get(words(fragment))) and fragment not in anchors:
            _lead(out, index, token, prefix + name)


def _lead(out: list[str], index: int, token: Token, fragment: str) -> None:
    token.attrs["href"] = f"#{quote(fragment)}"
    out[index] = f"<a{attributes(token)}>"
