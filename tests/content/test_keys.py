"""The engine's own front-matter keys and their types."""

import datetime as dt
from typing import Any

import pytest

from engine.content.keys import check_keys
from engine.source.frontmatter import split

ZONE = dt.timezone(dt.timedelta(hours=-5))


def check(head: str, fence: str = "---") -> tuple[dict[str, Any], list[str]]:
    values, faults = check_keys(split(f"{fence}\n{head}\n{fence}\n", file="a.md"), "a.md")
    return values, [str(fault) for fault in faults]


def read(head: str, fence: str = "---") -> dict[str, Any]:
    values, faults = check(head, fence)
    assert faults == []
    return values


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Plain", "Plain"),
        ("1.10", "1.10"),
        ("007", "007"),
        ("1e3", "1e3"),
        ("0x1F", "0x1F"),
        ("2015-01-08", "2015-01-08"),
        ("2015-01-08 10:02:11 -0500", "2015-01-08 10:02:11 -0500"),
        ("true", "true"),
        ("No", "No"),
        ('"4.0"', "4.0"),
    ],
)
def test_a_title_is_the_text_that_was_written(written: str, title: str) -> None:
    assert read(f"title: {written}") == {"title": title}


def test_a_number_in_toml_is_a_title_too() -> None:
    assert read("title = 1984", "+++") == {"title": "1984"}


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        ("[a, 1.10, 2015-01-08, true]", ("a", "1.10", "2015-01-08", "true")),
        ("\n- 3.0\n- x: y", None),
        ("a, b ,c", ("a", "b", "c")),
        ("2024", ("2024",)),
        ("", ()),
        ("[]", ()),
        ("[a, ~]", ("a",)),
    ],
)
def test_tags_are_texts(written: str, tags: tuple[str, ...] | None) -> None:
    values, faults = check(f"tags: {written}")
    assert bool(faults) == (tags is None)
    assert tags is None or values == {"tags": tags}


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2015-01-08", dt.date(2015, 1, 8)),
        ('"2015-01-08"', dt.date(2015, 1, 8)),
        ("2015-1-8", dt.date(2015, 1, 8)),
        ("2015-01-08 10:02:11 -0500", dt.datetime(2015, 1, 8, 10, 2, 11, tzinfo=ZONE)),
        ('"2015-01-08 10:02:11 -0500"', dt.datetime(2015, 1, 8, 10, 2, 11, tzinfo=ZONE)),
        ("2015-01-08 10:02", dt.datetime(2015, 1, 8, 10, 2)),
        ("2015-01-08 9:02", dt.datetime(2015, 1, 8, 9, 2)),
        ("2015-01-08T10:02Z", dt.datetime(2015, 1, 8, 10, 2, tzinfo=dt.UTC)),
        ("2015-01-08 10:02:11 UTC", dt.datetime(2015, 1, 8, 10, 2, 11, tzinfo=dt.UTC)),
        ("'2015-01-08T10:02:11.25+00:00'", dt.datetime(2015, 1, 8, 10, 2, 11, 250_000, tzinfo=dt.UTC)),
    ],
)
def test_a_date_may_be_written_in_the_ways_of_other_generators(written: str, date: dt.date) -> None:
    assert read(f"date: {written}") == {"date": date}


@pytest.mark.parametrize(
    "written", ["soon", '"2015-13-01"', "2015", "[2015-01-08]", "January 8, 2015", "2015-01-08 25:00"]
)
def test_what_is_no_date_is_a_fault_at_its_place(written: str) -> None:
    _, faults = check(f"title: x\ndate: {written}")
    assert [fault.partition(" not ")[0] for fault in faults] == [
        "a.md:3:1: `date` must be a date like 2026-01-31, or a time like 2026-01-31T09:30:00Z,"
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("draft: maybe", "a.md:2:1: `draft` must be true or false, not 'maybe'."),
        ("weight: heavy", "a.md:2:1: `weight` must be a number, not 'heavy'."),
        ("weight: true", "a.md:2:1: `weight` must be a number, not True."),
        ("layout: true", "a.md:2:1: `layout` must be the name of a template, or false, not True."),
        ("title: {a: b}", "a.md:2:1: `title` must be text, not {'a': 'b'}."),
        ("render: liquid", 'a.md:2:1: `render` must be "jinja" or "markdown", not \'liquid\'.'),
        ("trust: code", 'a.md:2:1: `trust` must be "author" or "untrusted", not \'code\'.'),
    ],
)
def test_a_value_of_another_type_is_a_fault(line: str, fault: str) -> None:
    assert check(line)[1] == [fault]


def test_a_key_without_a_value_is_not_there() -> None:
    assert read("title:\ndate: ~\nlayout: null\nother:") == {"other": None}
