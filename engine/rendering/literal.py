"""Keeps pieces of a text out of Jinja's hands, such as the code of a Markdown page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

MARK = re.compile("\x00\n*([0-9]+)\x00")


def outside(text: str, places: Iterable[tuple[int, int]], change: Callable[[str], str]) -> str:
    """`change` of the text with the pieces at `places` put aside, and put back after.

    What stands for a piece has as many lines, so that `change` can tell the line of what it finds.
    """
    kept: list[str] = []
    rest, at = "", 0
    for start, end in sorted(places):
        if start < at:
            continue
        lines = "\n" * text.count("\n", start, end)
        # No text of a site holds a NUL: the reader refuses it.
        rest += f"{text[at:start]}\x00{lines}{len(kept)}\x00"
        kept.append(text[start:end])
        at = end
    return MARK.sub(lambda mark: kept[int(mark[1])], change(rest + text[at:]))
