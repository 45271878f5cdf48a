"""Typed parameters: how the text of a segment becomes a value, and a value the text.

The law of every converter, which makes that a page has one URL only: `format(parse(text)) == text` for each
text that it takes, and `parse(format(value)) == value` for each value.
"""

from __future__ import annotations

import datetime
import difflib
import enum
import math
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias

from engine.errors import BadParams


class NoMatch(enum.Enum):
    """The type of `NO_MATCH`, a converter's answer to a text that is not of its type."""

    NO_MATCH = enum.auto()


NO_MATCH: Final = NoMatch.NO_MATCH

MAX_INT_DIGITS = 40
"""Enough for 128 bits. Python itself refuses to read more than 4300 digits."""
MAX_FLOAT_TEXT = 32


class Converter(Protocol):
    """A type for parameters in file names. A site's own may raise `ValueError` in `parse` for `NO_MATCH`, and
    `ValueError` or `TypeError` in `format` for `BadParams`."""

    @property
    def accepts(self) -> type:
        """The type of the values."""

    def parse(self, text: str) -> object:
        """The value of a segment, which is never empty; `NO_MATCH` where it has none."""

    def format(self, value: Any) -> str:
        """The segment for a value. Raises `BadParams` where there is none."""


Converters: TypeAlias = Mapping[str, Converter]


class IntConverter:
    """Whole numbers in canonical decimal: no plus, no leading zeros, no `-0`, ASCII digits."""

    accepts = int
    _text = re.compile(rf"0|-?[1-9][0-9]{{0,{MAX_INT_DIGITS - 1}}}")

    def parse(self, text: str) -> int | NoMatch:
        # the first question takes a third of the time of the second
        is_number = text.isdecimal() and text.isascii() and text[0] != "0"
        if (is_number and len(text) <= MAX_INT_DIGITS) or self._text.fullmatch(text):
            return int(text)
        return NO_MATCH

    def format(self, value: Any) -> str:
        # A bool is an int to Python, and True would come back as 1.
        if type(value) is bool or not isinstance(value, int) or abs(value) >= 10**MAX_INT_DIGITS:
            raise BadParams(f"needs a whole number of up to {MAX_INT_DIGITS} digits, not {_shown(value)}")
        return int.__repr__(value)


class FloatConverter:
    """Finite numbers as Python writes them: `1.0`, `-0.5`, `1e+22`. A whole number without `.0` is none."""

    accepts = float

    def parse(self, text: str) -> float | NoMatch:
        if len(text) > MAX_FLOAT_TEXT:
            return NO_MATCH
        try:
            value = float(text)
        except ValueError:
            return NO_MATCH
        return value if math.isfinite(value) and repr(value) == text else NO_MATCH

    def format(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadParams(f"needs a number, not {_shown(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise BadParams(f"needs a finite number, not {_shown(value)}")
        return repr(number)


class UuidConverter:
    """UUIDs in lower case with hyphens (RFC 9562, 4)."""

    accepts = uuid.UUID
    _text = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")

    def parse(self, text: str) -> uuid.UUID | NoMatch:
        return uuid.UUID(text) if self._text.fullmatch(text) else NO_MATCH

    def format(self, value: Any) -> str:
        if not isinstance(value, uuid.UUID):
            raise BadParams(f"needs a uuid.UUID, not {_shown(value)}")
        return str(value)


class DateConverter:
    """Days of the calendar as `2024-02-29` (ISO 8601, extended)."""

    accepts = datetime.date
    _text = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

    def parse(self, text: str) -> datetime.date | NoMatch:
        if not self._text.fullmatch(text):
            return NO_MATCH
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            return NO_MATCH

    def format(self, value: Any) -> str:
        # A datetime is a date to Python, and its time would be lost.
        if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
            raise BadParams(f"needs a datetime.date, not {_shown(value)}")
        return value.isoformat()


class SlugConverter:
    """Lower-case ASCII letters and digits in groups joined by single hyphens."""

    accepts = str
    _text = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

    def parse(self, text: str) -> str | NoMatch:
        return text if self._text.fullmatch(text) else NO_MATCH

    def format(self, value: Any) -> str:
        if not isinstance(value, str) or not self._text.fullmatch(value):
            raise BadParams(f"needs a slug like my-first-post, not {_shown(value)}")
        return str(value)


BUILT_IN: Converters = {
    "date": DateConverter(),
    "float": FloatConverter(),
    "int": IntConverter(),
    "slug": SlugConverter(),
    "uuid": UuidConverter(),
}


def parser(converter: Converter) -> Callable[[str], object]:
    """The `parse` of a converter, with `NO_MATCH` where it raises `ValueError`."""
    parse = converter.parse

    def tolerant(text: str) -> object:
        try:
            return parse(text)
        except ValueError:
            return NO_MATCH

    return parse if converter in BUILT_IN.values() else tolerant


def hint_for(name: str, known: Iterable[str]) -> str:
    """The way out for a converter that is not known."""
    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"Did you mean {near[0]}" if near else f"Known are {', '.join(sorted(known))}"


def _shown(value: object) -> str:
    try:
        text = repr(value)
    except ValueError:  # an int of more than 4300 digits
        text = "a larger one"
    return text if len(text) <= 60 else text[:57] + "..."
