"""The response on its way out. The only module that writes a response to the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

import werkzeug
from werkzeug.datastructures import Headers
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.wsgi import ClosingIterator

from engine.http.conditional import Environ, Header
from engine.http.files import FileBody, Version
from engine.http.request import lazy

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

STATUS_LINES = {code: f"{code} {name.upper()}" for code, name in HTTP_STATUS_CODES.items()}
WITHOUT_BODY = frozenset({*range(100, 200), 204, 304})
CORRECTED = frozenset(["location", "content-location"])
"""Headers that Werkzeug writes anew when it sends them."""


class _Headers(Headers):
    """Werkzeug's, with a short way for what is done most: to set what is not there yet."""

    def __setitem__(self, key: Any, value: Any) -> None:
        if type(key) is str and type(value) is str and "\n" not in value and "\r" not in value:
            wanted = key.lower()
            if all([name.lower() != wanted for name, _ in self._list]):
                self._list.append((key, value))
                return
        super().__setitem__(key, value)


def _headers(response: Response) -> Headers:
    headers = _Headers()
    headers._list, response._pairs = response._pairs or [], None
    return headers


class Response(werkzeug.Response):
    """A Werkzeug response with a short way in, `quick`, and a short way out for one body of known length."""

    default_mimetype = "text/html"
    direct_passthrough = False
    _direct = True
    _status = STATUS_LINES[200]
    _status_code = 200
    # What `headers` will hold once somebody asks for them; `None` from then on.
    _pairs: list[Header] | None = None
    headers: Headers = lazy(_headers)

    @classmethod
    def quick(cls, body: bytes, content_type: str, status: int = 200) -> Self:
        """A response with these bytes. `content_type` is trusted: nothing of a visitor's may stand in it."""
        self = cls.__new__(cls)
        self._pairs = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        self.response = [body]
        self._on_close = []
        if status != 200:
            self._status = STATUS_LINES.get(status) or f"{status} UNKNOWN"
            self._status_code = status
        return self

    def add_header(self, name: str, value: str) -> None:
        """Add a header below those of the same name. `value` is trusted, as the type in `quick` is."""
        if self._pairs is None:
            self.headers.add(name, value)
        else:
            self._pairs.append((name, value))

    def add_defaults(self, headers: list[Header]) -> None:
        """Add those of `headers` that the response has not."""
        if (pairs := self._pairs) is not None and len(pairs) == 2:  # those of `quick`
            pairs += headers
            return
        known = {name.lower() for name, _ in self.headers._list}
        self.headers._list += [header for header in headers if header[0].lower() not in known]

    def send(
        self, environ: Environ, start_response: StartResponse, defaults: list[Header]
    ) -> Iterable[bytes]:
        """Answer, with those of `defaults` that the response has not. One look at its headers is for both."""
        if self._pairs is None and self._is_one_body() and self._direct:
            headers = self.headers._list
            known = {name.lower() for name, _ in headers}
            if "content-length" in known and known.isdisjoint(CORRECTED):
                headers += [header for header in defaults if header[0].lower() not in known]
                start_response(self._status, headers[:])
                return self.response if environ["REQUEST_METHOD"] != "HEAD" else ()  # type: ignore[return-value]
        self.add_defaults(defaults)
        return self(environ, start_response)

    def _is_one_body(self) -> bool:
        """Whether it is one piece of bytes that is sent as it is, with nothing to do afterwards."""
        body = self.response
        return (
            type(body) is list
            and len(body) == 1
            and type(body[0]) is bytes
            and not self._on_close
            and self._status_code not in WITHOUT_BODY
        )

    @property
    def is_untouched(self) -> bool:
        """Whether its headers are those of `quick` and no others."""
        return self._pairs is not None and len(self._pairs) == 2

    def __init_subclass__(cls, **options: Any) -> None:
        """A subclass that changes how a response is sent is sent Werkzeug's way."""
        super().__init_subclass__(**options)
        sending = ("__call__", "get_wsgi_headers", "get_app_iter", "get_wsgi_response", "iter_encoded")
        cls._direct = all(getattr(cls, name) is getattr(Response, name) for name in sending)

    def get_wsgi_headers(self, environ: Environ) -> Headers:
        """Werkzeug's, without the type of a content that a 204 has not (RFC 9110, §15.3.5; PEP 3333's validator)."""
        headers = super().get_wsgi_headers(environ)
        if self._status_code == 204:
            headers.remove("Content-Type")
        return headers

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        body = self.response
        if not self._direct:
            return super().__call__(environ, start_response)
        if self._is_one_body():
            # Untouched headers are those of `quick`, and need no look.
            headers = self._direct_headers(body[0]) if self._pairs is None else self._pairs[:]  # type: ignore[index]
            if headers is not None:
                start_response(self._status, headers)
                return body if environ["REQUEST_METHOD"] != "HEAD" else ()  # type: ignore[return-value]
        elif (
            type(body) is FileBody
            and self._status_code == 200
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        ):
            return self._send_file(body, environ, start_response)
        return super().__call__(environ, start_response)

    def _direct_headers(self, body: bytes) -> list[Header] | None:
        """The headers to send with one body; `None` where Werkzeug has to look at one of them."""
        measured = not self.automatically_set_content_length
        for written, _ in self.headers._list:
            name = written.lower()
            if name == "content-length":
                measured = True
            elif name in CORRECTED:
                return None
        return (
            self.headers._list[:] if measured else [*self.headers._list, ("Content-Length", str(len(body)))]
        )

    def _send_file(self, body: FileBody, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def whole(version: Version) -> list[Header]:
            own = [header for header in self.headers if header[0].lower() != "content-length"]
            return [*own, ("Content-Length", str(version.size))]

        line, headers, content = body.answer(environ, whole)
        start_response(line, headers)
        return ClosingIterator(content, self._on_close) if self._on_close else content
