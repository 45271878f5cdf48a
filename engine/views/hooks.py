"""What a `_hooks.py` asks to be called, for everything below its directory."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import ModuleType
from typing import Any, NoReturn, TypeVar
from weakref import WeakKeyDictionary

from engine.errors import Fault, SiteError
from engine.http.coroutines import blocking
from engine.views.error_handlers import (
    REST,
    ErrorHandlers,
    Handler,
    Kind,
    error_handlers,
    handled_by,
    marked,
)
from engine.views.imports import observed

NAMES = {
    "url_value_preprocessor": ("route", "params"),
    "before_request": (),
    "after_request": ("response",),
    "teardown_request": ("exception",),
    "context": (),
    "error_handler": ("error",),
    "url_defaults": ("route", "params"),
}
"""Every hook, and what it is called with."""
LONG = [name for name in NAMES if "_" in name]
"""Those that nothing else is called by chance."""
ALIKE = 0.8
"""How alike a name and that of a hook must be to be one misspelt, as `difflib` counts: a letter or two."""
F = TypeVar("F", bound=Callable[[str, dict[str, Any]], Any])

# Beside the functions, as those of error handlers.
_marks: WeakKeyDictionary[Callable[..., Any], str] = WeakKeyDictionary()


def url_value_preprocessor(function: F) -> F:
    """Have the function be a `url_value_preprocessor` of the directory of its `_hooks.py`, whatever it is called."""
    _marks[inspect.unwrap(function)] = "url_value_preprocessor"
    return function


def url_defaults(function: F) -> F:
    """Have the function be a `url_defaults` of the directory of its `_hooks.py`, whatever it is called."""
    _marks[inspect.unwrap(function)] = "url_defaults"
    return function


DECORATORS = (url_value_preprocessor, url_defaults)
"""Those that are called as the hook that they make. Where they are imported there is no hook yet."""


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks on the way to a page, root first; `error_handlers` nearest first.

    `url_value_preprocessor(route, params)` may change the parameters that the URL gave, `url_defaults(route, params)`
    those that `url_for` is given. `before_request()` may return a response and so end the request;
    `after_request(response)` may return another; `teardown_request(exception)` always runs; `context()` returns names
    for templates; an error handler answers for an error, or returns `None`.
    """

    url_value_preprocessor: tuple[Callable[[str, dict[str, Any]], Any], ...] = ()
    before_request: tuple[Callable[[], Any], ...] = ()
    after_request: tuple[Callable[[Any], Any], ...] = ()
    teardown_request: tuple[Callable[[BaseException | None], Any], ...] = ()
    context: tuple[Callable[[], Any], ...] = ()
    error_handlers: tuple[ErrorHandlers, ...] = ()
    url_defaults: tuple[Callable[[str, dict[str, Any]], Any], ...] = ()

    @property
    def surround(self) -> bool:
        """Whether any of them runs before or after a view."""
        return bool(
            self.url_value_preprocessor or self.before_request or self.after_request or self.teardown_request
        )

    def below(self, module: ModuleType | None, source: str = "") -> Hooks:
        """These hooks followed by those of a directory further down, from the file `source`.

        Raises `SiteError` for a hook that would never be called, or not by what it takes.
        """
        if module is None:
            return self
        if faults := [*_misspelt(module, source), *_ill_typed(module, source)]:
            raise SiteError(faults)
        own = {name: getattr(self, name) + _functions(module, name) for name in NAMES if name != REST}
        return Hooks(**own, error_handlers=error_handlers(module) + self.error_handlers)

    def adding(self, name: str, function: Callable[..., Any]) -> Hooks:
        """These hooks and one more of a name, after the others. Raises `TypeError` for one that could not be called."""
        check_takes(name, function, NAMES[name])
        return replace(self, **{name: (*getattr(self, name), blocking(function))})

    def handling(self, kinds: Iterable[Kind], function: Handler) -> Hooks:
        """These hooks, with an answer for errors of these kinds. Raises `TypeError` as `adding` does."""
        check_takes("errorhandler", function, NAMES[REST])
        nearest = self.error_handlers[0] if self.error_handlers else ErrorHandlers({})
        handler = observed(blocking(function))
        one = replace(nearest, by_kind={**nearest.by_kind, **dict.fromkeys(kinds, handler)})
        return replace(self, error_handlers=(one, *self.error_handlers[1:]))

    def observed(self) -> Hooks:
        """The same, each of which notes its dependencies when it is called. (Error handlers always do.)"""
        names = [name for name in NAMES if name != REST]
        return replace(self, **{name: tuple(map(observed, getattr(self, name))) for name in names})

    def closed(self, error: Exception) -> Hooks:
        """These hooks and a last one that lets nobody in: it raises `error`."""

        def refuse() -> NoReturn:
            raise error

        return replace(self, before_request=(*self.before_request, refuse))


def check_takes(name: str, function: Any, arguments: Iterable[str]) -> None:
    """Raises `TypeError` for what could not be called with these arguments, as a hook of that name is."""
    if not callable(function):
        raise TypeError(f"{name} takes a function, not {function!r}")
    try:
        inspect.signature(function).bind(*arguments)
    except ValueError:  # a function of C may not tell
        return
    except TypeError:
        own = getattr(function, "__name__", "it")
        raise TypeError(
            f"`{own}` does not take what {name} calls it with: write {own}({', '.join(arguments)})"
        ) from None


def _misspelt(module: ModuleType, source: str) -> Iterator[Fault]:
    """A guard that is never called lets everybody in, so that a near miss is a fault."""
    for name, function in vars(module).items():
        if name in NAMES or name[0] == "_" or not inspect.isfunction(function) or _is_marked(function):
            continue
        near = get_close_matches(name, LONG, 1, ALIKE)
        if near and function.__module__ == module.__name__:
            what = f"`{name}()` is no hook"
            hint = f"Did you mean `{near[0]}`? A function of your own has another name"
            yield Fault("hook-name", source, what, hint, function.__code__.co_firstlineno)


def _ill_typed(module: ModuleType, source: str) -> Iterator[Fault]:
    named = [(name, getattr(module, name, None), arguments) for name, arguments in NAMES.items()]
    handlers = [(function.__name__, function, NAMES[REST]) for function in marked(module)]
    others = [
        (name, it, NAMES[_mark(it)]) for name, it in vars(module).items() if _mark(it) and name not in NAMES
    ]
    for name, function, arguments in [*named, *handlers, *others]:
        if function in DECORATORS:
            continue
        if not inspect.isfunction(function):
            if not callable(function) and hasattr(module, name):
                yield Fault("hook-params", source, f"`{name}` is no function", f"Write def {name}(…)")
            continue
        try:
            inspect.signature(function).bind(*arguments)
        except TypeError:
            what = f"`{name}()` does not take what it is called with"
            hint = f"Write {name}({', '.join(arguments)}), and give other parameters a default"
            yield Fault("hook-params", source, what, hint, function.__code__.co_firstlineno)


def out_of_place(module: ModuleType, source: str) -> Iterator[Fault]:
    """The hooks in a page, where none is called: a guard there would let everybody in."""
    for name, function in vars(module).items():
        is_own = inspect.isfunction(function) and function.__module__ == module.__name__
        if is_own and (name in LONG or _is_marked(function)):
            what, hint = f"`{name}()` is a hook in a page", "Move it to the _hooks.py of the directory"
            yield Fault("hook-place", source, what, hint, function.__code__.co_firstlineno)


def _functions(module: ModuleType, name: str) -> tuple[Callable[..., Any], ...]:
    """The hooks of a kind in a module: the function of that name, and those that its decorator was told of."""
    return tuple(
        blocking(it)
        for called, it in vars(module).items()
        if (called == name and callable(it) and it not in DECORATORS) or _mark(it) == name
    )


def _mark(function: Any) -> str:
    """The hook that a decorator has made of a function, whatever else is around it."""
    return _marks.get(inspect.unwrap(function), "") if inspect.isfunction(function) else ""


def _is_marked(function: Callable[..., Any]) -> bool:
    return bool(_mark(function) or handled_by(function))
