"""What a `_hooks.py` answers for errors: by status, by class, and for the rest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from werkzeug.exceptions import HTTPException

from engine.http.coroutines import blocking
from engine.views.imports import observed

Kind = int | type[Exception]
Handler = Callable[[Any], Any]
F = TypeVar("F", bound=Handler)
REST = "error_handler"
"""The function for errors that have no handler of their own."""

# Beside the functions: one with attributes could remember, so that a freeze would have to call it again.
_marks: WeakKeyDictionary[Handler, tuple[Kind, ...]] = WeakKeyDictionary()


def errorhandler(*kinds: Kind) -> Callable[[F], F]:
    """Have the function answer for errors of these statuses and classes, below the directory of its `_hooks.py`.

    Raises `TypeError` for what is neither, and `ValueError` for a status that is no error.
    """
    check_kinds(kinds)

    def mark(function: F) -> F:
        _marks[function] = (*handled_by(function), *kinds)
        return function

    return mark


def check_kinds(kinds: tuple[Kind, ...]) -> None:
    """Raises `TypeError` for what is no status and no class, and `ValueError` for a status that is no error."""
    if not kinds or any(map(inspect.isfunction, kinds)):  # as without parentheses
        raise TypeError("errorhandler() needs a status or a class, as in @errorhandler(404)")
    for kind in kinds:
        if isinstance(kind, type):
            if not issubclass(kind, Exception):
                raise TypeError(f"errorhandler() takes classes of exceptions, and {kind.__name__} is none")
        elif not isinstance(kind, int):
            raise TypeError(f"errorhandler() takes statuses and classes of exceptions, not {kind!r}")
        elif not 400 <= kind <= 599:
            raise ValueError(f"{kind} is not the status of an error (RFC 9110 §15.5, §15.6)")


def handled_by(function: Handler) -> tuple[Kind, ...]:
    """What `errorhandler` was told of a function, or of one that a decorator has wrapped (`functools.wraps`)."""
    while function not in _marks and (inner := getattr(function, "__wrapped__", None)) is not None:
        function = inner
    return _marks.get(function, ())


@dataclass(frozen=True, slots=True)
class ErrorHandlers:
    """The error handlers of one directory. `rest` is for errors of HTTP alone, as which every other one ends."""

    by_kind: Mapping[Kind, Handler]
    rest: Handler | None = None

    def of(self, error: Exception) -> Iterator[Handler]:
        """Those that may answer for an error: of its status, of its class, of the nearest class above, and so on."""
        is_http = isinstance(error, HTTPException)
        for kind in (*([error.code] if is_http else ()), *type(error).__mro__):  # type: ignore[attr-defined]
            if (handler := self.by_kind.get(kind)) is not None:
                yield handler
        if is_http and self.rest is not None:
            yield self.rest


def error_handlers(module: ModuleType) -> tuple[ErrorHandlers, ...]:
    """The error handlers of a `_hooks.py`, if it has any. Of two for one kind the later stands."""
    by_kind = {
        kind: observed(blocking(function)) for function in marked(module) for kind in handled_by(function)
    }
    rest = getattr(module, REST, None)
    if not callable(rest) or handled_by(rest):
        return (ErrorHandlers(by_kind),) if by_kind else ()
    return (ErrorHandlers(by_kind, observed(blocking(rest))),)


def marked(module: ModuleType) -> Iterator[Callable[..., Any]]:
    """The functions of a module that `errorhandler` was told of."""
    return (it for it in vars(module).values() if inspect.isfunction(it) and handled_by(it))
