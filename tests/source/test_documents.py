"""TOML and JSON: strict, with places."""

from __future__ import annotations

import datetime as dt
import json as stdlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SiteError
from engine.source import json, toml
from engine.source.files import walk
from engine.source.formats import LOADERS, load_file

SUITE = Path(__file__).parents[2].parent / "shared/suites/json-test-suite/test_parsing"


def faults(language: str, text: str) -> list[str]:
    with pytest.raises(SiteError) as caught:
        LOADERS[language](text, file="a", first_line=1, limit=100_000)
    return [f"{fault.code} {fault}" for fault in caught.value.faults]


def test_toml_is_read_with_its_types() -> None:
    value = toml.load("a = 2024-02-03\nb = 1_000\n[c.d]\ne = [1, 'x']\n", file="a", limit=1000).value
    assert value == {"a": dt.date(2024, 2, 3), "b": 1000, "c": {"d": {"e": [1, "x"]}}}


def test_keys_of_toml_have_places_wherever_they_begin_a_line() -> None:
    text = '''title = "x"  # a = 3
text = """
title = 1
[team]
"""
many = [
  "a = 1",
  [1, 2],
]
[team]
  lead.name = 'Jo'
"a b".c = 1
[[team.people]]
name = "Bo"
[[team.people]]
name = "Cy"
[team.people.home]
town = "X"
'''
    document = toml.load(text, file="a", limit=1000)
    places = {
        ("title",): (1, 1),
        ("text",): (2, 1),
        ("many",): (6, 1),
        ("team",): (10, 2),
        ("team", "lead"): (11, 3),
        ("team", "lead", "name"): (11, 3),
        ("team", "a b", "c"): (12, 1),
        ("team", "people"): (13, 3),
        ("team", "people", 0, "name"): (14, 1),
        ("team", "people", 1): (15, 3),
        ("team", "people", 1, "name"): (16, 1),
        ("team", "people", 1, "home", "town"): (18, 1),
        ("many", 0): None,
    }
    assert {path: document.place(*path) for path in places} == places


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a = 1\nb = x\n", "bad-toml a:2:5: this cannot be read as TOML: invalid value. Put text in quotes."),
        ("a = 1\na = 2\n", "bad-toml a:2:6: this cannot be read as TOML: cannot overwrite a value"),
        ("a = [\n", "bad-toml a:2:1: this cannot be read as TOML: "),
        ("a = {b = {c = " + "[" * 40 + "]" * 40 + "}}\n", "toml-limit a:1: this TOML is nested more than 32"),
        ("a." * 40 + "a = 1\n", "toml-limit a:1: this TOML is nested more than 32"),
        ("a = " + "9" * 5000, "bad-toml a:1: this cannot be read as TOML: "),
    ],
)
def test_what_is_wrong_in_toml_is_a_fault_at_its_place(text: str, fault: str) -> None:
    [told] = faults("toml", text)
    assert told.startswith(fault)


def test_dots_in_toml_text_and_comments_are_no_nesting() -> None:
    text = (
        "a = '"
        + "x." * 50
        + "'\nb = ["
        + "1.5, " * 50
        + "]\n# "
        + "a." * 50
        + '\nc = """\n'
        + "y." * 50
        + '"""\n'
    )
    assert toml.load(text, file="a", limit=10_000).value["a"] == "x." * 50


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("ab.=[]{}\"'#1, \n\t\\-"), max_size=60))
def test_any_toml_has_values_or_faults_and_its_keys_have_places(text: str) -> None:
    try:
        document = toml.load(text, file="a", limit=1000)
    except SiteError as error:
        assert all(fault.line for fault in error.faults)
    else:
        assert set(document.value) >= {path[0] for path in document.marks.places}


def test_parts_of_json_have_places_and_texts() -> None:
    text = '{"a": {"b": [1.10, "x", {"c": null}]},\n "d": true, "e,": []}'
    document = json.load(text, file="a", first_line=5, limit=1000)
    places = {
        ("a",): (5, 2),
        ("a", "b"): (5, 8),
        ("a", "b", 0): (5, 14),
        ("a", "b", 2, "c"): (5, 26),
        ("d",): (6, 2),
        ("e,",): (6, 13),
        ("a", "b", 3): None,
    }
    assert {path: document.place(*path) for path in places} == places
    assert [document.text("a", "b", n) for n in range(3)] == ["1.10", "x", None]


def test_all_duplicate_keys_and_constants_of_json_are_told_at_once() -> None:
    assert faults("json", '{"a": NaN, "b": {"a": 1,\n"a": 2}, "a": -Infinity}') == [
        "bad-json a:1:7: NaN is not JSON. Write null, or a text.",
        "duplicate-key a:2:1: the key `a` stands twice, here and in line 1. Remove one of the two.",
        "duplicate-key a:2:10: the key `a` stands twice, here and in line 1. Remove one of the two.",
        "bad-json a:2:15: -Infinity is not JSON. Write null, or a text.",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1,\n "b"}', "bad-json a:2:5: this cannot be read as JSON: expecting ':' delimiter."),
        (
            '{"a": [1,\n 2 ,\n]}',
            "bad-json a:2:4: this cannot be read as JSON: a comma stands before the end of",
        ),
        ('{"a": 1,}', "bad-json a:1:8: this cannot be read as JSON: a comma stands before the end of"),
        ("[1,,]", "bad-json a:1:4: this cannot be read as JSON: expecting value."),
        ('["\\ud800"]', "bad-json a:1:2: this text holds half of a surrogate pair."),
        ('{"\\udc00": 1}', "bad-json a:1:2: this text holds half of a surrogate pair."),
        ("[" * 33 + "]" * 33, "json-limit a:1: this JSON is nested more than 32 levels deep."),
        ("9" * 5000, "bad-number a:1: a number has more digits than can be converted."),
        ('{"a": NaN, "\\x": 1}', "bad-json a:1:7: NaN is not JSON."),
        ('{"a": 1, "a": 2} x', "duplicate-key a:1:10: the key `a` stands twice"),
    ],
)
def test_what_is_wrong_in_json_is_a_fault_at_its_place(text: str, fault: str) -> None:
    [told, *_] = faults("json", text)
    assert told.startswith(fault)


def test_a_surrogate_pair_of_json_is_one_character() -> None:
    assert json.load('"\\ud83d\\ude00"', file="a", limit=100).value == "😀"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('ab\n"\\,:{}[]', max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from([None, 0, 2]))
def test_every_part_of_any_json_has_its_place(value: Any, indent: int | None) -> None:
    text = stdlib.dumps(value, indent=indent)
    document = json.load(text, file="a", limit=100_000)
    assert document.value == value
    lines = text.split("\n")

    def look(part: Any, path: tuple[Any, ...]) -> None:
        if isinstance(part, (dict, list)):
            for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
                place = document.place(*path, key)
                assert place
                written = lines[place[0] - 1][place[1] - 1 :]
                begins = stdlib.dumps(key) if isinstance(part, dict) else stdlib.dumps(inner)[:1]
                assert written.startswith(begins)
                look(inner, (*path, key))

    look(value, ())


# The suite takes one key twice, as RFC 8259 allows a reader to.
REFUSED = "y_object_duplicated_key.json y_object_duplicated_key_and_value.json"


@pytest.mark.parametrize(
    "path", sorted(SUITE.glob("*.json")) or [None], ids=lambda path: path.name if path else ""
)
def test_a_case_of_the_json_suite_is_taken_or_is_a_fault(tmp_path: Path, path: Path | None) -> None:
    if path is None:
        pytest.skip("the JSON test suite is not here")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/case.json").write_bytes(path.read_bytes())
    [file] = walk(str(tmp_path), "data").files
    try:
        load_file(file)
    except SiteError as error:
        assert not path.name.startswith("y_") or path.name in REFUSED
        assert all(fault.line for fault in error.faults)
    else:
        assert not path.name.startswith("n_")
