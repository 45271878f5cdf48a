"""The limit on the headers of a request, with a text: servers have limits of their own, and say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import RequestHeaderFieldsTooLarge

from engine.app.problems import bare
from engine.http.defaults import DefaultHeaders

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from engine.app.app import App

AROUND = len(": \r\n") - len("HTTP_")
"""Bytes that a header has on the wire beside its value and its name in the environ."""


class LimitedHeaders:
    """A site whose requests may bring `limit` bytes of headers, `limits.headers` of its settings.

    More is 431 (RFC 6585 §5), as problem details to a program, before anything of the site is asked.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._defaults = DefaultHeaders(app.config.headers)
        self.limit = app.config.limits.headers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _size(environ) <= self.limit:
            return self._app(environ, start_response)
        text = f"The headers of a request, with its first line, may have {self.limit:,} bytes."
        refusal = bare(RequestHeaderFieldsTooLarge(text), environ)
        return refusal.send(environ, start_response, self._defaults.plain)


def _size(environ: WSGIEnvironment) -> int:
    """Bytes of the headers and of the line before them, the URL as it was decoded."""
    size = len(environ["REQUEST_METHOD"]) + len(environ["PATH_INFO"]) + len(environ["QUERY_STRING"])
    for name, value in environ.items():
        if name.startswith("HTTP_"):
            size += len(name) + len(value) + AROUND
    return size
