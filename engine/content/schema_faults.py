"""What pydantic says of a front matter, as faults at the places that its author wrote."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.errors import Fault
from engine.source.document import shown
from engine.source.frontmatter import FrontMatter

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen": "a list",
    "dict": "a mapping",
    "mapping": "a mapping",
    "dataclass": "a mapping",
    "model": "a mapping",
    "date": "a date like 2026-01-31",
    "datetime": "a time like 2026-01-31T09:30:00Z",
    "time": "a time of day like 09:30:00",
    "url": "a URL",
    "uuid": "a UUID",
    "none": "nothing",
}
"""What a field wants, by the first word of pydantic's error type."""

_TYPE_ERRORS = ("_type", "_parsing", "_from_float", "_inexact")
UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
MISSING = ("missing", "missing_argument")


def path_of(given: Any, loc: Iterable[str | int]) -> tuple[str | int, ...]:
    """As much of pydantic's `loc` as leads to something in `given`; it also names members of unions."""
    path: tuple[str | int, ...] = ()
    for part in tuple(loc)[1:]:
        inside = value_at(given, path)
        keys = range(len(inside)) if isinstance(inside, list) else inside if isinstance(inside, dict) else ()
        if part in keys:
            path = (*path, part)
    return path


def value_at(value: Any, path: Iterable[str | int]) -> Any:
    """What `path` leads to."""
    for part in path:
        value = value[part]
    return value


def faults_of(
    errors: list[ErrorDetails], given: dict[str, Any], matter: FrontMatter, file: str, known: frozenset[str]
) -> list[Fault]:
    """A fault for each error; errors of type at one place, as those of a union, make one fault."""
    faults: list[Fault] = []
    expected: dict[tuple[str | int, ...], list[str]] = {}
    for error in errors:
        path = path_of(given, error["loc"])
        line, column = _place(matter, path)
        name = _name(path)
        if error["type"] in MISSING:
            what = f"the key `{_name((*path, error['loc'][-1]))}` is missing"
            faults.append(Fault("missing-key", file, what, f"Add `{error['loc'][-1]}: …`", line))
        elif error["type"] in UNKNOWN:
            what = f"the key `{name}` is not in the schema"
            faults.append(Fault("unknown-key", file, what, _nearest(name, known), line, column))
        elif (want := wanted(error)) is not None:
            expected.setdefault(path, []).append(want)
        else:
            what = refusal(error, name, value_at(given, path))
            faults.append(Fault("wrong-value", file, what, "", line, column))
    for path, wants in expected.items():
        got = told(value_at(given, path))
        what = f"`{_name(path)}` must be {' or '.join(dict.fromkeys(wants))}, not {got}"
        faults.append(Fault("wrong-type", file, what, "", *_place(matter, path)))
    return sorted(faults, key=lambda fault: fault.sort_key)


def wanted(error: ErrorDetails) -> str | None:
    """What a value of the wrong type should have been; `None` for a value that is wrong otherwise."""
    kind = error["type"]
    if kind in ("literal_error", "enum"):
        return str(error.get("ctx", {}).get("expected", "another value"))
    return EXPECTED.get(kind.partition("_")[0]) if kind.endswith(_TYPE_ERRORS) else None


def refusal(error: ErrorDetails, name: str, value: Any) -> str:
    """Why a validator of the site does not take the value of `name`."""
    message = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ").rstrip(".")
    message = message[:1].lower() + message[1:]
    return f"`{name}`: {message}; it is {told(value)}" if name else message


def _place(matter: FrontMatter, path: tuple[str | int, ...]) -> tuple[int, int | None]:
    """The place of what `path` leads to, or of the nearest thing around it; else line 1."""
    for end in range(len(path), 0, -1):
        if place := matter.place(*path[:end]):
            return place
    return 1, None


def _name(path: Iterable[str | int]) -> str:
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return shown(dotted.removeprefix("."))


def _nearest(name: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"Did you mean `{near[0]}`" if near else "Remove it, or add it to `_schema.py`"


def told(value: Any) -> str:
    """A value as a fault tells it."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return f'the text "{shown(value)}"'
    return str(value).lower() if isinstance(value, bool) else shown(value)
