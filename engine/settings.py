"""Reads a frozen record from a table, from the environment and from flags. Knows no setting by its name."""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from engine.errors import Fault, SiteError
from engine.source.document import Document

PREFIX = "ENGINE_"
WORDS = {
    str: "text",
    int: "a whole number",
    bool: "true or false",
    tuple: "a list of texts",
    Mapping: "a table",
}
SWITCHES = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}

R = TypeVar("R")


class Settings(NamedTuple):
    """The dataclass whose fields are the settings, with dataclasses for the tables in it.

    `hidden` are fields that no file sets; `own` is the way out for what is not a setting.
    """

    record: type
    file: str
    hidden: frozenset[str]
    own: str


def read(settings: Settings, document: Document) -> dict[str, Any]:
    """The fields that `document` sets. Raises `SiteError` with every unknown and every ill-typed one."""
    reader = _Reader(settings, document)
    values = reader.table(settings.record, document.value, ())
    if reader.faults:
        raise SiteError(reader.faults)
    return values


def from_environment(settings: Settings, environ: Mapping[str, str]) -> dict[str, str]:
    """`ENGINE_FREEZE__OUTPUT=x` → `{"freeze__output": "x"}`, for the names that are settings."""
    known = {"__".join(path) for path in _paths(settings.record, settings.hidden)}
    given = {
        name.removeprefix(PREFIX).lower(): text for name, text in environ.items() if name.startswith(PREFIX)
    }
    return {name: text for name, text in given.items() if name in known}


def override(settings: Settings, record: R, given: Mapping[str, Any]) -> R:
    """`record` with the given fields; texts are read as the field's type. Raises `SiteError`."""
    faults: list[Fault] = []
    for name, value in given.items():
        record = _replaced(record, name.split("__"), value, name, faults)
    if faults:
        raise SiteError(faults)
    return record


class _Reader:
    """Reads tables into fields, and keeps what is wrong."""

    def __init__(self, settings: Settings, document: Document) -> None:
        self.faults: list[Fault] = []
        self._settings = settings
        self._document = document

    def table(self, record: type, table: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
        kinds = {
            name: kind for name, kind in get_type_hints(record).items() if name not in self._settings.hidden
        }
        values: dict[str, Any] = {}
        for key, value in table.items():
            here = (*path, key)
            kind = kinds.get(key)
            if kind is None:
                self._unknown(here, kinds)
            elif isinstance(kind, type) and dataclasses.is_dataclass(kind) and isinstance(value, dict):
                values[key] = kind(**self.table(kind, value, here))
            elif (good := _typed(value, kind)) is not None:
                values[key] = good
            else:
                what = f"`{'.'.join(here)}` must be {_say(kind)}, not {value!r}"
                self.faults.append(Fault("config-type", self._settings.file, what, "", *self._place(here)))
        return values

    def _unknown(self, path: tuple[str, ...], kinds: Mapping[str, Any]) -> None:
        near = difflib.get_close_matches(path[-1], kinds, 1)
        hint = f"Did you mean `{'.'.join((*path[:-1], near[0]))}`?" if near else self._settings.own
        what = f"`{'.'.join(path)}` is not a setting"
        self.faults.append(Fault("config-unknown-key", self._settings.file, what, hint, *self._place(path)))

    def _place(self, path: tuple[str, ...]) -> tuple[int, int] | tuple[None, None]:
        return self._document.place(*path) or (None, None)


def _typed(value: Any, kind: Any) -> Any:
    """`value` as a field of `kind`, or `None` where it is not one."""
    if get_origin(kind) is Literal:
        return value if value in get_args(kind) else None
    if get_origin(kind) is tuple:
        strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return tuple(value) if strings else None
    if get_origin(kind) is Mapping:
        return MappingProxyType(value) if isinstance(value, dict) else None
    return value if type(value) is kind else None


def _say(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f'"{choice}"' for choice in get_args(kind))
    return WORDS.get(get_origin(kind) or kind, "a table")


def _paths(record: type, hidden: frozenset[str], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, kind in get_type_hints(record).items():
        if isinstance(kind, type) and dataclasses.is_dataclass(kind):
            yield from _paths(kind, hidden, (*path, name))
        elif name not in hidden and get_origin(kind) is not Mapping:
            yield (*path, name)


def _replaced(record: Any, path: list[str], value: Any, name: str, faults: list[Fault]) -> Any:
    if len(path) > 1:
        inner = _replaced(getattr(record, path[0]), path[1:], value, name, faults)
        return dataclasses.replace(record, **{path[0]: inner})
    kind = get_type_hints(type(record))[path[0]]
    good = _from_text(value, kind) if isinstance(value, str) else value
    if good is None:
        what = f"must be {_say(kind)}, not {value!r}"
        faults.append(Fault("config-environment", PREFIX + name.upper(), what, "Correct or unset it"))
        return record
    return dataclasses.replace(record, **{path[0]: good})


def _from_text(text: str, kind: Any) -> Any:
    if kind is bool:
        return SWITCHES.get(text.lower())
    if kind is int:
        return int(text) if re.fullmatch(r"\d{1,18}", text) else None
    if get_origin(kind) is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return _typed(text, kind)
