"""The files of `data/`."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
from pathlib import Path
from typing import Any

import jinja2
import pytest

from engine.content.data import Data, load_data
from engine.errors import Fault
from engine.source.files import walk


def load(root: Path, files: dict[str, str]) -> tuple[Data, list[Fault]]:
    for path, text in files.items():
        (root / "data" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "data" / path).write_text(text)
    return load_data(walk(str(root), "data"))


def sound(root: Path, files: dict[str, str]) -> Data:
    data, faults = load(root, files)
    assert faults == []
    return data


def told(root: Path, files: dict[str, str]) -> list[str]:
    return [f"{fault.code} {fault}" for fault in load(root, files)[1]]


def test_each_format_is_data_under_the_name_of_its_file(tmp_path: Path) -> None:
    data = sound(
        tmp_path,
        {
            "a.yaml": "when: 2024-02-03\nno: 12:30",
            "b.yml": "- 1",
            "c.toml": "x = 1",
            "d.json": '{"x": [null]}',
            "e.csv": 'name,note\nJo,"a, b"\nBo,\n',
        },
    )
    assert data.a == {"when": dt.date(2024, 2, 3), "no": "12:30"}
    assert (data.b, data.c, data.d) == ([1], {"x": 1}, {"x": [None]})
    assert data.e == [{"name": "Jo", "note": "a, b"}, {"name": "Bo", "note": ""}]


def test_directories_nest_as_namespaces(tmp_path: Path) -> None:
    data = sound(tmp_path, {"team/people.yaml": "[Jo]", "team/old/a.json": "1", "site.yaml": "x: 1"})
    assert data.team.people == ["Jo"]
    assert data["team"]["old"]["a"] == 1
    assert list(data) == ["site", "team"]
    assert "team" in data and "people" not in data


def test_a_site_without_data_has_an_empty_one(tmp_path: Path) -> None:
    assert sound(tmp_path, {}) == {}


def test_private_files_and_other_kinds_are_left_out(tmp_path: Path) -> None:
    assert sound(tmp_path, {"_a.yaml": "[", "_b/c.yaml": "[", "README.md": "x", "d.yaml": "1"}) == {"d": 1}


def test_a_name_wins_over_a_method_of_mappings(tmp_path: Path) -> None:
    data = sound(tmp_path, {"items.yaml": "[1]", "keys.yaml": "[2]", "x/get.yaml": "3"})
    assert (data.items, data.keys, data.x.get) == ([1], [2], 3)
    assert data == {"items": [1], "keys": [2], "x": {"get": 3}}


def test_a_missing_name_says_what_there_is(tmp_path: Path) -> None:
    data = sound(tmp_path, {"a.yaml": "1", "b.yaml": "2"})
    with pytest.raises(AttributeError, match="there is no data `c`; there is a, b"):
        data.c
    with pytest.raises(KeyError):
        data["c"]


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.update(x=1),
        lambda data: data.__setitem__("x", 1),
        lambda data: setattr(data, "x", 1),
        lambda data: delattr(data, "a"),
        lambda data: data.a["b"].append(1),
        lambda data: data.a["b"].sort(),
        lambda data: data.a["b"].__iadd__([1]),
        lambda data: data.a["c"].pop("d"),
        lambda data: data.a["c"].__ior__({"e": 1}),
        lambda data: data.a.setdefault("z", 1),
        lambda data: data.rows[0].clear(),
    ],
)
def test_nothing_in_data_can_be_changed(tmp_path: Path, change: Any) -> None:
    data = sound(tmp_path, {"a.yaml": "b: [2, 1]\nc: {d: 1}\n", "rows.csv": "x\n1\n"})
    before = json.dumps(data)
    with pytest.raises(TypeError, match="cannot be changed"):
        change(data)
    assert json.dumps(data) == before


def test_every_method_that_changes_a_list_or_a_mapping_is_refused() -> None:
    from engine.source.frozen import FrozenDict, FrozenList

    changing = {
        FrozenList: "append clear extend insert pop remove reverse sort __setitem__ __delitem__ __iadd__ __imul__",
        FrozenDict: "clear pop popitem setdefault update __setitem__ __delitem__ __ior__",
    }
    for kind, names in changing.items():
        for name in names.split():
            with pytest.raises(TypeError):
                getattr(kind(), name)()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_of_what_a_file_holds_can_be_changed(tmp_path: Path, copied: Any) -> None:
    data = sound(tmp_path, {"a.yaml": "b: [1]\n"})
    mine = copied(data.a)
    mine["b"].append(2)
    assert (mine, data.a) == ({"b": [1, 2]}, {"b": [1]})
    assert copied(data).a["b"] == [1]


def test_templates_read_data_and_write_it_as_json(tmp_path: Path) -> None:
    data = sound(tmp_path, {"team/people.json": '[{"name": "Jo"}]', "items.yaml": "[1]"})
    text = "{% for p in data.team.people %}{{ p.name }}{% endfor %} {{ data.items }} {{ data.team|tojson }}"
    made = jinja2.Environment(autoescape=True).from_string(text).render(data=data)
    assert made == 'Jo [1] {"people": [{"name": "Jo"}]}'


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (
            {"a.json": "1", "a.yaml": "2"},
            "data-collision data/a.yaml: data/a.json has the same name in `data`. Rename one of the two.",
        ),
        (
            {"a.json": "1", "a/b.yaml": "2"},
            "data-collision data/a.json: the directory data/a has the same name in `data`. Rename one of the two.",
        ),
        (
            {"a.yaml": "x: 1\nx: 2"},
            "duplicate-key data/a.yaml:2:1: the key `x` stands twice, here and in line 1.",
        ),
        ({"a.yaml": "\tx: 1"}, "bad-yaml data/a.yaml:1:1: a tab is used as indentation"),
        ({"a.json": '{"x": 1,\n"x": 2}'}, "duplicate-key data/a.json:2:1: the key `x` stands twice"),
        ({"a.json": "[NaN]"}, "bad-json data/a.json:1:2: NaN is not JSON."),
        ({"a.json": ""}, "bad-json data/a.json:1:1: "),
        ({"a.toml": "x = y"}, "bad-toml data/a.toml:1:5: "),
        ({"a.csv": "x,y\n1,2\n3\n"}, "csv-ragged data/a.csv:3: this row has 1 fields; the header has 2."),
        (
            {"a.csv": 'x,y\n"1\n1",2\n3,4,5\n'},
            "csv-ragged data/a.csv:4: this row has 3 fields; the header has 2.",
        ),
        ({"a.csv": 'x\n"1\n\n"2"\n'}, "bad-csv data/a.csv:2: this cannot be read as CSV: "),
        (
            {"a.csv": 'x\n"' + "y" * 200_000 + '"\n'},
            "bad-csv data/a.csv:2: this cannot be read as CSV: field larger",
        ),
        (
            {"a.csv": "x,x\n1,2\n"},
            "csv-header data/a.csv:1: the header has an empty name, or one name twice.",
        ),
        (
            {"a.csv": "\n\nx,\n1,2\n"},
            "csv-header data/a.csv:3: the header has an empty name, or one name twice.",
        ),
    ],
)
def test_an_unsound_file_is_a_fault_when_the_site_loads(
    tmp_path: Path, files: dict[str, str], fault: str
) -> None:
    [found] = told(tmp_path, files)
    assert found.startswith(fault)


def test_all_faults_come_at_once_and_what_is_sound_is_there(tmp_path: Path) -> None:
    data, faults = load(tmp_path, {"a.csv": "x\n1,2\n3,4\n", "b.json": "[", "c.yaml": "1"})
    assert [(fault.file, fault.line) for fault in faults] == [
        ("data/a.csv", 2),
        ("data/a.csv", 3),
        ("data/b.json", 1),
    ]
    assert data == {"c": 1}


def test_a_csv_without_rows_or_without_anything_is_an_empty_list(tmp_path: Path) -> None:
    assert sound(tmp_path, {"a.csv": "x,y\n", "b.csv": ""}) == {"a": [], "b": []}


def test_a_file_that_is_not_utf8_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.csv").write_bytes(b"x\ncaf\xe9\n")
    assert told(tmp_path, {})[0].startswith("not-utf8 data/a.csv:2:4: ")


def test_directories_nested_very_deep_are_no_trouble(tmp_path: Path) -> None:
    data = sound(tmp_path, {"d/" * 600 + "a.yaml": "1"})
    for _ in range(600):
        data = data.d
    assert data.a == 1
