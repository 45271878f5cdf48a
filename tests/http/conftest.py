"""What the tests of the wire share: an environ as a server makes it, and a call as a server calls."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from wsgiref.validate import validator

import pytest


@dataclass(frozen=True)
class Sent:
    status: int
    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) < 2, f"{name} was sent {len(found)} times"
        return found[0] if found else None


def make_environ(method: str = "GET", path: str = "/", body: bytes = b"", **extra: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **({"CONTENT_LENGTH": str(len(body))} if body else {}),
        **extra,
    }


def send(app: Any, environ: dict[str, Any], strict: bool = True) -> Sent:
    """Call `app` as a strict server does: `wsgiref.validate` fails the test for a breach of PEP 3333."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        line: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        started.append((line, list(headers)))
        headers.append(("X-Server", "servers may add to the list"))
        return lambda data: None

    answer: Any = (validator(app) if strict else app)(environ, start_response)
    try:
        body = b"".join(answer)
    finally:
        if hasattr(answer, "close"):
            answer.close()
    [(line, headers)] = started
    return Sent(int(line[:3]), line, headers, body)


@pytest.fixture
def environ() -> Callable[..., dict[str, Any]]:
    return make_environ


@pytest.fixture
def wire() -> Callable[..., Sent]:
    return send
