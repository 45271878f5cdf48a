"""Raw HTML of a Markdown text, put aside before the text is read, so that every tag in the HTML is one of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from engine.rendering.fast.doubt import Doubt
from engine.rendering.markdown_rules import MORE

MARK = re.compile(r"<!--\d+-->\n|<x-\d+>")
"""What stands for a block of HTML, and for a tag within a text: HTML too, so that nothing else is read otherwise."""

_PLAIN_COMMENT = re.compile(r"<!--(?!-?>)(?:[^-]|-(?!-))*+-->")
_LINE_END = ord("\n")
_NO_PLACE = frozenset(("Heading", "Image", "Table"))
"""Where a tag would also have to stand in the contents, in an attribute, or in a cell."""

Event = tuple[Any, Any]
"""An event of pyromark's, and its place in bytes: `start` and `end`."""


class Piece(NamedTuple):
    """Raw HTML, and where in a text it begins and ends, in bytes."""

    start: int
    end: int
    html: str
    is_block: bool

    def mark(self, number: int) -> str:
        """What stands for it."""
        return f"<!--{number}-->\n" if self.is_block else f"<x-{number}>"


class Aside(NamedTuple):
    """A text with marks in place of its raw HTML; `more` is the mark at which the summary ends."""

    text: str
    html: Mapping[str, str] = {}
    more: str | None = None

    def back(self, html: str) -> str:
        """HTML with the raw HTML in place of its marks."""
        return MARK.sub(lambda mark: self.html[mark[0]], html)

    @property
    def may_link(self) -> bool:
        """Whether a tag within a text may begin a link, in which a bare URL is none."""
        return any(mark.startswith("<x") and it[:2].lower() == "<a" for mark, it in self.html.items())

    def refuse(self, html: str) -> None:
        """Raises `Doubt` unless each mark became HTML, in the order of the text."""
        if MARK.findall(html) != list(self.html):
            raise Doubt("a mark that is no HTML")


def put_aside(text: str, events: Iterable[Event]) -> Aside:
    """The text, of which these are the events, without its raw HTML. Raises `Doubt` where that cannot be told apart."""
    source = text.encode()
    pieces = list(_pieces(source, events))
    if not pieces:
        return Aside(text)
    parts, at = list[bytes](), 0
    for number, piece in enumerate(pieces):
        parts += (source[at : piece.start], piece.mark(number).encode())
        at = piece.end
    parts.append(source[at:])
    html = {piece.mark(number): piece.html for number, piece in enumerate(pieces)}
    return Aside(b"".join(parts).decode(), html, _more(pieces))


def _pieces(source: bytes, events: Iterable[Event]) -> Iterator[Piece]:
    inside: list[str] = []
    block: list[str] = []
    for event, place in events:
        if isinstance(event, str):
            continue
        [(kind, value)] = event.items()
        if kind == "Start":
            inside.append(value if isinstance(value, str) else next(iter(value)))
            block = []
        elif kind == "End":
            if inside.pop() == "HtmlBlock":
                yield _block(source, place, "".join(block), inside)
        elif kind == "Html":
            block.append(value)
        elif kind == "InlineHtml":
            yield _inline(source, place, value, inside)


def _block(source: bytes, place: Any, html: str, inside: list[str]) -> Piece:
    start, end = place["start"], place["end"]
    begins_a_line = start == 0 or source[start - 1] == _LINE_END
    if inside or not begins_a_line or source[start:end] != html.encode():
        raise Doubt("a block of HTML in another")
    return Piece(start, end, html, is_block=True)


def _inline(source: bytes, place: Any, html: str, inside: list[str]) -> Piece:
    start, end = place["start"], place["end"]
    if html.startswith("<!") and not _PLAIN_COMMENT.fullmatch(html):
        raise Doubt("an odd comment")
    if "\n" in html or source[start:end] != html.encode() or not _NO_PLACE.isdisjoint(inside):
        raise Doubt("a tag in another text than a paragraph's")
    return Piece(start, end, html, is_block=False)


def _more(pieces: Iterable[Piece]) -> str | None:
    """The mark of the first marker of a summary."""
    for number, piece in enumerate(pieces):
        if MORE.match(piece.html):
            if not piece.is_block:
                raise Doubt("the end of the summary in a paragraph")
            return piece.mark(number)
    return None
