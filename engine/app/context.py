"""The context of a request, with what the app knows of its endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from engine.http.context import AppLike, Context
from engine.http.request import Request
from engine.http.response import Origin
from engine.trace import Trace
from engine.views.hooks import Hooks

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NO_HOOKS = Hooks()


class AppContext(Context):
    """A context that knows the source of the view that answers, and the hooks on the way to it."""

    __slots__ = ("hooks", "source")

    def __init__(
        self,
        app: AppLike,
        environ: WSGIEnvironment,
        trace: Trace | None = None,
        request: Request | None = None,
    ) -> None:
        super().__init__(app, environ, trace=trace)
        self._request = request
        self.source = ""
        self.hooks = NO_HOOKS

    def enter(self, source: str, hooks: Hooks, params: Mapping[str, Any]) -> None:
        """Note who answers."""
        self.source = source
        self.hooks = hooks
        self.params = params


def origin_of(function: Callable[..., Any]) -> Origin:
    """Where a function of the site stands, for messages."""
    code = getattr(function, "__code__", None)
    file = getattr(function, "__module__", "").partition("<")[2].rstrip(">")
    return Origin(file, code.co_firstlineno if code else None, getattr(function, "__name__", "a hook"))
