"""Front matter of the plainest kind, read without a parser: where it answers, it agrees with the YAML loader.

It takes a tenth of the loader's time, and most front matter is of this kind. What it does not know it leaves.
"""

from __future__ import annotations

import datetime as dt
import re
from sys import intern
from typing import Any

from engine.source.scalars import WORDS

_LARGEST = 16 * 1024

# What is left to the loader, or is a fault to it: controls, its further line breaks, byte order marks, halves
# of surrogate pairs, non-characters.
_ODD = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
_PLAIN = rf"[^{_ODD}:\#]"
_WORD = r"[^\W\d_][\w .+/-]*+"

# Possessive throughout, so that no line can make it try twice. The groups: a key, then the text, date,
# integer, quoted text or list of words.
_LINE = re.compile(
    rf"""([A-Za-z][A-Za-z0-9_-]{{0,63}}):[ ]+(?:
    ([^\W\d_](?:{_PLAIN}++|:(?=[^\s:\#])|(?<=\S)\#)*+)
    |([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})[ ]*
    |([0-9]{{1,18}})[ ]*
    |"([^"\\{_ODD}]*+)"[ ]*
    |\[({_WORD}(?:,[ ]*{_WORD})*+)\][ ]*
    )""",
    re.VERBOSE,
)


def read_simple(block: str) -> dict[str, Any] | None:
    """The values of a block of `key: value` lines, each ended by LF; `None` if the loader must read it."""
    if len(block) > _LARGEST:
        return None
    values: dict[str, Any] = {}
    for line in block[:-1].split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        key, text, date, integer, quoted, words = match.groups()
        key = intern(key)  # the pages of a site say the same keys, and the same tags
        if key in values or key in WORDS:
            return None
        if text is not None:
            text = text.rstrip(" ")
            values[key] = WORDS.get(text, text)
        elif date is not None:
            try:
                values[key] = dt.date.fromisoformat(date)
            except ValueError:
                return None
        elif words is not None:
            values[key] = [
                WORDS[word] if word in WORDS else intern(word) for word in map(str.strip, words.split(","))
            ]
        else:
            values[key] = int(integer) if quoted is None else quoted
    return values
