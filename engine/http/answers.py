"""The answers that need no view and no template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.http.media_types import HTML, TEXT
from engine.http.response import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def moved(environ: WSGIEnvironment, location: str) -> Response:
    """A permanent redirect to the one spelling of a URL, its query kept (RFC 9110 §15.4.9)."""
    query = environ.get("QUERY_STRING")
    response = Response.quick(b"", HTML, 308)
    response.headers["Location"] = f"{location}?{query}" if query else location
    return response


def options(methods: Iterable[str]) -> Response:
    response = Response.quick(b"", HTML, 204)
    response.headers["Allow"] = ", ".join(methods)
    return response


def last_resort(code: int, name: str) -> Response:
    """What is sent when the error page fails: no template, no code of the site."""
    return Response.quick(f"{code} {name}\n".encode(), TEXT, code)
