"""JSON in and out. The only module that decides how a value becomes JSON and which JSON is accepted.

A session's values may also be of the types below, written as an object with one key, as Flask writes them:
tuple " t" (a list), bytes " b" (base64), Markup " m" (its text), UUID " u" (hex), datetime " d" (an HTTP
date, so whole seconds, in UTC). An object that happens to have one such key is wrapped in " di".
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from json.encoder import c_make_encoder, encode_basestring, encode_basestring_ascii  # type: ignore[attr-defined]
from math import isinf
from typing import Any, NoReturn
from uuid import UUID

from markupsafe import Markup
from werkzeug.http import http_date, parse_date


def default(value: Any) -> Any:
    """What `json` cannot write by itself, as something that it can. Raises `TypeError` for the rest."""
    if is_model(value):
        return type(value).__pydantic_serializer__.to_python(value, mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "__html__"):
        return str(value.__html__())
    if isinstance(value, (set, frozenset)):
        raise TypeError("a set has no order and is not JSON; make it a sorted list")
    raise TypeError(f"{type(value).__name__} is not JSON")


def is_model(value: Any) -> bool:
    """Whether a value is one of pydantic's, which know how they become JSON."""
    return hasattr(type(value), "__pydantic_serializer__")


def _encoder(escape: Callable[[str], str], default: Callable[[Any], Any]) -> Callable[[Any], str]:
    """What writes a value as text. NaN and Infinity are refused: they are not JSON (RFC 8259, §6)."""
    if c_make_encoder is None:
        return json.JSONEncoder(
            ensure_ascii=escape is encode_basestring_ascii,
            allow_nan=False,
            separators=(",", ":"),
            default=default,
        ).encode
    # `JSONEncoder.encode` makes one of these each time, which costs as much as a small mapping does. A value that
    # holds itself ends in a RecursionError.
    encode = c_make_encoder(None, default, escape, None, ":", ",", False, False, False)
    return lambda value: "".join(encode(value, 0))


def _refuse_type(value: Any) -> NoReturn:
    raise TypeError(f"{type(value).__name__} is not JSON")


_text = _encoder(encode_basestring, default)
_ascii = _encoder(encode_basestring_ascii, default)


class JSONProvider:
    """How a site writes and reads JSON. `setup(app)` gives an instance of a subclass to `app.json_provider`.

    Most subclasses change `default` alone, which is asked for values that JSON has no form for.
    """

    def __init__(self) -> None:
        self._text = _encoder(encode_basestring, self.default)

    def default(self, value: Any) -> Any:
        """Something that JSON has a form for. Raises `TypeError`."""
        return default(value)

    def dumps(self, value: Any) -> str:
        """`value` as JSON. Raises `TypeError` and `ValueError`."""
        return self._text(value)

    def loads(self, data: str | bytes) -> Any:
        """The value of a JSON text. Raises `ValueError`."""
        return _loads(data)


def _no_provider() -> JSONProvider | None:
    return None


_provider: Callable[[], JSONProvider | None] = _no_provider


def find_provider_by(find: Callable[[], JSONProvider | None]) -> None:
    """Ask `find` for the provider of the site that answers, from now on: sites without one must not pay for it."""
    global _provider  # noqa: PLW0603  of the process, as every site's answers are encoded here
    _provider = find


def dumps(value: Any) -> str:
    """`value` as compact JSON with its keys in their order.

    Dates and times are written in ISO 8601; UUID and Decimal as text; dataclasses as objects; models of pydantic as
    they say; what has `__html__` as its HTML. Raises `TypeError` for any other type, sets included, and `ValueError`
    for NaN, Infinity, a value that holds itself or is nested too deeply.
    """
    provider = _provider()
    try:
        text = _text(value) if provider is None else provider.dumps(value)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(text, str):  # as that of orjson
        raise TypeError(f"dumps() of its JSON provider must return text, and returned {type(text).__name__}")
    return text


def encode(value: Any) -> bytes:
    """`dumps(value)` in UTF-8, as RFC 8259, §8.1 wants it sent."""
    if _provider is not _no_provider and _provider() is not None:
        return dumps(value).encode(errors="backslashreplace")  # a lone surrogate as its escape, as below
    try:
        return _text(value).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8, but came in as an escape and may go out as one.
        return _ascii(value).encode()


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is too large")
    return number


_decode = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite).decode


def loads(data: str | bytes) -> Any:
    """The value of a JSON text; bytes are UTF-8, UTF-16 or UTF-32.

    Raises `ValueError` for all that is not JSON, for NaN and Infinity, for numbers that overflow to infinity
    and for a text that is nested too deeply.
    """
    provider = _provider()
    return _loads(data) if provider is None else provider.loads(data)


def _loads(data: str | bytes) -> Any:
    text = data if isinstance(data, str) else data.decode(json.detect_encoding(data), "surrogatepass")
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


_PLAIN = frozenset({str, int, float, bool, type(None)})
_WRITE: tuple[tuple[type, str, Callable[[Any], Any]], ...] = (
    (tuple, " t", lambda value: [_tagged(item) for item in value]),
    (bytes, " b", lambda value: b64encode(value).decode("ascii")),
    (Markup, " m", str),
    (UUID, " u", lambda value: value.hex),
    (datetime, " d", http_date),
)
_READ: dict[str, Callable[[Any], Any]] = {
    " t": tuple,
    " b": b64decode,
    " m": Markup,
    " u": UUID,
    " d": parse_date,
    " di": lambda value: {key[:-2]: item for key, item in value.items()},
}


def _tagged(value: Any) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        if len(value) > 1 and _PLAIN.issuperset(map(type, value.values())):
            return value  # nearly every session
        tagged = {key: _tagged(item) for key, item in value.items()}
        key = next(iter(tagged), None)
        return {" di": {f"{key}__": tagged[key]}} if len(tagged) == 1 and key in _READ else tagged
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    for kind, tag, write in _WRITE:
        if isinstance(value, kind):
            return {tag: write(value)}
    return value


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) == 1:
        key = next(iter(found))
        if key in _READ:
            return _READ[key](found[key])
    return found


_session_encode = _encoder(encode_basestring_ascii, _refuse_type)
# `JSONDecoder.decode` looks for white space around the value, which no session has, and that takes as long again.
_session_scan = json.JSONDecoder(object_hook=_untagged).scan_once  # type: ignore[attr-defined]
_plain_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def encode_session(values: dict[str, Any]) -> bytes:
    """The values of a session as tagged JSON in ASCII. Raises `TypeError` and `ValueError`."""
    try:
        return _session_encode(_tagged(values)).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def decode_session(data: bytes) -> dict[str, Any]:
    """What `encode_session` wrote. Raises `ValueError` for anything else."""
    scan = _session_scan if b'" ' in data else _plain_scan  # every tag begins with a space
    text = data.decode()
    try:
        values, end = scan(text, 0)
    except (TypeError, AttributeError, RecursionError, StopIteration) as error:
        raise ValueError(str(error)) from None
    if type(values) is not dict or end != len(text):
        raise ValueError("not an object")
    return values
