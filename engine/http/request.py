"""What comes in: Werkzeug's request, read from the environ only when asked for, and one that is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from secrets import token_hex
from typing import IO, Any, TypeVar

import werkzeug
from werkzeug.datastructures import EnvironHeaders, Headers, IfRange, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_if_range_header
from werkzeug.sansio.http import parse_cookie

from engine.errors import Elsewhere
from engine.http import json
from engine.http.conditional import Environ, http_time
from engine.http.forms import (
    BODY,
    FORM,
    URLENCODED,
    FormParser,
    MeasuredStream,
    TooLarge,
    fields,
    parsed,
    read_exactly,
)
from engine.trace import EVERY, HANDED_ON, Trace

T = TypeVar("T")


class _Lazy:
    """Makes an attribute at its first use and puts it in the instance, where it is found first ever after."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._make(instance)
        return value


def lazy(make: Callable[[Any], T]) -> T:
    """A class attribute that each instance makes by `make(instance)` when it is first read, and may set.

    Typed as the value, as `dataclasses.field` is. `functools.cached_property` takes a lock in Python 3.11.
    """
    return _Lazy(make)  # type: ignore[return-value]


def _server(request: Request) -> tuple[str, int | None] | None:
    name = request.environ.get("SERVER_NAME")
    if name is None:
        return None
    try:
        return name, int(request.environ.get("SERVER_PORT"))  # type: ignore[arg-type]
    except (TypeError, ValueError):  # a Unix socket
        return name, None


def _decoded(raw: str) -> str:
    """A path of the environ, whose characters stand for bytes (PEP 3333), as text."""
    return raw if raw.isascii() else raw.encode("latin1").decode(errors="replace")


def _cookies(request: Request) -> Any:
    # Werkzeug's own looks for the header through the whole environ.
    return parse_cookie(request.environ.get("HTTP_COOKIE"), cls=request.dict_storage_class)


def _stream(request: Request) -> Any:
    limit = request.max_content_length
    try:
        stream = super(Request, request).stream
    except RequestEntityTooLarge:
        raise TooLarge(BODY, limit or 0) from None
    if limit is None or "wsgi.input_terminated" not in request.environ:
        return stream
    return MeasuredStream(request.environ["wsgi.input"], limit)


def _if_range(request: Request) -> IfRange:
    try:
        return parse_if_range_header(request.environ.get("HTTP_IF_RANGE"))
    except OverflowError:  # see `http_time`
        return IfRange()


_BODY = frozenset({"_cached_data", "input_stream", "stream"})
"""Through these somebody else may have read of the body already."""


REQUEST_ID = "engine.request_id"
"""Where the environ keeps the id of its request."""


def request_id(environ: Environ) -> str:
    """What a request is called in logs: 32 hexadecimal digits, or what a trusted proxy calls it."""
    known: str | None = environ.get(REQUEST_ID)
    if known is None:
        known = environ[REQUEST_ID] = token_hex(16)
    return known


class Request(werkzeug.Request):
    """A Werkzeug request that costs what is read of it.

    Its attributes are Werkzeug's. It differs where Werkzeug fails: a query string that is not UTF-8 and a
    date with a year of twenty digits are read, not raised; NaN, Infinity and deep nesting in JSON are 400; a
    chunked body over the limit is 413, not cut; the limits on multipart forms hold for urlencoded ones.
    Limits are in bytes and fields, and may be set on a subclass or, before the body is read, on a request.
    """

    max_content_length: int | None = 16 * 1024 * 1024
    max_form_memory_size: int | None = 500_000
    max_form_parts = 1000
    max_api_body: int = 1_000_000
    """Bytes of a body that an API validates: what is found wrong with it takes many times as much memory."""
    form_data_parser_class = FormParser
    json_module = json
    shallow = False

    view_args: dict[str, Any] | None = None
    """The path parameters, converted; `None` where no route was found."""
    route_id: str | None = None
    """The id of the route that answers, such as `/blog/[slug]`."""
    # What Flask calls it.
    endpoint = Elsewhere("Write request.route_id, the path of its file")
    url_rule = Elsewhere("Write request.route_id, the path of its file")
    blueprint = Elsewhere("Write request.route_id, which begins with the path of its directory")

    # An environ that holds its request makes a cycle, and keeps body and files until the collector runs.
    def __init__(self, environ: Environ, populate_request: bool = False, shallow: bool = False) -> None:
        self.environ = environ
        if shallow:
            self.shallow = True
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    id: str = lazy(lambda self: request_id(self.environ))
    method: str = lazy(lambda self: self.environ.get("REQUEST_METHOD", "GET").upper())
    scheme: str = lazy(lambda self: self.environ.get("wsgi.url_scheme", "http"))
    content_type: str = lazy(lambda self: self.environ.get("CONTENT_TYPE"))
    server: tuple[str, int | None] | None = lazy(_server)
    root_path: str = lazy(lambda self: _decoded(self.environ.get("SCRIPT_NAME") or "").rstrip("/"))
    path: str = lazy(lambda self: "/" + _decoded(self.environ.get("PATH_INFO") or "").lstrip("/"))
    query_string: bytes = lazy(lambda self: self.environ.get("QUERY_STRING", "").encode("latin1"))
    headers: Headers = lazy(lambda self: EnvironHeaders(self.environ))
    remote_addr: str | None = lazy(lambda self: self.environ.get("REMOTE_ADDR"))

    cookies: ImmutableMultiDict[str, str] = lazy(_cookies)
    args: MultiDict[str, str] = lazy(
        lambda self: parsed(
            self.query_string.decode(errors="werkzeug.url_quote"), self.parameter_storage_class
        )
    )
    full_path: str = lazy(lambda self: f"{self.path}?{self.query_string.decode(errors='werkzeug.url_quote')}")
    input_stream: IO[bytes] = lazy(lambda self: self.environ["wsgi.input"])
    stream: IO[bytes] = lazy(_stream)
    form: ImmutableMultiDict[str, str] = lazy(lambda self: self._loaded("form"))
    files: ImmutableMultiDict[str, Any] = lazy(lambda self: self._loaded("files"))
    date: datetime | None = lazy(lambda self: http_time(self.environ.get("HTTP_DATE")))
    if_modified_since: datetime | None = lazy(
        lambda self: http_time(self.environ.get("HTTP_IF_MODIFIED_SINCE"))
    )
    if_unmodified_since: datetime | None = lazy(
        lambda self: http_time(self.environ.get("HTTP_IF_UNMODIFIED_SINCE"))
    )
    if_range: IfRange = lazy(_if_range)

    def close(self) -> None:
        """Close the files that the request brought."""
        if self.__dict__.get("files"):
            super().close()

    def get_data(
        self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False
    ) -> Any:  # as Werkzeug's, whose overloads tell bytes from text
        """The body; one of known length, untouched so far, without the machinery of streams."""
        kept = self.__dict__
        length = self._plain_length()
        if length is None or parse_form_data or self.shallow or not _BODY.isdisjoint(kept) or "form" in kept:
            return super().get_data(cache, as_text, parse_form_data)  # type: ignore[call-overload]
        self._check_length(length)
        raw = read_exactly(self.environ["wsgi.input"], length)
        kept["stream"] = BytesIO()
        if cache:
            self._cached_data = raw
        return raw.decode(errors="replace") if as_text else raw

    def _loaded(self, name: str) -> Any:
        self._load_form_data()
        return self.__dict__[name]

    def _load_form_data(self) -> None:
        """Read the form; a small urlencoded one of known length without the parser's machinery."""
        kept = self.__dict__
        if "form" in kept:
            return
        length = self._urlencoded_length()
        if length is None or self.shallow or not _BODY.isdisjoint(kept):
            super()._load_form_data()
            return
        self._check_length(length)
        if self.max_form_memory_size is not None and length > self.max_form_memory_size:
            raise TooLarge(FORM, self.max_form_memory_size)
        raw = read_exactly(self.environ["wsgi.input"], length)
        kept["form"] = fields(raw, self.max_form_parts, self.parameter_storage_class)
        kept["files"] = self.parameter_storage_class()
        kept["stream"] = BytesIO()

    def _urlencoded_length(self) -> int | None:
        """The length of the body in bytes, where it is an urlencoded form and the length is plain to see."""
        if self.environ.get("CONTENT_TYPE") != URLENCODED or self.form_data_parser_class is not FormParser:
            return None
        return self._plain_length()

    def _check_length(self, length: int) -> None:
        if self.max_content_length is not None and length > self.max_content_length:
            raise TooLarge(BODY, self.max_content_length)

    def _plain_length(self) -> int | None:
        """The length of the body in bytes, where that is plain to see."""
        environ = self.environ
        if "HTTP_TRANSFER_ENCODING" in environ:
            return None
        length = environ.get("CONTENT_LENGTH") or ""
        return int(length) if length.isdecimal() and length.isascii() and len(length) < 19 else None


_FREE = """
    application close dict_storage_class form_data_parser_class from_values is_multiprocess is_multithread
    is_run_once json_module list_storage_class max_api_body max_content_length max_form_memory_size max_form_parts
    method on_json_loading_failed parameter_storage_class route_id shallow trusted_hosts user_agent_class view_args
"""
FREE = frozenset(_FREE.split())
"""What may be read of a request without tying the answer to its visitor."""

_KINDS = {
    "cookies": "cookies",
    "query": "args full_path query_string values",
    "body": "data files form get_data get_json input_stream json make_form_data_parser stream",
    "host": "base_url host host_url is_secure root_path root_url scheme script_root server url url_root",
    "address": "access_route remote_addr",
    "path": "path",
}
_KNOWN = {name: what for what, names in _KINDS.items() for name in names.split()}
_PUBLIC = {name for name in (*dir(Request), "environ") if name[0] != "_"}

TOUCHES = {name: _KNOWN.get(name, "headers") for name in sorted(_PUBLIC - FREE)}
"""What reading an attribute touches. All that is not known to be something else reads the headers."""


_READS = {
    "accept_charsets": "accept-charset",
    "accept_encodings": "accept-encoding",
    "accept_languages": "accept-language",
    "accept_mimetypes": "accept",
    "authorization": "authorization",
    "origin": "origin",
    "referrer": "referer",
    "user_agent": "user-agent",
}
"""The one header that an attribute reads. Every other attribute counts as reading all."""


class WatchedHeaders(EnvironHeaders):
    """The headers of a request, which note in `trace` which of them are read."""

    def __init__(self, plain: EnvironHeaders, trace: Trace) -> None:
        self._plain = plain
        self._trace = trace

    @property
    def environ(self) -> Environ:  # type: ignore[override]
        return self._all().environ

    def _all(self) -> EnvironHeaders:
        self._trace.headers.add(EVERY)
        return self._plain

    def _get_key(self, key: str) -> str:
        if isinstance(key, str):
            self._trace.headers.add(key.lower().replace("_", "-"))
        return self._plain[key]

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
        self._trace.headers.add(key.lower())
        return self._plain.getlist(key, *args, **kwargs)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return self._all() == (other._all() if isinstance(other, WatchedHeaders) else other)

    __hash__ = None


class ObservedRequest(Request):
    """A request that records in `trace` what is read of it.

    It stands before a plain request, which does the work, so that only what was asked for is recorded and not
    what that reads in turn. Everything else, settings included, goes through.
    """

    def __init__(self, environ: Environ, trace: Trace, plain: type[Request] = Request) -> None:
        object.__setattr__(self, "_plain", plain(environ))
        object.__setattr__(self, "_trace", trace)

    def __getattribute__(self, name: str) -> Any:
        what = TOUCHES.get(name)
        if what is None and name[:2] == "__":
            return object.__getattribute__(self, name)
        plain = object.__getattribute__(self, "_plain")
        if what is not None:
            trace: Trace = object.__getattribute__(self, "_trace")
            trace.touch(what)
            if name == "headers" and type(plain.headers) is EnvironHeaders:
                return WatchedHeaders(plain.headers, trace)
            if what == "headers":
                trace.headers.add(_READS.get(name, EVERY))
        elif name not in FREE and name[0] != "_":
            object.__getattribute__(self, "_trace").touch(HANDED_ON)
        return getattr(plain, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(object.__getattribute__(self, "_plain"), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(object.__getattribute__(self, "_plain"), name)
