"""Writes the URLs of a Markdown document's links, and says where in the file each stands."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from engine.errors import Fault, SiteError

Link = Callable[[str, int], str]
"""The URL of a link or image as written, and its line in the file → the URL to write. May raise `SiteError`."""


LINE_END = re.compile(r"\r\n?|\n")


class LinkWriter:
    """The links of one document. `faults` are those that `link` raised, each with its column.

    `text` is the Markdown, whose first line is the line `first_line` (from 1) of the file.
    """

    def __init__(self, text: str, first_line: int, link: Link | None) -> None:
        self.faults: list[Fault] = []
        self._text, self._first_line, self._link = text, first_line, link

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
        column = LINE_END.split(self._text)[line].find(begins)
        return column + 1 if column >= 0 else None
