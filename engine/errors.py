"""Every error that the engine raises, and the record of one fault of a site.

    EngineError
    ├── SiteError        the site is at fault: one or more `Fault`s; the commands exit with 1
    ├── UnknownRoute     `url_for` was asked for an id that no route has      (also a LookupError)
    ├── BadParams        `url_for` was given wrong parameters for the route   (also a TypeError)
    └── OutsideContext   a context local was used while no request is handled (also a RuntimeError)

A `Fault` prints as `FILE[:LINE[:COL]]: WHAT. HINT`. Faults of one kind are collected and raised together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a site, where it is, and the way out.

    `code` names the kind of fault; `docs/pages/reference/errors.md` explains each code.
    `file` is relative to the site; `line` and `column` count from 1, `None` where there is none.
    `what` and `hint` are sentences without their final full stop.
    """

    code: str
    file: str
    what: str
    hint: str = ""
    line: int | None = None
    column: int | None = None

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Fault:
        """The fault that another process has printed as JSON."""
        return cls(**fields)

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{where}: {sentence(self.what)} {sentence(self.hint)}".rstrip()

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        return (self.file, self.line or 0, self.column or 0, self.code, self.what)


def sentence(text: str) -> str:
    """`text` with its final full stop, where it does not end otherwise."""
    return text if not text or text[-1] in ".?!…" else f"{text}."


class EngineError(Exception):
    """The root of all errors of the engine."""


class SiteError(EngineError):
    """The site is at fault. `faults` is never empty, holds no fault twice, and is sorted by place."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        listed = (faults,) if isinstance(faults, Fault) else tuple(faults)
        self.faults: tuple[Fault, ...] = tuple(
            sorted(dict.fromkeys(listed), key=lambda fault: fault.sort_key)
        )
        super().__init__("\n".join(map(str, self.faults)))


class UnknownRoute(EngineError, LookupError):
    """`url_for` was asked for a route id that the site does not have."""


class BadParams(EngineError, TypeError):
    """`url_for` was given a missing, surplus or ill-typed parameter."""


class OutsideContext(EngineError, RuntimeError):
    """`request`, `session`, `g`, … was used while no request is handled."""


class Faults(list[Fault]):
    """The faults found so far, where a fault of one thing shall not hide those of the next."""

    def tried(self, make: Callable[..., T], *args: Any) -> T | None:
        """What `make` makes of `args`, or nothing and its faults noted."""
        try:
            return make(*args)
        except SiteError as error:
            self += error.faults
            return None

    def noted(self, value: T, faults: Iterable[Fault]) -> T:
        """`value`, with the faults that came with it noted."""
        self += faults
        return value


class Elsewhere:
    """A name of Flask's objects that is another one here: whoever asks for it is told which."""

    def __init__(self, hint: str) -> None:
        self.hint = hint

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute {self._name!r}")
        what = f"{owner.__name__!r} object has no attribute {self._name!r}"
        raise AttributeError(f"{what}. {self.hint}")

    def __set__(self, instance: object, value: object) -> None:
        self.__get__(instance, type(instance))


A_FILE = "A file below pages/ is a route, and a directory with its _hooks.py a blueprint"
A_HOOK = "It is a function of _hooks.py, which covers a directory, or in setup(app) of app.py"
A_SETTING = "Settings are given by site.toml and the environment, those of the site under [app]"
A_LOGGER = "Write logging.getLogger(__name__)"
OF_FLASK = {
    "Flask": "The engine makes the application: app.py may have a function setup(app)",
    "Blueprint": A_FILE,
    **dict.fromkeys(("before_request", "after_request", "teardown_request", "context_processor"), A_HOOK),
    "Markup": "Write from markupsafe import Markup",
    "escape": "Write from markupsafe import escape",
}
"""What is imported of Flask, and where it is."""
