"""A record of settings as its type says it: the path of each, and the words for what it takes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list",
    tuple: "a list of texts",
    dict: "a table",
    Mapping: "a table",
    dt.date: "a date like 2026-01-31",
    dt.datetime: "a time like 2026-01-31T09:30:00Z",
    dt.time: "a time of day like 09:30:00",
}
SECRET = re.compile(
    r"key|secret|token|passw(or)?d|passphrase|credential|(?<![a-z])pass(?![a-z])", re.IGNORECASE
)
"""What the name of a secret has in it."""

hints = cache(get_type_hints)
"""The types of a record's fields, by name."""

Path = tuple[str, ...]
"""The names that lead to a setting: `("freeze", "output")`."""


class Settings(NamedTuple):
    """The dataclass whose fields are the settings, with dataclasses for the tables in it.

    `hidden` are fields that no file sets; `own` is the way out for what is not a setting; `free` are tables with any
    keys, which the environment may set too.
    """

    record: type
    hidden: frozenset[str]
    own: str
    free: frozenset[str]

    def paths(self) -> Iterator[Path]:
        """The path of every setting, in the order of the record. A table with any keys is one."""
        return _paths(self.record, self.hidden)


def _paths(record: type, hidden: frozenset[str], path: Path = ()) -> Iterator[Path]:
    for name, kind in hints(record).items():
        if name in hidden:
            continue
        if is_record(kind):
            yield from _paths(kind, hidden, (*path, name))
        else:
            yield (*path, name)


def is_record(kind: Any) -> bool:
    """Whether a field of this type is a table with names of its own."""
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def typed(value: Any, kind: Any) -> Any:
    """`value` as a field of `kind`, or `None` where it is not one."""
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else None
    if get_origin(kind) is tuple:
        strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return tuple(value) if strings else None
    if get_origin(kind) is Mapping:
        return value if isinstance(value, dict) else None
    return value if type(value) is kind else None


def in_words(kind: Any) -> str:
    """What a field of `kind` takes."""
    if get_origin(kind) is Literal:
        return " or ".join(f'"{choice}"' for choice in get_args(kind))
    return WORDS.get(get_origin(kind) or kind, "a table")


def shown(value: Any, path: Iterable[str]) -> str:
    """A value as a fault tells it; nothing of one that is a secret by its name."""
    return "what it is" if is_secret(".".join(path)) else repr(value)


def is_secret(name: str) -> bool:
    """Whether the value of this dotted name is nobody's business."""
    return SECRET.search(name) is not None
