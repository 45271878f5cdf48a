"""Keeps the code of a Markdown page out of Jinja's hands: fenced and indented blocks, and code spans."""

from __future__ import annotations

import re
from collections.abc import Callable

MARK = "\x00{}\x00"  # no text of a site holds a NUL: the reader refuses it
FENCE = re.compile(
    r"^(?P<indent>[ >]*?[ ]{0,3})(?P<fence>`{3,}(?=[^`\n]*$)|~{3,}).*?(?:^[ >]*[ ]{0,3}(?P=fence)[`~]*[ \t]*$|\Z)",
    re.M | re.S,
)
INDENTED = re.compile(r"(?:(?<=\n\n)|\A)(?:(?:[ ]{4}|\t).*(?:\n|\Z)(?:[ \t]*\n)*)+")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """`change` of the text with each piece of code put aside, and put back after."""
    kept: list[str] = []

    def put_aside(match: re.Match[str]) -> str:
        kept.append(match[0])
        return MARK.format(len(kept) - 1)

    for code in (FENCE, INDENTED, SPAN):
        text = code.sub(put_aside, text)
    text = change(text)
    for number in reversed(range(len(kept))):
        text = text.replace(MARK.format(number), kept[number])
    return text
