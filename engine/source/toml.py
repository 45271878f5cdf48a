"""TOML, by tomllib, with the places that tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from functools import partial
from typing import Any

from engine.errors import Fault, SiteError
from engine.source.document import DEPTH, Document, Marks, is_deeper, is_larger

_STRING_OR_COMMENT = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*''', re.DOTALL
)
_DOTTED = re.compile(rf"(?<![\w-])(?:[\w-]++[ \t]*+\.[ \t]*+){{{DEPTH}}}")
_TABLE = re.compile(r"[ \t]*(\[\[?)(.+?)\]\]?[ \t]*$")
_ENTRY = re.compile(r"""[ \t]*((?:[\w-]++|"[^"\n]*"|'[^'\n]*'|[ \t]*+\.[ \t]*+)++)[ \t]*=""")
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def load(text: str, *, file: str, first_line: int = 1, limit: int) -> Document:
    """Read one TOML document of at most `limit` bytes. `first_line` is its line in `file`, for the faults.

    Raises SiteError with the first thing that is wrong. Keys have places, the items of a list have none.
    """
    if is_larger(text, limit):
        what = f"this TOML is larger than {limit // 1024} kB"
        raise SiteError(Fault("toml-limit", file, what, "Split it up", first_line))
    # tomllib takes time in the square of the parts of a dotted key: 60 kB of `a.a.a.` take 20 s.
    deep = text.count(".") >= DEPTH and bool(_DOTTED.search(_STRING_OR_COMMENT.sub("_", text)))
    try:
        value = {} if deep else tomllib.loads(text)
    except RecursionError:
        deep = True
    except ValueError as error:
        raise SiteError(_fault(str(error), text, file, first_line)) from None
    if deep or is_deeper(value):
        what = f"this TOML is nested more than {DEPTH} levels deep"
        raise SiteError(Fault("toml-limit", file, what, "Make it flatter", first_line))
    return Document(value, partial(_marks, text, first_line))


def _fault(message: str, text: str, file: str, first_line: int) -> Fault:
    where = _WHERE.search(message)
    problem = message[: where.start()] if where else message
    what = f"this cannot be read as TOML: {problem[:1].lower()}{problem[1:]}"
    if where is None:
        return Fault("bad-toml", file, what, "", first_line)
    line, column = int(where[1] or text.count("\n") + 1), int(where[2] or 1)
    return Fault("bad-toml", file, what, "Put text in quotes", first_line + line - 1, column)


def _marks(text: str, first_line: int) -> Marks:
    """The places of tables, and of the keys that begin a line."""
    marks = Marks()
    table: tuple[Any, ...] = ()
    lasts: dict[tuple[Any, ...], int] = {}
    brackets = 0
    for line, row in enumerate(_STRING_OR_COMMENT.sub(_shorten, text).split("\n"), first_line):
        if brackets <= 0 and (match := _TABLE.match(row)):
            table = _table_path(_key(match[2]), match[1] == "[[", lasts)
            place = (line, match.start(2) + 1)
            marks.places.setdefault(table, place)
            marks.places.setdefault(table[:-1] if match[1] == "[[" else table, place)
        elif brackets <= 0 and (match := _ENTRY.match(row)):
            path = (*table, *_key(match[1].strip()))
            for end in range(len(table) + 1, len(path) + 1):
                marks.places.setdefault(path[:end], (line, match.start(1) + 1))
            brackets = _brackets(row[match.end() :])
        else:
            brackets += _brackets(row)
    return marks


def _shorten(match: re.Match[str]) -> str:
    """Nothing for a comment, an empty string for one of many lines, and as many lines as there were."""
    token = match[0]
    if token.startswith("#"):
        return ""
    return '""' + "\n" * token.count("\n") if token.startswith(('"""', "'''")) else token


def _brackets(row: str) -> int:
    """How many arrays `row` leaves open."""
    row = _STRING_OR_COMMENT.sub("", row)
    return row.count("[") - row.count("]")


def _key(name: str) -> tuple[str, ...]:
    """The parts of a dotted key."""
    value: Any = tomllib.loads(f"{name} = 0")
    parts: list[str] = []
    while isinstance(value, dict):
        [(part, value)] = value.items()
        parts.append(part)
    return tuple(parts)


def _table_path(parts: tuple[str, ...], array: bool, lasts: dict[tuple[Any, ...], int]) -> tuple[Any, ...]:
    """The path of a table. A part that names an array of tables means the last of them."""
    path: tuple[Any, ...] = ()
    for part in parts[:-1]:
        path = (*path, part)
        path = (*path, lasts[path]) if path in lasts else path
    path = (*path, parts[-1])
    if array:
        lasts[path] = lasts.get(path, -1) + 1
        path = (*path, lasts[path])
    return path
