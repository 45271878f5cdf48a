"""YAML, strictly. The only import of PyYAML.

The value is built from the parser's events, so every limit is checked before anything is made: libyaml's own
composer recurses in C and kills the process on 30 kB of `[`.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

import yaml as pyyaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from engine.errors import Fault, SiteError
from engine.source.anchors import Anchors, BadAlias, TooManyCopies
from engine.source.document import DEPTH, Document, Marks, is_larger, shown
from engine.source.scalars import BadDate, BadNumber, resolve

_Parser: type = pyyaml.CSafeLoader if pyyaml.__with_libyaml__ else pyyaml.SafeLoader

_TAG = "tag:yaml.org,2002:"
_TAGS = frozenset((None, "!", _TAG + "str", _TAG + "seq", _TAG + "map"))

# What no YAML stream may hold (YAML 1.2, production 1), lone surrogates among it.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# What a double-quoted scalar may not make by an escape: no file and no header holds it.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")

_STRANGE_BREAK = re.compile("[\x85\u2028\u2029]")

_KEY = (None,)
"""The path of a key, which is no part of the value."""

_QUOTES = "Put it in quotes if it is text"

_HINTS = (
    ("mapping values are not allowed", "Put a value that holds `: ` in quotes"),
    ("cannot start any token", "Put a value that begins with this character in quotes"),
    ("unknown escape", "Write `\\\\` for a backslash, or use single quotes"),
    ("unexpected end of stream", "Close the quote"),
    ("unexpected document", "Close the quote"),
    ("did not find expected", "Check the indentation, and put values with special characters in quotes"),
    ("could not find expected ':'", "Write `key: value`, with a space after the colon"),
)


def load(text: str, *, file: str, first_line: int = 1, limit: int) -> Document:
    """Read one YAML document of at most `limit` bytes. `first_line` is its line in `file`, for the faults.

    Scalars are those of `engine.source.scalars`. Raises SiteError with every duplicate key, bad date and bad
    number of the document, or with the first fault that makes the rest unreadable.
    """
    if is_larger(text, limit):
        what = f"this YAML is larger than {limit // 1024} kB"
        raise SiteError(Fault("yaml-limit", file, what, "Split it up", first_line))
    return Document(_read(text, file, first_line, None), partial(find_marks, text, file, first_line))


def find_marks(text: str, file: str, first_line: int) -> Marks:
    """The places and scalars of a text that `load` has read, or would."""
    marks = Marks()
    _read(text, file, first_line, marks)
    return marks


def _read(text: str, file: str, first_line: int, marks: Marks | None) -> Any:
    try:
        return _Builder(text, file, first_line, marks).document()
    except pyyaml.MarkedYAMLError as error:
        raise SiteError(_syntax_fault(error, text, file, first_line)) from None
    except (pyyaml.YAMLError, UnicodeError):
        raise SiteError(_character_fault(text, file, first_line)) from None
    except (ValueError, ArithmeticError, LookupError, RecursionError) as error:
        # The scanner in Python, which stands in for libyaml, lets these out, on `"\U99999999"` for one.
        raise SiteError(
            Fault("bad-yaml", file, f"this cannot be read as YAML: {error}", "", first_line)
        ) from None


def _syntax_fault(error: pyyaml.MarkedYAMLError, text: str, file: str, first_line: int) -> Fault:
    mark = error.problem_mark or error.context_mark
    row, column = _spots(text)(mark) if mark else (0, 0)
    problem = error.problem or "it breaks off"
    lines = text.split("\n")
    indent = re.match(r"[ \t]*", lines[row]) if row < len(lines) else None
    if indent and "\t" in indent[0]:
        what, hint = "a tab is used as indentation, which YAML forbids", "Indent with spaces"
        return Fault("bad-yaml", file, what, hint, first_line + row, indent[0].index("\t") + 1)
    hint = next((hint for part, hint in _HINTS if part in problem), "")
    return Fault(
        "bad-yaml", file, f"this cannot be read as YAML: {problem}", hint, first_line + row, column + 1
    )


def _spots(text: str) -> Callable[[pyyaml.Mark], tuple[int, int]]:
    """What tells the row and the column of a mark, from 0.

    To PyYAML, NEL and the separators of Unicode end a line as well; to editors and to us they do not.
    """
    if not _STRANGE_BREAK.search(text):
        return lambda mark: (mark.line, mark.column)
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def spot(mark: pyyaml.Mark) -> tuple[int, int]:
        row = bisect_right(starts, mark.index) - 1
        return row, mark.index - starts[row]

    return spot


def _character_fault(text: str, file: str, first_line: int) -> Fault:
    found = _UNPRINTABLE.search(text)
    start = found.start() if found else 0
    code = f"U+{ord(found[0]):04X}" if found else "it holds"
    line, column = text.count("\n", 0, start), start - text.rfind("\n", 0, start)
    what = f"the character {code} may not stand in YAML"
    return Fault("bad-yaml", file, what, "Remove it", first_line + line, column)


class _Builder:
    """Builds the value of one document from events; notes places and texts in `marks` if it is given one."""

    def __init__(self, text: str, file: str, first_line: int, marks: Marks | None) -> None:
        self.next: Callable[[], Any] = _Parser(text).get_event
        self.spot = _spots(text)
        self.file = file
        self.first_line = first_line
        self.marks = marks
        self.anchors = Anchors()
        self.faults: list[Fault] = []

    def document(self) -> Any:
        self.next()  # the start of the stream
        if type(self.next()) is StreamEndEvent:
            return None
        value = self.node(self.next(), (), 1)
        self.next()  # the end of the document
        if type(event := self.next()) is not StreamEndEvent:
            what = "a second document begins here"
            self.stop(
                Fault("yaml-documents", self.file, what, "Keep one document to a file", *self.at(event))
            )
        if self.faults:
            raise SiteError(self.faults)
        return value

    def at(self, event: Any) -> tuple[int, int]:
        row, column = self.spot(event.start_mark)
        return self.first_line + row, column + 1

    def stop(self, fault: Fault) -> NoReturn:
        raise SiteError([*self.faults, fault])

    def node(self, event: Any, path: tuple[Any, ...], depth: int) -> Any:
        """The value that begins with `event` and stands at `path`; a collection has the depth `depth`."""
        if type(event) is AliasEvent:
            return self.alias(event, path, depth)
        if (name := event.anchor) is None:
            return self.bare(event, path, depth)
        before = self.anchors.begin(name, depth)
        value = self.bare(event, path, depth)
        self.anchors.end(name, depth, before, value, event.value if type(event) is ScalarEvent else None)
        return value

    def bare(self, event: Any, path: tuple[Any, ...], depth: int) -> Any:
        self.anchors.nodes += 1
        if event.tag not in _TAGS:
            what = f"the tag `{shown(event.tag.replace(_TAG, '!!'))}` is not allowed"
            hint = "Remove it, or put the value in quotes"
            self.stop(Fault("yaml-tag", self.file, what, hint, *self.at(event)))
        if type(event) is ScalarEvent:
            if self.marks is not None:
                self.marks.texts[path] = event.value
            return self.scalar(event)
        if depth > DEPTH:
            what = f"this is nested more than {DEPTH} levels deep"
            self.stop(Fault("yaml-limit", self.file, what, "Make it flatter", *self.at(event)))
        self.anchors.deepest = max(self.anchors.deepest, depth)
        return self.mapping(path, depth) if type(event) is MappingStartEvent else self.sequence(path, depth)

    def alias(self, event: Any, path: tuple[Any, ...], depth: int) -> Any:
        try:
            anchor = self.anchors.use(event.anchor, depth)
        except BadAlias as error:
            hint = "Put a text that begins with `*` in quotes"
            self.stop(Fault("yaml-alias", self.file, str(error), hint, *self.at(event)))
        except TooManyCopies as error:
            self.stop(Fault("yaml-limit", self.file, str(error), "Write the value out", *self.at(event)))
        if self.marks is not None and anchor.text is not None:
            self.marks.texts[path] = anchor.text
        return anchor.value

    def sequence(self, path: tuple[Any, ...], depth: int) -> list[Any]:
        items: list[Any] = []
        while type(event := self.next()) is not SequenceEndEvent:
            here = (*path, len(items))
            if self.marks is not None:
                self.marks.places[here] = self.at(event)
            items.append(self.node(event, here, depth + 1))
        return items

    def mapping(self, path: tuple[Any, ...], depth: int) -> dict[Any, Any]:
        """What `<<` merges comes first; a key that is written here wins over it, wherever it stands."""
        own: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        written: dict[Any, Any] = {}
        while type(event := self.next()) is not MappingEndEvent:
            merge = type(event) is ScalarEvent and event.value == "<<" and event.implicit[0]
            key = "<<" if merge else self.key(event)
            if key in written:
                what = f"the key `{shown(key)}` stands twice, here and in line {self.at(written[key])[0]}"
                hint = "Remove one of the two"
                self.faults.append(Fault("duplicate-key", self.file, what, hint, *self.at(event)))
            written.setdefault(key, event)
            here = (*path, key)
            if self.marks is not None:
                self.marks.places.setdefault(here, self.at(event))
            if merge:
                merged |= self.merge(here, depth + 1)
            else:
                own[key] = self.node(self.next(), here, depth + 1)
        return {**merged, **own} if merged else own

    def merge(self, path: tuple[Any, ...], depth: int) -> dict[Any, Any]:
        """The mapping that `<<` brings in, or the mappings, of which the first wins."""
        event = self.next()
        value = self.node(event, path, depth)
        merged: dict[Any, Any] = {}
        for source in reversed(value if isinstance(value, list) else [value]):
            if not isinstance(source, dict):
                what = "`<<` needs a mapping, or a list of mappings"
                self.stop(Fault("bad-key", self.file, what, "Put the key in quotes", *self.at(event)))
            merged |= source
        return merged

    def key(self, event: Any) -> Any:
        key = self.node(event, _KEY, 1) if type(event) in (AliasEvent, ScalarEvent) else None
        if isinstance(key, bool) or not isinstance(key, (str, int, dt.date)):
            name = f"`{shown(event.value)}`" if type(event) is ScalarEvent else "this"
            what = f"{name} cannot be a key: keys are text, integers or dates"
            self.stop(Fault("bad-key", self.file, what, "Put the key in quotes", *self.at(event)))
        return key

    def scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style == '"' and (found := _NO_TEXT.search(text)):
            what = f"the character U+{ord(found[0]):04X} is not text"
            self.stop(Fault("bad-yaml", self.file, what, "Remove its escape", *self.at(event)))
        if not event.implicit[0] or event.tag is not None:
            return text
        try:
            return resolve(text)
        except BadDate as error:
            self.faults.append(Fault("bad-date", self.file, str(error), _QUOTES, *self.at(event)))
        except BadNumber as error:
            self.faults.append(Fault("bad-number", self.file, str(error), _QUOTES, *self.at(event)))
        return text
