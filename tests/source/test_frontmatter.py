"""Front matter: where it begins and ends, and what it says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import SiteError
from engine.source import yaml
from engine.source.files import walk
from engine.source.frontmatter import FrontMatter, load_defaults, split
from engine.source.simple import read_simple

CORPORA = Path(__file__).parents[2].parent / "shared/corpora"


def read(text: str) -> FrontMatter:
    return split(text, file="a.md")


def faults(text: str) -> list[str]:
    with pytest.raises(SiteError) as caught:
        read(text)
    return [f"{fault.code} {fault}" for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("head", "values"),
    [
        ("---\na: 1\n---\n", {"a": 1}),
        ("---\na: {b: 1}\n...\n", {"a": {"b": 1}}),
        ("--- \na: 1\n---\t\n", {"a": 1}),
        ("---yaml\na: no\n---\n", {"a": "no"}),
        ("---toml\na = 1\n---\n", {"a": 1}),
        ("+++\na = [1]\n+++\n", {"a": [1]}),
        ("~~~~toml\na = 1\n~~~~\n", {"a": 1}),
        ("```toml\na = 1\n`````\n", {"a": 1}),
        ("``` yaml\na: x ```\n```\n", {"a": "x ```"}),
        ('~~~json\n{"a": null}\n~~~\n', {"a": None}),
        ("---\n---\n", {}),
        ("---\n# nothing yet\n---\n", {}),
        ("+++\n+++\n", {}),
    ],
)
def test_front_matter_is_known_by_its_first_line(head: str, values: dict[str, Any]) -> None:
    matter = read(head + "body\n---\n")
    assert (matter.values, matter.body, matter.body_line) == (values, "body\n---\n", head.count("\n") + 1)


@pytest.mark.parametrize("text", ["---\na: 1\n---", "+++\na = 1\n+++", "```yaml\na: 1\n```  "])
def test_a_file_may_end_with_its_front_matter(text: str) -> None:
    assert (read(text).values, read(text).body) == ({"a": 1}, "")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# Title\n",
        "\n---\na: 1\n---\n",
        " ---\na: 1\n---\n",
        "----\na: 1\n----\n",
        "--- a\n",
        "---",
        "---\n",
        "---\n\nText after a thematic break.\n",
        "+++\n\ntext\n",
        "```\na: 1\n```\n",
        "```python\na = 1\n```\n",
        "``yaml\na: 1\n``\n",
        "``~yaml\na: 1\n``~\n",
    ],
)
def test_anything_else_is_body(text: str) -> None:
    assert read(text) == FrontMatter({}, text, 1)
    assert read(text).place("a") is None


@pytest.mark.parametrize(
    ("text", "closer"),
    [("---\ntitle: x\n\nText\n", "---"), ("+++\ntitle = 1\n", "+++"), ("~~~~toml\n[a]\n~~~\n", "~~~~")],
)
def test_front_matter_that_is_not_closed_is_a_fault_in_line_1(text: str, closer: str) -> None:
    opener = text.partition("\n")[0]
    assert faults(text) == [
        f"front-matter-unclosed a.md:1: the front matter that begins with `{opener}` is not closed."
        f" Close it with a line `{closer}`."
    ]


@pytest.mark.parametrize(
    "text", ["---\n- a\n---\n", "---\njust text\n---\n", "```json\n[1]\n```\n", "---\n3\n---\n"]
)
def test_front_matter_that_is_no_mapping_is_a_fault(text: str) -> None:
    assert faults(text) == [
        "front-matter-not-mapping a.md:1: front matter must be `key: value` lines."
        " Begin the file with an empty line if this is no front matter."
    ]


def test_keys_of_front_matter_are_text_and_below_the_top_they_may_be_integers() -> None:
    assert read("---\nscore: {1: bad, 5: good}\n---\n").values == {"score": {1: "bad", 5: "good"}}
    assert faults("---\na: 1\n404: x\n---\n") == [
        "bad-key a.md:3:1: the keys of front matter are text, and `404` is not. Put it in quotes."
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("---\na: 1\na: 2\n---\n", "duplicate-key a.md:3:1: the key `a` stands twice, here and in line 2"),
        ("---\na: 2024-02-30\n---\n", "bad-date a.md:2:4: "),
        ("---\na: b: c\n---\n", "bad-yaml a.md:2:5: "),
        ("+++\na = 1\nb = x\n+++\n", "bad-toml a.md:3:5: this cannot be read as TOML: invalid value"),
        (
            "+++\na = 2024-02-30\n+++\n",
            "bad-toml a.md:2:5: this cannot be read as TOML: invalid date or datetime",
        ),
        ("+++\na = [1,\n+++\n", "bad-toml a.md:3:1: "),
        (
            '```json\n{"a": 1,\n"a": 2}\n```\n',
            "duplicate-key a.md:3:1: the key `a` stands twice, here and in line 2",
        ),
        ("~~~json\n{\n~~~\n", "bad-json a.md:3:1: this cannot be read as JSON: "),
    ],
)
def test_faults_in_front_matter_have_their_line_of_the_file(text: str, fault: str) -> None:
    [told] = faults(text)
    assert told.startswith(fault)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("---\na: 1\nversion: 1.10\n---\n", (3, 1)),
        ("---\na: {b: 1}\nversion: 1.10\n---\n", (3, 1)),
        ("+++\na = 1\n  version = 1.10\n+++\n", (3, 3)),
        ('```json\n{"a": 1,\n "version": 1.10}\n```\n', (3, 2)),
    ],
)
def test_places_are_those_of_the_file_whatever_the_format(text: str, place: tuple[int, int]) -> None:
    matter = read(text)
    assert matter.place("version") == place
    assert matter.place("gone") is None


def test_the_text_of_a_scalar_is_kept_as_written_on_both_ways_of_reading() -> None:
    assert read("---\nwhen: 2024-02-03\nname: x\n---\n").text("when") == "2024-02-03"
    assert read("---\nversion: 1.10\n---\n").text("version") == "1.10"


def test_front_matter_larger_than_64_kb_is_refused() -> None:
    assert read("---\na: " + "x" * 65_000 + "\n---\n").values["a"]
    assert faults("---\na: " + "x" * 66_000 + "\n---\n") == [
        "yaml-limit a.md:2: this YAML is larger than 64 kB. Split it up."
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [("_data.yaml", "a: {b: 1}"), ("_data.toml", "a = {b = 1}"), ("_data.json", '{"a": {"b": 1}}')],
)
def test_the_data_file_of_a_directory_is_front_matter_without_a_body(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / name).write_text(text)
    [file] = walk(str(tmp_path), "pages").files
    matter = load_defaults(file)
    assert (matter.values, matter.body) == ({"a": {"b": 1}}, "")
    assert matter.place("a") is not None


# --- the short way and the long way agree ---------------------------------------------------------------------

PLAIN = """true false null ~ no on yes 12 012 -3 +4 1.5 1_000 0x1F 0o7 1e3 .inf .nan 12:30 2024-02-03 2024-02-30
2024-02-03T10:00:00Z 20240203 Hello world é 日本 a-b a_b C++ C# a/b http://x.y/z?q=1&r=2#f @me `x` %d & * ! | > ? -
# : :: , [ ] { } [a] [a,b] " ' \\ "x" 'x' "a\\n" --- ... << *a &a !x"""
ODD = ["", "\n", "\t", "\x0b", "\x85", "\u00a0", "\u2028", "\ufeff"]
PIECES = st.sampled_from(PLAIN.split() + ODD)
GLUED = st.lists(PIECES | st.text(max_size=4), min_size=1, max_size=4).flatmap(
    lambda parts: st.sampled_from(["", " ", ", ", ": "]).map(lambda glue: glue.join(parts))
)
WRAPPED = st.tuples(
    st.sampled_from(["{}", "x{}", "x {}", '"{}"', "'{}'", "[{}]", "[b, {}]", "{} # c", "{} "]), GLUED
).map(lambda both: both[0].replace("{}", both[1]))
GOOD_LINES = st.tuples(st.sampled_from(["title", "b-c", "d_1", "no"]), WRAPPED).map(": ".join)
ODD_LINES = st.tuples(
    st.sampled_from(["true", "null", "3", "", "a b", " a", "é"]),
    st.sampled_from([":", ":  ", " : ", ": \t"]),
    WRAPPED,
).map("".join)
LINES = GOOD_LINES | GOOD_LINES | GOOD_LINES | ODD_LINES


@pytest.mark.long
@settings(max_examples=600, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=2).map(lambda lines: "\n".join(lines) + "\n"))
def test_whatever_the_short_way_takes_the_loader_reads_as_the_same(block: str) -> None:
    short = read_simple(block)
    if short is None:
        return
    long = yaml.load(block, file="a.md", limit=64 * 1024).value
    assert short == long
    assert list(short) == list(long)
    assert [_types(value) for value in short.values()] == [_types(value) for value in long.values()]


def _types(value: Any) -> Any:
    return list(map(type, value)) if isinstance(value, list) else type(value)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from(" :#,"), max_size=12))
def test_no_character_of_text_is_read_in_two_ways(text: str) -> None:
    for block in (f"a: {text}\n", f'a: "{text}"\n', f"a: [x{text}, y]\n", f"a: x{text}\n"):
        short = read_simple(block)
        if short is not None:
            assert short == yaml.load(block, file="a.md", limit=64 * 1024).value


def test_the_short_way_takes_what_most_front_matter_is() -> None:
    block = (
        'title: What is new in 1.10?\ndate: 2024-02-03\ntags: [python, web site, C++]\ndraft: false\nn: 12\nx: "a: b"\n'
        "link: https://example.org/a?b#c\n"
    )
    assert read_simple(block) == {
        "title": "What is new in 1.10?",
        "date": dt.date(2024, 2, 3),
        "tags": ["python", "web site", "C++"],
        "draft": False,
        "n": 12,
        "x": "a: b",
        "link": "https://example.org/a?b#c",
    }


@pytest.mark.parametrize(
    "line",
    [
        "a: 1.10",
        "a:",
        "a: 'x'",
        "a: b: c",
        "a: b #c",
        "a: 2024-02-30",
        "a: - b",
        "a: x\na: y",
        " a: b",
        "a: {}",
    ],
)
def test_the_short_way_leaves_alone_what_it_does_not_know(line: str) -> None:
    assert read_simple(line + "\n") is None


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(["---\n", "+++\n", "---toml\n", "```json\n", "~~~yaml\n"]),
    st.text(st.sampled_from("ab:=-+~`[]{}\"'.,#1\n \t\\"), max_size=50),
    st.sampled_from(["\n---\n", "\n+++\n", "\n```\n", "\n~~~\n", "\n...\n", ""]),
)
def test_any_text_is_divided_or_has_faults_with_a_line(head: str, middle: str, tail: str) -> None:
    text = head + middle + tail + "body\n"
    try:
        matter = read(text)
    except SiteError as error:
        assert all(fault.line for fault in error.faults)
        return
    assert text.endswith(matter.body)
    assert text.count("\n") - matter.body.count("\n") == matter.body_line - 1
    assert all(isinstance(key, str) for key in matter.values)
    assert isinstance(matter.document.marks.places, dict)


# --- what people write ----------------------------------------------------------------------------------------

EXPECTED = {"eips": 0, "pallets-website": 0, "rust-blog": 0, "til": 0, "jekyll-test-source": 2}


@pytest.mark.parametrize("corpus", EXPECTED)
def test_every_page_of_a_real_site_has_values_or_faults_with_a_place(corpus: str) -> None:
    if not CORPORA.is_dir():
        pytest.skip("the corpora are not here")
    walked = walk(str(CORPORA / corpus), "content")
    wrong, keys = [], 0
    for file in walked.files:
        if file.suffix not in (".md", ".markdown", ".html", ".textile"):
            continue
        try:
            matter = split(file.read_text(), file=file.path)
        except SiteError as error:
            wrong += error.faults
        else:
            keys += len(matter.values)
            assert all(matter.place(key) for key in matter.values)
    assert len(wrong) == EXPECTED[corpus]
    assert all(fault.line and fault.column for fault in wrong)
    assert keys > 0 or corpus == "til"
