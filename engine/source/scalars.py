"""Plain scalars: what a word without quotes means. YAML 1.2's core schema, and ISO dates.

`no`, `on`, `12:30` and `1_000` are text here, as in YAML 1.2 (10.3). YAML 1.1 made False, True, 750 and 1000
of them.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from engine.source.document import shown

WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
"""The words that are not text."""

_NUMERIC_START = frozenset("0123456789+-.")
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"""([0-9]{4}-[0-9]{2}-[0-9]{2}) (?:[Tt]|[ \t]+)
        ([0-9]{2}:[0-9]{2}:[0-9]{2}) (?:\.([0-9]+))?
        (?:[ \t]* (?: ([Zz]) | ([-+])([0-9]{1,2})(?::?([0-9]{2}))? ) )?""",
    re.VERBOSE,
)
_WRITTEN = re.compile(
    r"""([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})
        (?: (?:[Tt]|[ \t]+) ([0-9]{1,2}):([0-9]{2})(:[0-9]{2}(?:\.[0-9]+)?)?
            [ \t]* (?: (UTC|GMT) | ([Zz]|[-+][0-9]{1,2}(?::?[0-9]{2})?) )? )?""",
    re.VERBOSE,
)


class BadDate(ValueError):
    """A scalar has the form of a date or a time, and no calendar has it."""


class BadNumber(ValueError):
    """A scalar has the form of a number, and is too long to be made one."""


def resolve(word: str) -> Any:
    """The value of a plain scalar: `None`, a bool, a number, a date, a datetime, or else the text itself.

    Raises BadDate for a date that no calendar has, BadNumber for an integer too long to convert.
    """
    if word in WORDS:
        return WORDS[word]
    if word[0] not in _NUMERIC_START:
        return word
    for pattern, make in _NUMERIC:
        if match := pattern.fullmatch(word):
            return make(match)
    return word


def read_date(text: str) -> dt.date | None:
    """The date or the time that a text says where one is meant; `None` if it is written otherwise.

    Here the seconds may be left out, a month, a day or an hour may have one digit, and the zone may be UTC.
    Raises BadDate for a date that no calendar has.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, seconds, utc, zone = match.groups()
    word = f"{year}-{month:0>2}-{day:0>2}"
    if hour is not None:
        word += f"T{hour:0>2}:{minute}{seconds or ':00'}{'Z' if utc else zone or ''}"
    date: dt.date = resolve(word)
    return date


def _int(match: re.Match[str]) -> int:
    try:
        return int(match[0])
    except ValueError:
        raise BadNumber(f"a number of {len(match[0])} digits is too long") from None


def _base(match: re.Match[str]) -> int:
    return int(match[0], 0)


def _float(match: re.Match[str]) -> float:
    return float(match[0])


def _date(match: re.Match[str]) -> dt.date:
    try:
        return dt.date.fromisoformat(match[0])
    except ValueError as error:
        raise BadDate(f"`{match[0]}` is not a date: {error}") from None


def _time(match: re.Match[str]) -> dt.datetime:
    """RFC 3339, or YAML's form with a space. Digits beyond microseconds are cut off."""
    date, time, fraction, zulu, sign, hours, minutes = match.groups()
    try:
        moment = dt.datetime.fromisoformat(f"{date}T{time}")
        if fraction:
            moment = moment.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        if zulu:
            return moment.replace(tzinfo=dt.UTC)
        if sign:
            offset = dt.timedelta(hours=int(hours), minutes=int(minutes or 0))
            return moment.replace(tzinfo=dt.timezone(-offset if sign == "-" else offset))
    except ValueError as error:
        raise BadDate(f"`{shown(match[0])}` is not a time: {error}") from None
    return moment


_NUMERIC = ((_INT, _int), (_DATE, _date), (_FLOAT, _float), (_TIME, _time), (_OCTAL, _base), (_HEX, _base))
"""Tried in this order; no text matches two of them but integers, which are floats as well."""
