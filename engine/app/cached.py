"""Requests whose answers are kept for a time."""

from __future__ import annotations

from io import BytesIO

from engine.app.endpoints import Endpoint
from engine.http.conditional import Environ
from engine.http.context import KEEP, THROW, Context

OF_ONE_REQUEST = frozenset(
    ["CONTENT_LENGTH", "CONTENT_TYPE", "engine.request_id", "werkzeug.request", KEEP, THROW]
)


def is_for_cache(context: Context, endpoint: Endpoint) -> bool:
    """Whether the answer to a request may be a kept one. One that is watched from outside is always made."""
    reads = context.environ["REQUEST_METHOD"] in ("GET", "HEAD")
    return endpoint.cache is not None and reads and context.trace is None


def detached(environ: Environ) -> Environ:
    """The environ of a GET for the same, which can be answered once the request is over."""
    kept = {name: value for name, value in environ.items() if name not in OF_ONE_REQUEST}
    return {**kept, "REQUEST_METHOD": "GET", "wsgi.input": BytesIO()}
