"""Where the code of a Markdown text stands: blocks by the lines that the parser tells, spans within their lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it.token import Token

from engine.rendering.markdown_plain import PIECES, PLAIN, plain_tokens

BLOCKS = ("fence", "code_block")
SPACE = r"(?:[ ]|\n[ \t>]*)"
"""What the parser reads as a space of a span: the end of a line, and the marks of a list or a quotation after it."""


def code_places(text: str, tokens: Iterable[Token]) -> Iterator[tuple[int, int]]:
    """The offsets at which code begins and ends, in no order. A block of code has its whole lines."""
    starts = [0, *(found.end() for found in re.finditer("\n", text)), len(text) + 1]
    reached: dict[int, int] = {}
    for token in tokens:
        if token.map is None:
            continue
        first, last = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)] - 1
        if token.type in BLOCKS:
            yield first, last
        for span in _spans(token.children or ()):
            # The cells of a table have one line and come from the left.
            found = span.search(text, reached.get(first, first), last)
            if found is not None:
                reached[first] = found.end()
                yield found.span()


def _spans(tokens: Sequence[Token]) -> Iterator[re.Pattern[str]]:
    """What each code span looks like in its text, as the parser has changed it."""
    for token in tokens:
        if token.type == PLAIN:
            yield from _spans(plain_tokens(token.meta[PIECES]))
        if token.type == "code_inline":
            content = "".join(map(_spelt, token.content))
            # No mark goes before the first one, but for one that is escaped.
            yield re.compile(rf"(?<!(?<!\\)`){token.markup}{SPACE}?{content}{SPACE}?{token.markup}(?!`)")
        yield from _spans(token.children or ())


def _spelt(character: str) -> str:
    if character == " ":
        return SPACE
    return r"\\?\|" if character == "|" else re.escape(character)  # a cell of a table has `\|` for it
