"""Reads the files of settings into the fields of a record. Knows no setting by its name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, get_origin

from engine.errors import Fault, SiteError
from engine.settings.origins import Layer
from engine.settings.record import Path, Settings, hints, in_words, is_record, shown, typed


def read(settings: Settings, layers: Iterable[Layer]) -> dict[str, Any]:
    """The fields that the files set, the later over the earlier: table by table, key by key.

    Raises `SiteError` with every unknown and every ill-typed one.
    """
    faults: list[Fault] = []
    values: dict[str, Any] = {}
    for layer in layers:
        reader = _Reader(settings, layer)
        values = _merged(values, reader.table(settings.record, layer.document.value, ()))
        faults += reader.faults
    if faults:
        raise SiteError(faults)
    return _built(settings.record, values)


class _Reader:
    """Reads tables into fields, and keeps what is wrong."""

    def __init__(self, settings: Settings, layer: Layer) -> None:
        self.faults: list[Fault] = []
        self._settings = settings
        self._layer = layer

    def table(self, record: type, table: Mapping[str, Any], path: Path) -> dict[str, Any]:
        kinds = {name: kind for name, kind in hints(record).items() if name not in self._settings.hidden}
        values: dict[str, Any] = {}
        for key, value in table.items():
            here = (*path, key)
            kind = kinds.get(key)
            if kind is None:
                self._unknown(here, kinds)
            elif is_record(kind) and isinstance(value, dict):
                values[key] = self.table(kind, value, here)
            elif (good := typed(value, kind)) is not None:
                values[key] = good
            else:
                what = f"`{'.'.join(here)}` must be {in_words(kind)}, not {shown(value, here)}"
                self.faults.append(Fault("config-type", self._layer.file, what, "", *self._place(here)))
        return values

    def _unknown(self, path: Path, kinds: Mapping[str, Any]) -> None:
        near = difflib.get_close_matches(path[-1], kinds, 1)
        hint = f"Did you mean `{'.'.join((*path[:-1], near[0]))}`?" if near else self._settings.own
        what = f"`{'.'.join(path)}` is not a setting"
        self.faults.append(Fault("config-unknown-key", self._layer.file, what, hint, *self._place(path)))

    def _place(self, path: Path) -> tuple[int, int] | tuple[None, None]:
        return self._layer.document.place(*path) or (None, None)


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two tables as one: key by key, those within them too. Of all else the upper one counts."""
    together = dict(below)
    for key, value in above.items():
        before = together.get(key)
        are_tables = isinstance(before, dict) and isinstance(value, dict)
        together[key] = _merged(before or {}, value) if are_tables else value
    return together


def _built(record: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `record`, with records for the tables that are such."""
    kinds = hints(record)
    made: dict[str, Any] = {}
    for name, value in values.items():
        kind = kinds[name]
        if is_record(kind):
            made[name] = kind(**_built(kind, value))
        else:
            made[name] = MappingProxyType(value) if get_origin(kind) is Mapping else value
    return made
