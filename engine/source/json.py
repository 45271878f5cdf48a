"""JSON, strictly: no key twice, no NaN, no half of a surrogate pair; and the place of each part."""

from __future__ import annotations

import json as stdlib
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple, NoReturn

from engine.errors import Fault, SiteError
from engine.source.document import DEPTH, Document, Marks, is_deeper, is_larger, shown

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"\s]+')
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_NO_NUMBERS = frozenset(("NaN", "Infinity", "-Infinity"))


class _Refused(ValueError):
    """The JSON holds something that the standard library would take."""


class _Part(NamedTuple):
    """A key or the beginning of a value. `inside` is the offset of the object or array around it."""

    path: tuple[Any, ...]
    line: int
    column: int
    token: str
    is_key: bool
    inside: int


def load(text: str, *, file: str, first_line: int = 1, limit: int) -> Document:
    """Read one JSON document (RFC 8259) of at most `limit` bytes; `first_line` is its line in `file`.

    Raises SiteError with the first syntax error, or with every duplicate key, NaN and lone surrogate.
    """
    if is_larger(text, limit):
        what = f"this JSON is larger than {limit // 1024} kB"
        raise SiteError(Fault("json-limit", file, what, "Split it up", first_line))
    try:
        value = _value(text)
    except stdlib.JSONDecodeError as error:
        raise SiteError(_syntax_fault(error, file, first_line)) from None
    except _Refused:
        raise SiteError(_refusals(text, file, first_line)) from None
    except ValueError:
        what = "a number has more digits than can be converted"
        raise SiteError(Fault("bad-number", file, what, "Put it in quotes", first_line)) from None
    except RecursionError:
        raise SiteError(_too_deep(file, first_line)) from None
    if is_deeper(value):
        raise SiteError(_too_deep(file, first_line))
    return Document(value, partial(_marks, text, first_line))


def _syntax_fault(error: stdlib.JSONDecodeError, file: str, first_line: int) -> Fault:
    text, said, hint, at = error.doc, f"{error.msg[:1].lower()}{error.msg[1:]}", "", error.pos
    if (comma := _trailing_comma(error)) is not None:
        said, hint, at = "a comma stands before the end of an object or an array", "Remove it", comma
    line, column = text.count("\n", 0, at), at - text.rfind("\n", 0, at)
    return Fault("bad-json", file, f"this cannot be read as JSON: {said}", hint, first_line + line, column)


def _trailing_comma(error: stdlib.JSONDecodeError) -> int | None:
    """Where a comma has nothing behind it. Python 3.13 tells of the comma, and those before it of the bracket."""
    if error.msg.startswith("Illegal trailing comma"):
        return error.pos
    before = error.doc[: error.pos].rstrip()
    closes = error.doc[error.pos : error.pos + 1] in ("}", "]")
    return len(before) - 1 if closes and before.endswith(",") else None


def _value(text: str) -> Any:
    value = stdlib.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    if _SURROGATE_ESCAPE.search(text) and any(_is_surrogate(part.token) for part in _parts(text, 1)):
        raise _Refused
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise _Refused
    return made


def _refuse(constant: str) -> NoReturn:
    raise _Refused(constant)


def _is_surrogate(token: str) -> bool:
    return token[0] == '"' and _SURROGATE.search(_string(token)) is not None


def _string(token: str) -> str:
    """The text of a string or, behind a syntax error, of whatever stands there."""
    try:
        return str(stdlib.loads(token))
    except ValueError:
        return token


def _too_deep(file: str, first_line: int) -> Fault:
    what = f"this JSON is nested more than {DEPTH} levels deep"
    return Fault("json-limit", file, what, "Make it flatter", first_line)


def _refusals(text: str, file: str, first_line: int) -> list[Fault]:
    """A fault for each thing that the standard library takes and we do not."""
    faults: list[Fault] = []
    lines: dict[tuple[int, str], int] = {}
    for part in _parts(text, first_line):
        if part.token in _NO_NUMBERS:
            what = f"{part.token} is not JSON"
            faults.append(Fault("bad-json", file, what, "Write null, or a text", part.line, part.column))
        elif _is_surrogate(part.token):
            what = "this text holds half of a surrogate pair"
            faults.append(Fault("bad-json", file, what, "Write the character itself", part.line, part.column))
        if not part.is_key:
            continue
        name = (part.inside, part.path[-1])
        if name in lines:
            what = f"the key `{shown(name[1])}` stands twice, here and in line {lines[name]}"
            faults.append(Fault("duplicate-key", file, what, "Remove one of the two", part.line, part.column))
        lines.setdefault(name, part.line)
    return faults


def _marks(text: str, first_line: int) -> Marks:
    marks = Marks()
    for part in _parts(text, first_line):
        marks.places.setdefault(part.path, (part.line, part.column))
        if not part.is_key and part.token not in ("{", "["):
            marks.texts[part.path] = _string(part.token) if part.token[0] == '"' else part.token
    return marks


def _parts(text: str, first_line: int) -> Iterator[_Part]:
    """The keys and values of a document, in their order, up to where it stops being JSON."""
    around: list[tuple[tuple[Any, ...], int, int]] = []  # path, index of the item or -1 in an object, offset
    here: tuple[Any, ...] = ()
    key_next = False
    line, line_start, last = first_line, 0, 0
    for match in _TOKEN.finditer(text):
        token, start = match[0], match.start()
        if newlines := text.count("\n", last, start):
            line, line_start = line + newlines, text.rfind("\n", last, start) + 1
        last = start
        path, index, offset = around[-1] if around else ((), -1, -1)
        if token == "," and around:
            key_next = index < 0
            if not key_next:
                around[-1] = (path, index + 1, offset)
                here = (*path, index + 1)
        elif token in "}]" and around:
            here = around.pop()[0]
            key_next = False
        elif token in ",:}]":
            continue
        elif key_next:
            here = (*path, _string(token))
            key_next = False
            yield _Part(here, line, start - line_start + 1, token, True, offset)
        else:
            yield _Part(here, line, start - line_start + 1, token, False, offset)
            if token in "{[":
                around.append((here, 0 if token == "[" else -1, start))
                key_next = token == "{"
                here = (*here, 0)
