"""Keeps the code of a Markdown page out of Jinja's hands: fenced and indented blocks, and code spans."""

from __future__ import annotations

import re
from collections.abc import Callable

FENCE = re.compile(
    r"^(?P<indent>[ >]*?[ ]{0,3})(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*?(?:^[ >]*[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)",
    re.M | re.S,
)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?:(?:[ ]{4}|\t).*(?:\n|\Z)(?:[ \t]*\n)*)+")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """`change` of the text with each piece of code put aside, and put back after.

    What stands for a piece has as many lines, so that `change` can tell the line of what it finds.
    """
    kept: list[tuple[str, str]] = []

    def put_aside(match: re.Match[str]) -> str:
        lines = "\n" * match[0].count("\n")
        mark = f"\x00{lines}{len(kept)}\x00"  # no text of a site holds a NUL: the reader refuses it
        kept.append((mark, match[0]))
        return mark

    for kind in (FENCE, INDENTED, SPAN):
        text = kind.sub(put_aside, text)
    text = change(text)
    for mark, code in reversed(kept):
        text = text.replace(mark, code)
    return text
