"""Bodies of requests: JSON in UTF-8 and nothing else, validated from its bytes as they came."""

from __future__ import annotations

import re
from math import isinf
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_options_header

from engine import Request
from engine.ext.api.problems import (
    COUNTED,
    Invalid,
    NotJSON,
    invalid,
    is_listable,
    path_to,
    problem,
    too_many,
)

JSON = "application/json"
UTF_8 = frozenset({"utf-8", "utf8"})

# What only looks like JSON: constants of JavaScript, and numbers that no float holds. Looked for in bytes, as pydantic
# takes them all; what is found may stand in a text, so it is then looked at closely.
_exponent = re.compile(rb"[0-9][eE]\+?[0-9]{3}").search
_long_number = re.compile(rb"[0-9]{300}").search


class NotJSONType(UnsupportedMediaType):
    """A body of another type: 415. It says which types are taken (RFC 9110 §15.5.16, RFC 5789 §2.2)."""

    def __init__(self, method: str) -> None:
        super().__init__("Send JSON in UTF-8, as application/json.")
        self.response = problem(self)
        self.response.headers["Accept-Patch" if method == "PATCH" else "Accept"] = JSON


class TooLarge(RequestEntityTooLarge):
    """A body of more than `limit` bytes: 413."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have {limit:,} bytes.")
        self.response = problem(self)


class Body:
    """Reads a body of one `kind`, of at most `most` bytes. One that may be left out is so where nothing is sent."""

    def __init__(self, kind: Any, optional: bool, most: int | None = None) -> None:
        self.adapter: TypeAdapter[Any] = TypeAdapter(kind)
        self.optional = optional
        self._most = most
        self._validate = self.adapter.validator.validate_json

    def read(self, request: Request, values: dict[str, Any], owner: tuple[Any, ...] = ()) -> None:
        """Set `body` in `values`. Raises `TooLarge`, `NotJSONType`, `NotJSON` and `Invalid`."""
        raw = self._read(request)
        if not raw:
            if self.optional:
                return
            raise NotJSON("there is no body")
        kind = request.content_type
        if kind != JSON and not is_json(kind):
            raise NotJSONType(request.method)
        if looks_wrong(raw):
            check_numbers(raw)
        try:
            body = self._validate(raw, strict=True)
        except ValidationError as error:
            body = self._again(error, raw)
        if isinstance(
            body, (Invalid, NotJSON)
        ):  # raised here, where it keeps nothing alive that pydantic has found
            try:
                raise body
            finally:
                del body
        values["body"] = body

    def _read(self, request: Request) -> bytes:
        """The bytes of the body. No more of it is read than may be sent."""
        limit = self._most
        if limit is None:
            limit = min(request.max_api_body, request.max_content_length or request.max_api_body)
        request.max_content_length = limit
        try:
            raw: bytes = request.get_data()
        except RequestEntityTooLarge:
            raise TooLarge(limit) from None
        if len(raw) > limit:  # it was read before
            raise TooLarge(limit)
        return raw

    def _again(self, error: ValidationError, raw: bytes) -> Any:
        """What a body is whose only fault is that it has `2.0` for `2`, which JSON Schema does not tell apart.

        Otherwise what is to be raised.
        """
        if (count := error.error_count()) > COUNTED:
            return too_many(count)
        try:
            given = [from_json(raw)]
        except ValueError as second:
            return NotJSON(str(second))
        if not make_whole(given, error):
            return invalid(error, "body", given[0])
        try:
            return self._validate(to_json(given[0]), strict=True)
        except ValidationError as second:
            return invalid(second, "body", given[0])


def is_json(content_type: str | None) -> bool:
    """Whether a type is JSON, also one of its dialects (RFC 6839 §3.1), in UTF-8 (RFC 8259 §8.1)."""
    kind, options = parse_options_header(content_type)
    kind = kind.lower()
    named = kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))
    return named and options.get("charset", "utf-8").lower() in UTF_8


def make_whole(given: list[Any], error: ValidationError) -> bool:
    """Make integers of the whole floats in `given[0]` that are refused for being floats, and tell whether there are."""
    found = False
    if not is_listable(error, given[0]):
        return False
    for one in error.errors(include_url=False, include_context=False):
        if one["type"] == "int_type" and isinstance(one["input"], float) and one["input"].is_integer():
            holder: Any = given
            *way, last = (0, *path_to(one["loc"], given[0]))
            for key in way:
                holder = holder[key]
            holder[last] = int(one["input"])
            found = True
    return found


def looks_wrong(raw: bytes) -> bool:
    """Whether there might be something in a text that pydantic takes for a number, and JSON does not."""
    return bool(
        b"NaN" in raw or b"Infinity" in raw or _exponent(raw) or (len(raw) > 300 and _long_number(raw))
    )


def check_numbers(raw: bytes) -> None:
    """Raises `NotJSON` for NaN and infinities, also where a number is too large to be anything else."""
    try:
        waiting = [from_json(raw, allow_inf_nan=False)]
    except ValueError as error:
        raise NotJSON(str(error)) from None
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        elif _is_too_large(value):
            raise NotJSON("number out of range")


def _is_too_large(value: Any) -> bool:
    """Whether no float of 64 bits holds a number."""
    return isinf(value) if isinstance(value, float) else isinstance(value, int) and value.bit_length() > 1024
