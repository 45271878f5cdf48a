"""Errors for programs: problem details (RFC 9457) that name each field by a JSON pointer (RFC 6901)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, HTTPException, UnprocessableEntity

from engine import Response

PROBLEM = "application/problem+json"
LISTED = 100
"""Errors that one answer lists."""

COUNTED = 10_000
"""Errors that are looked at: pydantic makes an object of each, or of none."""

MOST_CHARACTERS = 1_000_000
"""Characters on the way to all of them: a name of a megabyte may stand before a thousand errors."""

Error = Mapping[str, Any]


def problem(error: HTTPException, **members: Any) -> Response:
    """An error as problem details: `status`, `title`, `detail`, and `members`."""
    status = error.code or 500
    details = {"title": error.name, "status": status, "detail": error.description or "", **members}
    response = Response.quick(json.dumps(details).encode(), PROBLEM, status)
    for name, value in Headers(error.get_headers()):
        if name.lower() not in ("content-type", "content-length"):
            response.headers.add(name, value)
    return response


def as_problem(error: HTTPException) -> HTTPException:
    """The error, to be answered as problem details unless the site answers it."""
    error.response = problem(error)
    return error


def error_handler(error: HTTPException) -> Response:
    """For the `_hooks.py` of an API: every error below its directory is told as problem details."""
    if isinstance(error.response, Response):
        return error.response
    return problem(error)


class Invalid(UnprocessableEntity):
    """What a request says has the right form and a wrong meaning: 422.

    Each error has `in` (body, query, path or header), `pointer` (a JSON pointer, `""` for the whole), `detail` and
    `type`.
    """

    description = "What was sent does not fit."

    def __init__(self, *errors: Error, description: str | None = None) -> None:
        super().__init__(description)
        self.errors = errors
        self.response = problem(self, errors=errors)

    @classmethod
    def at(cls, pointer: str, detail: str, *, place: str = "body", type: str = "value_error") -> Invalid:
        """One error, which only the site can find: `raise Invalid.at("/email", "Input is somebody else's")`."""
        return cls({"in": place, "pointer": pointer, "detail": detail, "type": type})

    def and_also(self, other: Invalid) -> Invalid:
        """The errors of both."""
        said = next((it.description for it in (self, other) if it.description != Invalid.description), None)
        return Invalid(*self.errors, *other.errors, description=said)


class NotJSON(BadRequest):
    """A body that is no JSON: 400."""

    def __init__(self, detail: str) -> None:
        super().__init__("The body is not JSON.")
        self.response = problem(
            self, errors=[{"in": "body", "pointer": "", "detail": detail, "type": "json_invalid"}]
        )


def invalid(
    error: ValidationError, place: str, given: Any, names: Mapping[str, str] = MappingProxyType({})
) -> Invalid:
    """What pydantic found in `given`, which came in `place`; `names` are what the request calls some of its keys."""
    count = error.error_count()
    if not is_listable(error, given):
        return too_many(count)
    said = f"What was sent has {count:,} errors, of which the first {LISTED} are listed."
    listed = islice(_listed(error, place, given, names), LISTED)
    return Invalid(*listed, description=said if count > LISTED else None)


def too_many(count: int) -> Invalid:
    """Says how many errors there are, and lists none."""
    return Invalid(description=f"What was sent has {count:,} errors, too many to list.")


def is_listable(error: ValidationError, given: Any) -> bool:
    """Whether telling the errors in `given` takes little: their number, and the names on the way to each."""
    count = error.error_count()
    return count == 1 or (count <= COUNTED and count * _longest_way(given) <= MOST_CHARACTERS)


def _longest_way(given: Any) -> int:
    """The characters of the longest pointer into a value, before it is escaped."""
    longest, waiting = 0, [(given, 0)]
    while waiting:
        value, length = waiting.pop()
        longest = max(longest, length)
        if isinstance(value, dict):
            waiting += ((it, length + len(key) + 1) for key, it in value.items())
        elif isinstance(value, list):
            waiting += ((it, length + 8) for it in value)
    return longest


def _listed(error: ValidationError, place: str, given: Any, names: Mapping[str, str]) -> Iterator[Error]:
    for one in error.errors(include_url=False, include_input=False):
        kind, detail = one["type"], one["msg"]
        if kind == "union_tag_invalid":  # the one message that would repeat what was sent
            detail = f"Input has a tag that is none of {one['ctx']['expected_tags']}"
        found = pointer(one["loc"], given, kind, names)
        yield {"in": place, "pointer": found, "detail": detail, "type": kind}


def pointer(where: Sequence[int | str], given: Any, kind: str, names: Mapping[str, str]) -> str:
    """The JSON pointer to what pydantic calls `where` in `given`."""
    keys = [str(key) for key in path_to(where, given)]
    if kind == "missing":
        keys.append(str(where[-1]))
    keys[:1] = [names.get(key, key) for key in keys[:1]]
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)


def path_to(where: Sequence[int | str], given: Any) -> Iterator[int | str]:
    """The keys in `given` on the way to what pydantic calls `where`.

    pydantic also names the branches of unions there, which are no part of what was sent.
    """
    for key in where:
        if isinstance(given, list) and isinstance(key, int) and 0 <= key < len(given):
            given = given[key]
            yield key
        elif isinstance(given, dict) and str(key) in given:
            given = given[str(key)]
            yield str(key)
