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

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

STATUS_LINES = {code: f"{code} {name.upper()}" for code, name in HTTP_STATUS_CODES.items()}
WITHOUT_BODY = frozenset({*range(100, 200), 204, 304})
CORRECTED = frozenset(["location", "content-location"])
"""Headers that Werkzeug writes anew when it sends them."""


class _Headers(Headers):
    """Werkzeug's, with a short way for what is done most: to set what is not there yet.

    It knows its names in small letters, until somebody takes the list, by which all of Werkzeug's methods go.
    """

    _pairs: list[Header]
    _names: set[str] | None = None
    is_ascii = True
    """Whether nothing else can be in it, as it was only set by the short way."""

    @property
    def _list(self) -> list[Header]:
        self._names, self.is_ascii = None, False
        return self._pairs

    @_list.setter
    def _list(self, pairs: list[Header]) -> None:
        self._pairs, self._names, self.is_ascii = pairs, None, False

    def names(self) -> set[str]:
        """Its names in small letters."""
        if self._names is None:
            self._names = {name.lower() for name, _ in self._pairs}
        return self._names

    def __setitem__(self, key: Any, value: Any) -> None:
        is_plain = type(key) is str and key.isascii() and type(value) is str and value.isascii()
        if is_plain and "\n" not in value and "\r" not in value:
            names, name = self._names or self.names(), key.lower()
            if name not in names:
                names.add(name)
                self._pairs.append((key, value))
                return
        super().__setitem__(key, value)


class _OwnHeaders:
    """The headers of a response: made of its pairs when somebody asks for them, and found in it ever after."""

    def __get__(self, response: Response | None, owner: type | None = None) -> Any:
        if response is None:
            return self
        # Without its `__init__`, which would make a list to throw away.
        headers = response.__dict__["headers"] = _Headers.__new__(_Headers)
        headers._pairs, response.pairs = response.pairs or [], None
        if len(headers._pairs) == 2:
            headers._names = {"content-type", "content-length"}
        return headers


class Defaults(list[Header]):
    """Headers for the answers that have none of the same name. It never changes; `names` are in small letters."""

    def __init__(self, headers: Iterable[Header] = ()) -> None:
        super().__init__(headers)
        self.names = frozenset(name.lower() for name, _ in self)

    def beside(self, known: set[str]) -> list[Header]:
        """Those that are sent with headers of these names."""
        if known.isdisjoint(self.names):
            return self
        return [header for header in self if header[0].lower() not in known]


NO_DEFAULTS = Defaults()


class Response(werkzeug.Response):
    """A Werkzeug response with a short way in, `quick`, and a short way out for one body of known length."""

    default_mimetype = "text/html"
    direct_passthrough = False
    _direct = True
    _status = STATUS_LINES[200]
    _status_code = 200
    pairs: list[Header] | None = None
    """What `headers` will hold once somebody asks for them, and known to be ASCII; `None` from then on."""
    headers: Headers = _OwnHeaders()  # type: ignore[assignment]

    @classmethod
    def quick(cls, body: bytes, content_type: str, status: int = 200) -> Self:
        """A response with these bytes. `content_type` is trusted: nothing of a visitor's may stand in it."""
        self = cls.__new__(cls)
        self.pairs = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        self.response = [body]
        self._on_close = []
        if status != 200:
            self._status = STATUS_LINES.get(status) or f"{status} UNKNOWN"
            self._status_code = status
        return self

    def add_header(self, name: str, value: str) -> None:
        """Add a header below those of the same name. `value` is trusted, as the type in `quick` is."""
        if self.pairs is None:
            self.headers.add(name, value)
        else:
            self.pairs.append((name, value))

    def names(self) -> set[str]:
        """The names of its headers, in small letters."""
        own = self.headers._list if self.pairs is None else self.pairs
        return {name.lower() for name, _ in own}

    @property
    def is_ascii(self) -> bool:
        """Whether its headers are known to be ASCII without a look at them."""
        return self.pairs is not None or getattr(self.headers, "is_ascii", False)

    def unsendable(self) -> tuple[str, str] | None:
        """The first header that somebody has set to what no header can hold: its name, and the first such character.

        PEP 3333 wants Latin-1. One server sends all else as UTF-8, one answers 500, and one leaves the client waiting.
        """
        for name, value in self.headers._list:
            if not value.isascii() and max(value) > "\xff" and name.lower() not in CORRECTED:
                return name, next(it for it in value if it > "\xff")
        return None

    def add_defaults(self, defaults: Defaults) -> None:
        """Add those of `defaults` that the response has not."""
        own = self.headers._list if self.pairs is None else self.pairs
        own += defaults.beside({name.lower() for name, _ in own})

    def send(self, environ: Environ, start_response: StartResponse, defaults: Defaults) -> Iterable[bytes]:
        """Answer, with those of `defaults` that the response has not. One look at its headers is for both."""
        if not self._direct:
            self.add_defaults(defaults)
            return self(environ, start_response)
        body = self.response
        if (
            type(body) is list
            and len(body) == 1
            and type(body[0]) is bytes
            and not self._on_close
            and self._status_code not in WITHOUT_BODY
        ):
            own = self.pairs
            if own is not None and len(own) == 2:  # those of `quick`, which need no look
                headers: list[Header] | None = own + defaults
            else:
                headers = self._direct_headers(body[0], defaults)
            if headers is not None:
                start_response(self._status, headers)
                return body if environ["REQUEST_METHOD"] != "HEAD" else ()
        self.add_defaults(defaults)
        if (
            type(body) is FileBody
            and self._status_code == 200
            and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        ):
            return self._send_file(body, environ, start_response)
        return super().__call__(environ, start_response)

    def _direct_headers(self, body: bytes, defaults: Defaults) -> list[Header] | None:
        """The headers to send with one body; `None` where Werkzeug has to look at one of them."""
        if self.pairs is None and type(self.headers) is _Headers:
            own, known = self.headers._pairs, self.headers.names()
        else:
            own = self.pairs or self.headers._list
            known = {name.lower() for name, _ in own}
        if not known.isdisjoint(CORRECTED):
            return None
        if "content-length" in known or not self.automatically_set_content_length:
            return own + defaults.beside(known)
        return [*own, ("Content-Length", str(len(body))), *defaults.beside(known)]

    @property
    def is_untouched(self) -> bool:
        """Whether its headers are those of `quick` and no others."""
        return self.pairs is not None and len(self.pairs) == 2

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
        if self._direct:
            return self.send(environ, start_response, NO_DEFAULTS)
        return super().__call__(environ, start_response)

    def _send_file(self, body: FileBody, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        def whole(version: Version) -> list[Header]:
            own = [header for header in self.headers if header[0].lower() != "content-length"]
            return [*own, ("Content-Length", str(version.size))]

        line, headers, content = body.answer(environ, whole)
        start_response(line, headers)
        return ClosingIterator(content, self._on_close) if self._on_close else content
