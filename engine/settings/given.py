"""Reads settings that stand in no file: from the environment, and from flags. Knows no setting by its name."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, get_origin

from engine.errors import Fault, SiteError
from engine.settings.record import WORDS, Path, Settings, hints, in_words, shown, typed

PREFIX = "ENGINE_"
ALIKE = 0.85
"""How alike a variable and that of a setting must be to be one misspelt, as `difflib` counts: a letter or two."""
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


class Given(NamedTuple):
    """One setting: its path, its value, and the variable or the option that gives it."""

    path: Path
    value: Any
    source: str


def from_environment(settings: Settings, environ: Mapping[str, str]) -> list[Given]:
    """`ENGINE_FREEZE__OUTPUT=x` → `Given(("freeze", "output"), "x", …)`, for the names that are settings."""
    kinds = hints(settings.record)
    known = {path for path in settings.paths() if get_origin(kinds[path[0]]) is not Mapping}
    named = [(name, tuple(name.removeprefix(PREFIX).lower().split("__"))) for name in sorted(environ)]
    return [
        Given(path, environ[name], name)
        for name, path in named
        if name.startswith(PREFIX) and (path in known or (path[0] in settings.free and all(path[1:])))
        if path[0] not in settings.free or len(path) > 1
    ]


def misnamed(settings: Settings, environ: Mapping[str, str]) -> Iterator[Fault]:
    """The variables that name no setting, but a table of the settings, or nearly a setting. Others are not for us."""
    names = ["__".join(path) for path in settings.paths()]
    tables = {*hints(settings.record)} - settings.free
    for name in sorted(environ):
        key = name.removeprefix(PREFIX).lower()
        table, parted, _ = key.partition("__")
        if not name.startswith(PREFIX) or key in names or table in settings.free:
            continue
        near = get_close_matches(key, names, 1, ALIKE)
        if near or (parted and table in tables):
            hint = f"Did you mean {PREFIX}{near[0].upper()}?" if near else "Correct or unset it"
            yield Fault("config-variable", name, "names no setting that the environment can give", hint)


def from_flags(flags: Mapping[str, Any]) -> list[Given]:
    """`freeze__output="x"` → `Given(("freeze", "output"), "x", …)`; `None` gives nothing."""
    return [
        Given(tuple(name.split("__")), value, f"--{name.replace('__', '-').replace('_', '-')}")
        for name, value in flags.items()
        if value is not None
    ]


def override(settings: Settings, record: R, given: Iterable[Given]) -> tuple[R, dict[Path, str]]:
    """`record` with what is given, and the source of each by its path. Texts are read as the field's type.

    Raises `SiteError`.
    """
    faults: list[Fault] = []
    sources: dict[Path, str] = {}
    for each in given:
        if each.path[0] in settings.free and len(each.path) > 1:
            record, path = _with_own(record, each, faults)
        else:
            record, path = _replaced(record, each.path, each, faults), each.path
        sources[path] = each.source
    if faults:
        raise SiteError(faults)
    return record, sources


def _replaced(record: Any, path: Path, given: Given, faults: list[Fault]) -> Any:
    if len(path) > 1:
        inner = _replaced(getattr(record, path[0]), path[1:], given, faults)
        return dataclasses.replace(record, **{path[0]: inner})
    kind = hints(record.__class__)[path[0]]
    good = _from_text(given.value, kind) if isinstance(given.value, str) else given.value
    if good is None:
        faults.append(_ill_typed(given, in_words(kind)))
        return record
    return dataclasses.replace(record, **{path[0]: good})


def _ill_typed(given: Given, wanted: str) -> Fault:
    what = f"must be {wanted}, not {shown(given.value, given.path)}"
    return Fault("config-environment", given.source, what, "Correct or unset it")


def _from_text(text: str, kind: Any) -> Any:
    if kind is bool:
        return SWITCHES.get(text.lower())
    if kind is int:
        return int(text) if re.fullmatch(r"\d{1,18}", text) else None
    if get_origin(kind) is tuple:
        return tuple(split(text))
    return typed(text, kind)


def split(text: str) -> list[str]:
    """A list as the environment writes it: with commas, or as texts in JSON, in which a comma may stand."""
    with suppress(ValueError):
        parts = json.loads(text)
        if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
            return parts
    return [part.strip() for part in text.split(",") if part.strip()]


def _with_own(record: Any, given: Given, faults: list[Fault]) -> tuple[Any, Path]:
    """`record` with one key of a table of the site, and the path of that key in the spelling of the table."""
    name, *rest = given.path
    table, path = _with_key(getattr(record, name), tuple(rest), given, faults)
    return dataclasses.replace(record, **{name: MappingProxyType(table)}), (name, *path)


def _with_key(
    table: Mapping[str, Any], path: Path, given: Given, faults: list[Fault]
) -> tuple[dict[str, Any], Path]:
    key = next((it for it in table if it.lower().replace("-", "_") == path[0]), path[0])
    before, rest = table.get(key), path[1:]
    value: Any = None
    if before is not None and isinstance(before, dict) != bool(rest):
        faults.append(_ill_typed(given, _kind_of(before)))
    elif rest:
        value, rest = _with_key(before or {}, rest, given, faults)
    elif (value := _like(before, given.value)) is None:
        faults.append(_ill_typed(given, _kind_of(before)))
    return {**table, key: before if value is None else value}, (key, *rest)


def _kind_of(value: Any) -> str:
    return WORDS.get(type(value), "a table")


def _like(before: Any, text: str) -> Any:
    """`text` as a value of the type of the one `before`, or `None` where it is not one."""
    if before is None or isinstance(before, str):
        return text
    if isinstance(before, bool):
        return SWITCHES.get(text.lower())
    if isinstance(before, dict):
        return None
    if isinstance(before, list):
        items = [_like(before[0] if before else "", part) for part in split(text)]
        return None if None in items else items
    read = type(before) if isinstance(before, (int, float)) else type(before).fromisoformat
    try:
        return read(text)
    except ValueError:
        return None
