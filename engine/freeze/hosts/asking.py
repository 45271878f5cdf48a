"""One request to a WSGI application, without a socket. What compares answers asks by it alone."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

from engine.freeze.hosts.model import Header

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class Answer(NamedTuple):
    """What a visitor gets."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def header(self, name: str) -> str:
        """The values of a header, joined; empty where there is none."""
        return ", ".join(value for key, value in self.headers if key.lower() == name.lower())


def ask(app: WSGIApplication, url: str, *, method: str = "GET", host: str = "localhost") -> Answer:
    """The answer of `app` to a percent-encoded path, which may have a query."""
    path, _, query = url.partition("?")
    seen: list[tuple[int, tuple[Header, ...]]] = []

    def start_response(status: str, headers: list[Header], exc_info: object = None) -> Any:
        seen.append((int(status[:3]), tuple(headers)))
        return lambda data: None

    body = app(_environ(path, query, method, host), start_response)
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    return Answer(*seen[-1], content)


def _environ(path: str, query: str, method: str, host: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": host,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def declared(headers: Iterable[Header]) -> tuple[Header, ...]:
    """Those headers that a host must send too: not what every server makes by itself for each answer."""
    return tuple(sorted((name, value) for name, value in headers if name.lower() not in MADE_BY_SERVERS))


MADE_BY_SERVERS = frozenset(
    [
        "accept-ranges",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "location",
        "server",
        "transfer-encoding",
        "vary",
    ]
)
