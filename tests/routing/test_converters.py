"""Typed parameters."""

from __future__ import annotations

import datetime
import enum
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadParams
from engine.routing.converters import BUILT_IN, MAX_INT_DIGITS, NO_MATCH, hint_for, parser

VALUES = {
    "int": st.integers(-(10**MAX_INT_DIGITS) + 1, 10**MAX_INT_DIGITS - 1),
    "float": st.floats(allow_nan=False, allow_infinity=False),
    "uuid": st.uuids(),
    "date": st.dates(),
    "slug": st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True),
}
LIKELY = {
    "int": st.from_regex(r"-?[0-9]{1,50}", fullmatch=True),
    "float": st.from_regex(r"-?[0-9]{1,20}\.[0-9]{1,20}(e[+-]?[0-9]{1,4})?", fullmatch=True),
    "uuid": st.from_regex(r"[0-9a-fA-F]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", fullmatch=True),
    "date": st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
    "slug": st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True),
}


def test_the_laws_below_hold_for_every_built_in_type():
    assert set(VALUES) == set(LIKELY) == set(BUILT_IN)


@pytest.mark.parametrize("name", BUILT_IN)
@given(data=st.data())
def test_a_value_comes_back_from_its_text(name, data):
    value = data.draw(VALUES[name])
    converter = BUILT_IN[name]
    back = converter.parse(converter.format(value))
    assert back == value
    assert isinstance(back, converter.accepts)


@pytest.mark.parametrize("name", BUILT_IN)
@given(data=st.data())
def test_a_text_that_is_taken_comes_back_from_its_value(name, data):
    text = data.draw(LIKELY[name] | st.text(max_size=40))
    converter = BUILT_IN[name]
    value = converter.parse(text)
    assert value is NO_MATCH or converter.format(value) == text


REFUSED = {
    "int": [
        "",
        "-",
        "-0",
        "+1",
        "01",
        "-01",
        "1.0",
        "1_000",
        " 1",
        "1\n",
        "\u0661",
        "\uff11",
        "0x1",
        "1e3",
        "9" * 41,
        "9" * 9999,
    ],
    "float": [
        "",
        "1",
        "1.",
        ".5",
        "1.50",
        "01.0",
        "nan",
        "inf",
        "-inf",
        "1e3",
        "1_0.0",
        "1.0 ",
        "1e999",
        "0" * 9999,
    ],
    "uuid": ["", "0" * 32, "{00000000-0000-0000-0000-000000000000}", "A0000000-0000-0000-0000-000000000000"],
    "date": [
        "",
        "2024-02-30",
        "2023-02-29",
        "20240229",
        "2024-W01-1",
        "24-01-01",
        "0000-01-01",
        "2024-1-1",
        "\uff12024-01-01",
    ],
    "slug": ["", "-", "a-", "-a", "a--b", "A", "a_b", "é", "a\n"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_text_that_is_not_canonical_does_not_match(name):
    assert [text for text in REFUSED[name] if BUILT_IN[name].parse(text) is not NO_MATCH] == []


class Colour(enum.IntEnum):
    RED = 3


ILL_TYPED: dict[str, list[Any]] = {
    "int": [True, 1.0, "1", None, 10**MAX_INT_DIGITS, 10**9999, []],
    "float": [True, "1.0", None, math.nan, math.inf, 10**400],
    "uuid": ["00000000-0000-0000-0000-000000000000", None, 1],
    "date": ["2024-01-01", datetime.datetime(2024, 1, 1), None],
    "slug": ["", "A", 1, None, "a/b"],
}


@pytest.mark.parametrize("name", ILL_TYPED)
def test_a_value_of_another_type_is_refused_with_the_reason(name):
    for value in ILL_TYPED[name]:
        with pytest.raises(BadParams, match="needs"):
            BUILT_IN[name].format(value)


def test_an_enumeration_of_numbers_is_written_as_its_number():
    assert BUILT_IN["int"].format(Colour.RED) == "3"


def test_a_whole_number_is_a_float_too():
    assert BUILT_IN["float"].format(2) == "2.0"


def test_a_converter_of_the_site_may_raise_value_error_for_no_match():
    class Even:
        accepts = int

        def parse(self, text: str) -> int:
            if int(text) % 2:
                raise ValueError(text)
            return int(text)

        def format(self, value: int) -> str:
            return str(value)

    assert parser(Even())("3") is NO_MATCH
    assert parser(Even())("x") is NO_MATCH
    assert parser(Even())("4") == 4


def test_an_unknown_type_gets_a_suggestion():
    assert hint_for("itn", BUILT_IN) == "Did you mean int"
    assert hint_for("zzz", BUILT_IN) == "Known are date, float, int, slug, uuid"
