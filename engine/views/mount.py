"""Whole WSGI applications within a site: each answers every URL below its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

from engine.errors import Fault, SiteError
from engine.http.answers import moved
from engine.http.context import Context, raw_environ
from engine.http.response import Response
from engine.routing.paths import quote
from engine.routing.shapes import Param, Segment
from engine.views.handler import functions
from engine.views.view import GET

WSGIApp = Callable[..., Iterable[bytes]]


class _Every(tuple[str, ...]):
    """Methods that are listed, and all others, as WebDAV has them."""

    def __contains__(self, method: object) -> bool:
        return True


class MountView:
    """Hands a request over to another application, which sees its own root in `SCRIPT_NAME` (PEP 3333).

    What is below that root reaches it as it was sent, with or without a slash at the end.
    """

    methods = _Every([*GET, "POST", "PUT", "PATCH", "DELETE", "TRACE"])
    answers_options = True
    freeze: bool | None = False

    def __init__(
        self, source: str, app: WSGIApp, segments: tuple[Segment, ...], *, csrf: bool = True
    ) -> None:
        self.source = source
        self.csrf = csrf
        self._app = app
        last = segments[-1] if segments else None
        if not (isinstance(last, Param) and last.takes == "rest" and not last.slots[0].converter):
            what = "an application answers every URL below its own, but the name of this file takes one only"
            hint = "Move it to the file [...path].py of a directory of its name"
            raise SiteError(Fault("mount-route", source, what, hint))
        self._rest = last.slots[0].name

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        environ = dict(raw_environ())
        root, below = _divided(environ["PATH_INFO"], params.get(self._rest))
        root = environ.get("SCRIPT_NAME", "") + root
        if not below:  # its links to what is beside them would lead out of it
            return moved(environ, quote(root.encode("latin-1").decode("utf-8", "replace")) + "/")
        environ.update(SCRIPT_NAME=root, PATH_INFO=below)
        response: Response = Response.force_type(self._app, environ)  # type: ignore[arg-type, assignment]
        return response

    def static_params(self) -> None:
        return None


def mounted(module: ModuleType) -> WSGIApp | None:
    """The application of a page module: what it calls `app`, if it has no function that answers requests."""
    app = vars(module).get("app")
    return app if callable(app) and not functions(module) else None


def _divided(path: str, rest: str | None) -> tuple[str, str]:
    """A path before and after the start of what a catch-all took, which may be nothing."""
    parts = path.removesuffix("/").split("/")
    taken = rest.count("/") + 1 if rest else 0
    root = "/".join(parts[: len(parts) - taken])
    return root, path[len(root) :]
