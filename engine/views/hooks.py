"""What a `_hooks.py` asks to be called, for everything below its directory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, NoReturn

from engine.views.modules import observed

NAMES = ("before_request", "after_request", "teardown_request", "context", "error_handler")


@dataclass(frozen=True, slots=True)
class Hooks:
    """The hooks on the way to a page, root first; `error_handler` nearest first.

    `before_request()` may return a response and so end the request; `after_request(response)` may return another;
    `teardown_request(exception)` always runs; `context()` returns names for templates; `error_handler(error)` may
    answer for an error that nobody else handled, or return `None`.
    """

    before_request: tuple[Callable[[], Any], ...] = ()
    after_request: tuple[Callable[[Any], Any], ...] = ()
    teardown_request: tuple[Callable[[BaseException | None], Any], ...] = ()
    context: tuple[Callable[[], Any], ...] = ()
    error_handler: tuple[Callable[[Exception], Any], ...] = ()

    def below(self, module: ModuleType | None) -> Hooks:
        """These hooks followed by those of a directory further down."""
        if module is None:
            return self
        own = {name: _function(module, name) for name in NAMES}
        return Hooks(
            before_request=self.before_request + own["before_request"],
            after_request=self.after_request + own["after_request"],
            teardown_request=self.teardown_request + own["teardown_request"],
            context=self.context + own["context"],
            error_handler=own["error_handler"] + self.error_handler,
        )

    def closed(self, error: Exception) -> Hooks:
        """These hooks and a last one that lets nobody in: it raises `error`."""

        def refuse() -> NoReturn:
            raise error

        return replace(self, before_request=(*self.before_request, refuse))


def _function(module: ModuleType, name: str) -> tuple[Callable[..., Any], ...]:
    function = getattr(module, name, None)
    return (observed(function),) if callable(function) else ()
