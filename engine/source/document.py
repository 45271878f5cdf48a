"""What every data format is read into: a value, and the place of each part of it, found only when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEY = str | int
"""One step into a document: a key of a mapping or an index of a list, from 0."""

DEPTH = 32
"""How deep mappings and lists may be nested. What walks a value later may recurse without fear."""

FRONT_MATTER_LIMIT = 64 * 1024
"""The size of a front matter, in bytes of UTF-8."""

DATA_LIMIT = 16 * 1024 * 1024
"""The size of a data file, in bytes."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the parts of a document stand, as (line, column) from 1, and its scalars as they were written."""

    places: dict[tuple[Any, ...], tuple[int, int]] = field(default_factory=dict)
    texts: dict[tuple[Any, ...], str] = field(default_factory=dict)


class Document:
    """A value as read from text.

    Places are needed only for a fault, so `find` reads the text a second time when the first is asked for.
    """

    __slots__ = ("_find", "_marks", "value")

    def __init__(self, value: Any, find: Callable[[], Marks] = Marks) -> None:
        self.value = value
        self._find = find
        self._marks: Marks | None = None

    @property
    def marks(self) -> Marks:
        if self._marks is None:
            self._marks = self._find()
        return self._marks

    def place(self, *path: Any) -> tuple[int, int] | None:
        """The line and column of the key or list item at the end of `path`; `None` if it is not written."""
        return self.marks.places.get(path)

    def text(self, *path: Any) -> str | None:
        """The scalar at `path` as it was written (`1.10`), without quotes; `None` if there is none."""
        return self.marks.texts.get(path)


def is_larger(text: str, limit: int) -> bool:
    """Is `text` larger than `limit` bytes of UTF-8?"""
    return len(text) > limit or (len(text) * 4 > limit and len(text.encode("utf-8", "surrogatepass")) > limit)


def shown(value: object) -> str:
    """`value` as a fault tells it: short, and on one line."""
    text = str(value)
    text = text if len(text) <= 60 else text[:59] + "…"
    return text if text.isprintable() else repr(text)[1:-1]


def is_deeper(value: Any, depth: int = DEPTH) -> bool:
    """Are mappings and lists in `value` nested more than `depth` levels?"""
    if isinstance(value, dict):
        return depth == 0 or any(is_deeper(item, depth - 1) for item in value.values())
    return isinstance(value, list) and (depth == 0 or any(is_deeper(item, depth - 1) for item in value))
