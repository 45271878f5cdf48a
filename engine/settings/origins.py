"""Where each setting comes from: a line of a file, a variable of the environment, an option."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.settings.record import Path
from engine.source.document import Document


class Layer(NamedTuple):
    """One file of settings, as it was read."""

    file: str
    document: Document


class Origin(NamedTuple):
    """A file and the place in it, or a variable or an option. Nothing for a default."""

    source: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins of all settings, each found when somebody asks. `given` are variables and options, by path."""

    layers: tuple[Layer, ...] = ()
    given: Mapping[Path, str] = field(default_factory=dict)

    def of(self, *path: Any) -> Origin:
        """The origin of the value at the end of `path`; its place is that of the nearest key that has one."""
        around = [path[:end] for end in range(len(path), 0, -1)]
        if source := next((self.given[it] for it in around if it in self.given), None):
            return Origin(source)
        for layer in reversed(self.layers):
            if _holds(layer.document.value, path):
                place = next(filter(None, (layer.document.place(*it) for it in around)), ())
                return Origin(layer.file, *place)
        return Origin()

    def is_given(self, *path: Any) -> bool:
        """Whether no file gives the value, but a text that may mean a number or a list."""
        return any(path[:end] in self.given for end in range(1, len(path) + 1))


def _holds(value: Any, path: Iterable[Any]) -> bool:
    """Whether `path` leads to something. What stands in a list is not looked for."""
    for part in path:
        if not isinstance(value, dict):
            return isinstance(value, list)
        if part not in value:
            return False
        value = value[part]
    return True
