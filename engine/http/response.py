"""What a handler may return, and the words for responses: `make_response`, `jsonify`, `redirect`."""

from __future__ import annotations

import inspect
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import werkzeug
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest
from werkzeug.utils import redirect as werkzeug_redirect

from engine.errors import Fault, SiteError
from engine.http import json
from engine.http.context import raw_environ
from engine.http.coroutines import in_turn
from engine.http.media_types import HTML, JSON
from engine.http.origin import Origin
from engine.http.outgoing import Response as Response
from engine.http.sending import file_response, is_of_site
from engine.http.sending import send_file as send_file
from engine.http.sending import send_from_directory as send_from_directory

REDIRECTS = frozenset({301, 302, 303, 307, 308})


class NotAnAnswer(TypeError):
    """A value that no response can be made of. `str()` says what it is, `hint` the way out."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class OutsideSite(NotAnAnswer):
    """A `Path` to what is no file of the site."""


SEND_FROM = "If it may be sent, say so by send_from_directory(directory, name)"
MEANS = "Return text, bytes, a mapping, a list, a dataclass, a Path, an iterator or a response"


def to_response(value: Any, origin: Origin, content_type: str = HTML) -> Response:
    """The response that a handler means by `value`: what a Flask view may return, a dataclass, a model or a `Path`.

    `content_type` is that of text, bytes and iterators. Raises `SiteError` with `handler-returned-none`,
    `handler-file` or `handler-return-type` at `origin`, and `NotFound` for a `Path` where no file is.
    """
    try:
        return (_BY_TYPE.get(type(value)) or _maker(value))(value, content_type)
    except NotAnAnswer as error:
        what = f"`{origin.name}()` returned {error}"
        if value is None:
            raise SiteError(
                Fault("handler-returned-none", origin.file, what, error.hint, origin.line)
            ) from None
        if isinstance(error, OutsideSite):
            raise SiteError(Fault("handler-file", origin.file, what, error.hint, origin.line)) from None
        raise SiteError(Fault("handler-return-type", origin.file, what, error.hint, origin.line)) from None


def make_response(*values: Any) -> Response:
    """The response that a handler would mean by returning `values`, to set headers and cookies on.

    A text is HTML, as in Flask, whatever the page is called: `mimetype` of the response says otherwise. Raises
    `TypeError` for what is no answer.
    """
    if not values:
        return Response()
    try:
        return convert(values[0] if len(values) == 1 else values, HTML)
    except NotAnAnswer as error:
        what = f"make_response() was given {error}. {error.hint.replace('Return', 'Give it', 1)}"
        raise NotAnAnswer(what, "") from None


def convert(value: Any, content_type: str) -> Response:
    """The response that `value` means. Raises `NotAnAnswer`."""
    return (_BY_TYPE.get(type(value)) or _maker(value))(value, content_type)


def _text(value: str, content_type: str) -> Response:
    try:
        return Response.quick(value.encode(), content_type)
    except UnicodeEncodeError:  # a lone surrogate, which came in by an escape in JSON and has no UTF-8
        return Response.quick(value.encode(errors="replace"), content_type)


def _bytes(value: bytes, content_type: str) -> Response:
    return Response.quick(bytes(value), content_type)


def _json(value: Any, content_type: str) -> Response:
    try:
        body = json.encode(value)
    except (TypeError, ValueError) as error:
        what = f"a {type(value).__name__} that cannot be JSON: {error}"
        raise NotAnAnswer(what, "Convert the value before it is returned") from None
    return Response.quick(body, content_type if content_type.endswith("json") else JSON)


def _itself(value: Response, content_type: str) -> Response:
    return value


def _adopted(value: werkzeug.Response, content_type: str) -> Response:
    """A response of any class of Werkzeug's kind, made one of ours without losing what its class changes."""
    if not isinstance(value, Response):
        value.__class__ = _adopting(type(value))  # type: ignore[arg-type]
    assert isinstance(value, Response)
    return value


@cache
def _adopting(cls: type[werkzeug.Response]) -> type[Response]:
    return Response if cls is werkzeug.Response else type(cls.__name__, (cls, Response), {})


def _file(value: Path, content_type: str) -> Response:
    if not is_of_site(value):
        raise OutsideSite(f"the file {value}, which is outside the site", SEND_FROM)
    return file_response(value)


def _stream(value: Iterator[Any], content_type: str) -> Response:
    return Response(value, content_type=content_type)


def _wsgi(value: Callable[..., Any], content_type: str) -> Response:
    response: Response = Response.force_type(value, raw_environ())  # type: ignore[arg-type, assignment]
    return response


def _tuple(value: tuple[Any, ...], content_type: str) -> Response:
    body, status, headers = _parts(value)
    if body is None or type(body) is tuple:
        raise NotAnAnswer(f"a tuple whose body is {'None' if body is None else 'a tuple'}", MEANS)
    response = convert(body, content_type)
    try:
        if status is not None:
            response.status = status
        if headers is not None:
            response.headers.update(Headers(headers))
    except (TypeError, ValueError, AttributeError) as error:
        what = f"a tuple with a bad status or bad headers: {error}".rstrip(".")
        raise NotAnAnswer(what, TUPLES) from None
    if not 100 <= response.status_code <= 999:
        raise NotAnAnswer(f"a tuple with the status {status!r}", TUPLES)
    return response


TUPLES = "Return (body, status), (body, headers) or (body, status, headers)"


def _parts(value: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    if len(value) == 3:
        return value
    if len(value) != 2:
        raise NotAnAnswer(f"a tuple of {len(value)}", TUPLES)
    body, second = value
    if isinstance(second, (Headers, Mapping, tuple, list)):
        return body, None, second
    return body, second, None


_BY_TYPE: dict[type, Callable[[Any, str], Response]] = {
    str: _text,
    dict: _json,
    list: _json,
    Response: _itself,
    bytes: _bytes,
    tuple: _tuple,
}
_BY_KIND: tuple[tuple[type | tuple[type, ...], Callable[[Any, str], Response]], ...] = (
    (str, _text),
    (werkzeug.Response, _adopted),
    ((bytearray, memoryview, bytes), _bytes),
    ((Mapping, list), _json),
    (Path, _file),
    (tuple, _tuple),
    (Iterator, _stream),
    (AsyncIterator, lambda value, content_type: _stream(in_turn(value), content_type)),
)


def _maker(value: Any) -> Callable[[Any, str], Response]:
    """What makes a response of a value of an uncommon type."""
    if isinstance(value, Response):
        return _itself
    if (is_dataclass(value) or json.is_model(value)) and not isinstance(value, type):
        return _json
    for kind, maker in _BY_KIND:
        if isinstance(value, kind):
            return maker
    if value is None:
        raise NotAnAnswer("None", f'{MEANS}; for an empty page return ""')
    if inspect.iscoroutine(value):
        value.close()
        raise NotAnAnswer("a coroutine", "Await it in an `async def`")
    if callable(value) and not isinstance(value, type):
        return _wsgi
    shown = (
        f"{value!r:.60}, of" if " at 0x" not in repr(value) else "an object of"
    )  # an address tells nothing
    raise NotAnAnswer(f"{shown} the type {type(value).__name__}", MEANS)


def jsonify(*values: Any, **fields: Any) -> Response:
    """A JSON response of one value, of several as a list, or of named ones. Raises `TypeError`."""
    if values and fields:
        raise TypeError("jsonify() takes values or named fields, not both")
    return _json(fields or (values[0] if len(values) == 1 else list(values) or None), JSON)


class BadLocation(BadRequest, ValueError):
    """A location with a control character: it can only have come from a request, which is answered 400."""


_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LOCAL = re.compile(r"/(?![/\\])[^\x00-\x20\\\x7f-\x9f]*")


def redirect(location: str, code: int = 303) -> Response:
    """A response that sends the visitor to `location`, which stays relative if it is.

    Raises `BadLocation` for a control character and `ValueError` for a `code` that is no redirect.
    A location that came from a visitor must pass `is_local` first.
    """
    if code not in REDIRECTS:
        raise ValueError(f"{code} is not the status of a redirect; choose one of {sorted(REDIRECTS)}")
    if _CONTROLS.search(location):
        raise BadLocation("The location to redirect to holds a control character.")
    response = werkzeug_redirect(location, code, Response)
    assert isinstance(response, Response)
    return response


def is_local(target: str | None) -> bool:
    """Whether `target` is a path on this site: one `/`, then no `/` or `\\`; no control, space or backslash.

    Stricter than the URL standard: browsers read `/\\host` and `/<tab>/host` as another site's address.
    """
    return target is not None and _LOCAL.fullmatch(target) is not None
