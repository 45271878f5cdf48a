"""One kept answer."""

from __future__ import annotations

from collections.abc import Iterable
from time import time
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.datastructures import Headers

from engine.http.conditional import Environ
from engine.http.ready import Ready
from engine.http.response import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

OVERHEAD = 2048
"""Bytes that an entry takes beside its body, as a guess."""


class Entry(NamedTuple):
    """An answer as bytes. It is fresh until one moment and may be sent until another, in seconds since 1970.

    Called as a WSGI application, it answers with its `Age` (RFC 9111 §5.1).
    """

    ready: Ready
    made: float
    fresh_until: float
    stale_until: float
    tags: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.ready.body) + OVERHEAD

    def age(self) -> str:
        """The header of that name, in seconds."""
        seconds = int(time() - self.made)
        return str(seconds) if seconds > 0 else "0"

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        return self.ready.send(environ, start_response, ("Age", self.age()))

    def response(self, environ: Environ) -> Response:
        """The same answer as a response."""
        response = self.ready.response(environ)
        response.headers["Age"] = self.age()
        return response

    def whole(self) -> Response:
        """The answer as a response for hooks to change, whatever the request has of it already."""
        response = Response([self.ready.body], self.ready.status, Headers(self.ready.headers))
        response.headers["Age"] = self.age()
        return response
