"""JSON in and out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import ImmutableMultiDict

from engine.http import json


@dataclass
class Point:
    x: int
    when: date = date(2024, 5, 1)
    more: list[Any] = field(default_factory=list)


class Widget:
    def __html__(self) -> str:
        return "<b>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [True, None]}, '{"b":1,"a":[true,null]}'),
        ("é", '"é"'),
        (datetime(2024, 5, 1, 12, 30, tzinfo=UTC), '"2024-05-01T12:30:00+00:00"'),
        (date(2024, 5, 1), '"2024-05-01"'),
        (time(12, 30), '"12:30:00"'),
        (UUID(int=1), '"00000000-0000-0000-0000-000000000001"'),
        (Decimal("1.10"), '"1.10"'),
        (Markup("<i>"), '"<i>"'),
        (Widget(), '"<b>"'),
        (
            Point(1, more=[Point(2)]),
            '{"x":1,"when":"2024-05-01","more":[{"x":2,"when":"2024-05-01","more":[]}]}',
        ),
        (ImmutableMultiDict([("a", "1")]), '{"a":"1"}'),
    ],
)
def test_a_value_is_written_compactly(value: Any, text: str) -> None:
    assert json.dumps(value) == text


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


circle: list[Any] = []
circle.append(circle)


@pytest.mark.parametrize("value", [{1}, frozenset(), object(), Point, b"", 1j, {(1, 2): 3}])
def test_a_type_that_json_lacks_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        json.dumps(value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), circle, nested(100_000)], ids=["nan", "inf", "circle", "deep"]
)
def test_a_value_that_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        json.dumps(value)


def test_a_lone_surrogate_goes_out_as_it_came_in() -> None:
    assert json.encode(json.loads('"\\ud800"')) == b'"\\ud800"'


@pytest.mark.parametrize("text", ["NaN", "[-Infinity]", "1e999", "[" * 100_000, "", "{", "1" * 5000])
def test_what_is_not_json_is_a_value_error(text: str) -> None:
    for data in (text, text.encode()):
        with pytest.raises(ValueError):
            json.loads(data)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.long
@given(values)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert json.loads(json.dumps(value)) == value
    assert json.loads(json.encode(value)) == value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_bytes_are_read_in_each_encoding_of_json(encoding: str) -> None:
    assert json.loads('{"é":1}'.encode(encoding)) == {"é": 1}
