"""Answers kept as bytes and headers, for everything that does not depend on who asks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

import werkzeug
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.http import http_date

from engine.http.conditional import (
    NOT_MODIFIED,
    TEXT,
    Environ,
    Header,
    Validators,
    decide,
    is_conditional,
    shape,
    without_content,
)
from engine.http.files import FileBody, Version
from engine.http.outgoing import STATUS_LINES, WITHOUT_BODY, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

Answer = tuple[str, list[Header], Iterable[bytes]]
ALLOW = ("Allow", "GET, HEAD, OPTIONS")
NOTHING: list[bytes] = []


def _other_method(method: str) -> Answer:
    """The answer to a method that a kept answer has no use for (RFC 9110, §15.5.6 and §9.3.7)."""
    if method == "OPTIONS":
        return STATUS_LINES[204], [ALLOW], NOTHING
    line = STATUS_LINES[405]
    body = f"{line}\n".encode()
    return line, [TEXT, ("Content-Length", str(len(body))), ALLOW], (body,)


class _Kept:
    """A WSGI application that answers by `answer(environ)`."""

    __slots__ = ()

    def answer(self, environ: Environ) -> Answer:
        raise NotImplementedError

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        line, headers, body = self.answer(environ)
        start_response(line, headers)
        return body

    def response(self, environ: Environ) -> Response:
        """The same answer as a response, for hooks to change."""
        line, headers, body = self.answer(environ)
        held = isinstance(body, (tuple, list))
        return Response(list(body) if held else body, line, Headers(headers), direct_passthrough=not held)


class Ready(_Kept):
    """An answer kept in memory. Called as a WSGI application, it says 304, 206, 405, … as RFC 9110 wants.

    `headers` are sent with the content, with Content-Length, and for a 200 with ETag (strong, a hash of
    `body`, unless one is given) and Last-Modified. `last_modified` is in seconds since 1970. With `ranges`,
    byte ranges are answered. An answer that is not a 200 is the same for every method and condition.
    """

    __slots__ = (
        "_chunks",
        "_line",
        "_not_modified",
        "_validators",
        "body",
        "etag",
        "headers",
        "last_modified",
        "ranges",
        "status",
    )

    def __init__(
        self,
        body: bytes,
        headers: Iterable[Header] = (),
        *,
        status: int = 200,
        last_modified: float | None = None,
        ranges: bool = False,
    ) -> None:
        headers = list(headers)
        given = {name.lower(): value for name, value in headers}
        if "set-cookie" in given:
            raise ValueError("an answer that is kept for everybody cannot set a cookie")
        self.body = body
        self.status = status
        self.ranges = ranges and status == 200
        self.etag: str | None = None
        self.last_modified: str | None = given.get("last-modified")
        if status == 200:
            self.etag = given.get("etag") or f'"{blake2b(body, digest_size=12).hexdigest()}"'
        if last_modified is not None and self.last_modified is None:
            self.last_modified = http_date(last_modified)
        self.headers = self._whole([header for header in headers if header[0].lower() not in _OURS])
        self._line = STATUS_LINES.get(status) or f"{status} UNKNOWN"
        self._validators = Validators(self.etag or "", self.last_modified or "")
        self._not_modified = without_content(self.headers)
        # A list, because servers take a shorter way for one.
        self._chunks = [body] if status not in WITHOUT_BODY else NOTHING

    def _whole(self, headers: list[Header]) -> list[Header]:
        own = [
            ("Content-Length", None if self.status in WITHOUT_BODY else str(len(self.body))),
            ("Accept-Ranges", "bytes" if self.ranges else None),
            ("ETag", self.etag),
            ("Last-Modified", self.last_modified),
        ]
        return headers + [(name, value) for name, value in own if value is not None]

    def add_headers(self, headers: list[Header]) -> None:
        """Send these too."""
        self.headers = self.headers + headers
        self._not_modified = without_content(self.headers)

    @classmethod
    def asset(
        cls,
        body: bytes,
        content_type: str,
        last_modified: float | None = None,
        cache_control: str = "no-cache",
    ) -> Self:
        """A file of the site: sent in ranges, and unless said otherwise revalidated at each use."""
        headers = [("Content-Type", content_type), ("Cache-Control", cache_control)]
        return cls(body, headers, last_modified=last_modified, ranges=True)

    @classmethod
    def of(cls, response: werkzeug.Response) -> Self:
        """The answer that `response` gives, its body read to the end. Raises `ValueError` for a cookie."""
        body = response.get_data()
        return cls(body, response.get_wsgi_headers({}).to_wsgi_list(), status=response.status_code)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # The two commonest answers, the whole and the 304 for our own tag, take the shortest way.
        method = environ["REQUEST_METHOD"]
        if method == "GET":
            if not is_conditional(environ):
                start_response(self._line, self.headers[:])
                return self._chunks
            tags = environ.get("HTTP_IF_NONE_MATCH")
            if tags is not None and tags == self.etag and not _older_conditions(environ):
                start_response("304 NOT MODIFIED", self._not_modified[:])
                return NOTHING
        return super().__call__(environ, start_response)

    def send(self, environ: Environ, start_response: StartResponse, header: Header) -> Iterable[bytes]:
        """As when it is called, with one header more."""
        if environ["REQUEST_METHOD"] == "GET" and not is_conditional(environ):
            start_response(self._line, [*self.headers, header])
            return self._chunks
        line, headers, body = self.answer(environ)
        start_response(line, [*headers, header])
        return body

    def answer(self, environ: Environ) -> Answer:
        """Status line, headers and body."""
        method = environ["REQUEST_METHOD"]
        if self.status != 200:
            return self._line, self.headers[:], NOTHING if method == "HEAD" else self._chunks
        if method not in ("GET", "HEAD"):
            return _other_method(method)
        verdict = decide(environ, self._validators, len(self.body), ranges=self.ranges)
        line, headers, note = shape(verdict, self.headers, len(self.body))
        if method == "HEAD" or verdict is NOT_MODIFIED:
            return line, headers, NOTHING
        if note is None:
            note = self.body[verdict.start : verdict.stop] if verdict.status == 206 else self.body
        return line, headers, (note,)


_OURS = frozenset({"content-length", "accept-ranges", "etag", "last-modified"})


def _older_conditions(environ: Environ) -> bool:
    """Whether a condition stands that comes before If-None-Match (RFC 9110, §13.2.2)."""
    return "HTTP_IF_MATCH" in environ or "HTTP_IF_UNMODIFIED_SINCE" in environ


class FileReady(_Kept):
    """A file that is too large to keep: opened for each request, answered as `Ready.asset` would.

    Its entity tag follows from size, time and inode, so a changed file is sent with its new headers.
    Answers 404 while the file is missing; `answer` and `response` raise `NotFound` then.
    """

    __slots__ = ("_body", "_headers")

    def __init__(
        self, path: str | os.PathLike[str], content_type: str, cache_control: str = "no-cache"
    ) -> None:
        self._body = FileBody(path)
        self._headers = [("Content-Type", content_type), ("Cache-Control", cache_control)]

    def add_headers(self, headers: list[Header]) -> None:
        """Send these too."""
        self._headers = self._headers + headers

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return super().__call__(environ, start_response)
        except NotFound as error:
            return error(environ, start_response)

    def answer(self, environ: Environ) -> Answer:
        """Status line, headers and body."""
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return _other_method(method)
        return self._body.answer(environ, self._whole)

    def _whole(self, version: Version) -> list[Header]:
        return self._headers + version.headers
