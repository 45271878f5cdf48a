"""Front matter against the schema of its section."""

from __future__ import annotations

import datetime as dt
import enum
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from engine.content.schema import check, find_schema
from engine.errors import SiteError
from engine.source.frontmatter import split

ALLOWED = frozenset({"title", "date", "tags"})


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Author:
    name: str
    age: int = 0


@dataclass
class Post:
    summary: str
    version: str = "0"
    weight: int = 1
    score: float = 0.0
    public: bool = True
    author: Author | None = None
    others: list[Author] = field(default_factory=list)
    kind: Literal["note", "1.10"] = "note"
    day: dt.date | None = None
    moment: dt.datetime | None = None
    words: tuple[str, ...] = ()
    colour: Colour = Colour.RED
    either: str | int = 0
    anything: Any = None
    rank: Annotated[int, Field(ge=1)] = 1


class Model(BaseModel):
    version: str
    size: int = Field(1, alias="how-large")


def look(text: str, schema: type = Post, **options: Any) -> tuple[dict[str, Any], list[str]]:
    matter = split(f"---\n{text}\n---\nbody\n", file="pages/a.md")
    values, faults = check(schema, matter, "pages/a.md", allowed=ALLOWED, **options)
    return values, [f"{fault.code} {fault}" for fault in faults]


def sound(text: str, schema: type = Post, **options: Any) -> dict[str, Any]:
    values, faults = look(text, schema, **options)
    assert faults == []
    return values


def test_defaults_are_filled_in_and_allowed_keys_stand_beside_the_fields() -> None:
    values = sound("title: T\nsummary: S")
    assert (values["title"], values["summary"], values["weight"], values["others"]) == ("T", "S", 1, [])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("version: 1.10", "1.10"),
        ("version: 012", "012"),
        ("version: 12:30", "12:30"),
        ("version: no", "no"),
        ("version: true", "true"),
        ("version: 2024-02-03", "2024-02-03"),
        ("version: '1.10'", "1.10"),
        ("kind: 1.10", "1.10"),
        ("words: [a, 1.0, no, 2024-02-03]", ("a", "1.0", "no", "2024-02-03")),
        ("either: 1.0", "1.0"),
        ("either: 3", 3),
    ],
)
def test_a_field_of_text_keeps_the_text_as_written(line: str, value: Any) -> None:
    assert sound(f"summary: S\n{line}")[line.partition(":")[0]] == value


def test_text_is_kept_as_written_within_lists_and_nested_records_too() -> None:
    values = sound("summary: S\nauthor: {name: 1.10}\nothers:\n  - name: 007\n    age: 3\n")
    assert (values["author"], values["others"]) == (Author("1.10"), [Author("007", 3)])


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("score: 3", 3.0),
        ("day: 2024-02-03", dt.date(2024, 2, 3)),
        ("day: '2024-02-03'", dt.date(2024, 2, 3)),
        ("moment: 2024-02-03T04:05:06Z", dt.datetime(2024, 2, 3, 4, 5, 6, tzinfo=dt.UTC)),
        ("moment: 2024-02-03", dt.datetime(2024, 2, 3)),
        ("colour: blue", Colour.BLUE),
        ("words: [a]", ("a",)),
        ("author: null", None),
        ("anything: [2024-02-03, 1.10]", [dt.date(2024, 2, 3), 1.1]),
    ],
)
def test_values_come_in_the_types_of_their_fields(line: str, value: Any) -> None:
    got = sound(f"summary: S\n{line}")[line.partition(":")[0]]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("weight: heavy", '3:1: `weight` must be a whole number, not the text "heavy".'),
        ('weight: "12"', '3:1: `weight` must be a whole number, not the text "12".'),
        ("weight: 1.5", "3:1: `weight` must be a whole number, not 1.5."),
        ("weight: true", "3:1: `weight` must be a whole number, not true."),
        ("weight:", "3:1: `weight` must be a whole number, not nothing."),
        ("public: 1", "3:1: `public` must be true or false, not 1."),
        ("public: yes", '3:1: `public` must be true or false, not the text "yes".'),
        ("day: 20240203", "3:1: `day` must be a date like 2026-01-31, not 20240203."),
        ("day: soon", '3:1: `day` must be a date like 2026-01-31, not the text "soon".'),
        ("kind: page", "3:1: `kind` must be 'note' or '1.10', not the text \"page\"."),
        ("colour: green", "3:1: `colour` must be 'red' or 'blue', not the text \"green\"."),
        ("words: a", '3:1: `words` must be a list, not the text "a".'),
        ("words: [a, [b]]", "3:12: `words[1]` must be text, not a list."),
        ("version: ~", "3:1: `version` must be text, not nothing."),
        ("either: [1]", "3:1: `either` must be text or a whole number, not a list."),
        ("author: Jo", '3:1: `author` must be a mapping, not the text "Jo".'),
        ("author:\n  name: Jo\n  age: old", '5:3: `author.age` must be a whole number, not the text "old".'),
        ("others:\n  - name: Jo\n  - 3", "5:5: `others[1]` must be a mapping, not 3."),
    ],
)
def test_a_wrong_type_is_a_fault_at_its_key_that_names_what_is_wanted_and_what_is_there(
    line: str, fault: str
) -> None:
    assert look(f"summary: S\n{line}")[1] == [f"wrong-type pages/a.md:{fault}"]


def test_a_value_that_breaks_a_rule_is_a_fault_at_its_key() -> None:
    assert look("summary: S\nrank: 0")[1] == [
        "wrong-value pages/a.md:3:1: `rank`: input should be greater than or equal to 1; it is 0."
    ]


def test_an_unknown_key_is_a_fault_that_suggests_the_nearest() -> None:
    assert look("summary: S\nwieght: 3\ntagz: [a]\nqqqq: 1")[1] == [
        "unknown-key pages/a.md:3:1: the key `wieght` is not in the schema. Did you mean `weight`.",
        "unknown-key pages/a.md:4:1: the key `tagz` is not in the schema. Did you mean `tags`.",
        "unknown-key pages/a.md:5:1: the key `qqqq` is not in the schema. Remove it, or add it to `_schema.py`.",
    ]


def test_an_unknown_key_of_a_nested_record_is_a_fault_at_its_place() -> None:
    [fault] = look("summary: S\nauthor:\n  name: Jo\n  agee: 3")[1]
    assert fault.startswith("unknown-key pages/a.md:5:3: the key `author.agee` is not in the schema.")


def test_a_missing_key_is_a_fault_in_line_1_and_within_a_record_at_the_record() -> None:
    assert look("author: {age: 3}")[1] == [
        "missing-key pages/a.md:1: the key `summary` is missing. Add `summary: …`.",
        "missing-key pages/a.md:2: the key `author.name` is missing. Add `name: …`.",
    ]


def test_all_faults_come_at_once_and_the_values_stay_as_written() -> None:
    values, faults = look('weight: "1"\nversio: 1\nrank: 0')
    codes = [fault.split()[0] for fault in faults]
    assert codes == ["missing-key", "wrong-type", "unknown-key", "wrong-value"]
    assert values == {"weight": "1", "versio": 1, "rank": 0}


def test_what_a_directory_says_fills_fields_and_never_is_an_unknown_key() -> None:
    values = sound("weight: 2", inherited={"summary": "from above", "weight": 1, "theme": "dark"})
    assert (values["summary"], values["weight"], "theme" in values) == ("from above", 2, False)


def test_a_pydantic_model_is_a_schema_with_its_aliases() -> None:
    assert sound("title: T\nversion: 1.10\nhow-large: 3", Model) == {
        "title": "T",
        "version": "1.10",
        "size": 3,
    }
    [fault] = look("version: 1\nhow-larg: 3", Model)[1]
    assert (
        fault
        == "unknown-key pages/a.md:3:1: the key `how-larg` is not in the schema. Did you mean `how-large`."
    )


@dataclass
class Picky:
    a: int = 0
    b: int = 0

    def __post_init__(self) -> None:
        if self.a == 1:
            raise ValueError("a and b do not go together.")
        if self.a == 2:
            raise KeyError("oops")


def test_what_a_schema_refuses_itself_is_a_fault() -> None:
    assert look("a: 1", Picky)[1] == ["wrong-value pages/a.md:1: a and b do not go together."]


def test_a_schema_that_fails_is_a_fault_and_no_traceback() -> None:
    [fault] = look("a: 2", Picky)[1]
    assert fault.startswith("schema-failed pages/a.md:1: the schema `Picky` failed: KeyError: 'oops'.")


@pytest.mark.parametrize("head", ["+++\nsummary = []\n+++\n", '```json\n{"summary": []}\n```\n'])
def test_front_matter_in_other_formats_is_checked_too(head: str) -> None:
    [fault] = check(Post, split(head, file="a.md"), "a.md", allowed=ALLOWED)[1]
    assert (fault.code, fault.line) == ("wrong-type", 2)


def module(**names: Any) -> dict[str, Any]:
    for thing in names.values():
        thing.__module__ = "blog_schema"
    return {"__name__": "blog_schema", "dataclass": dataclass, "BaseModel": BaseModel, **names}


def test_the_schema_of_a_module_is_the_one_that_is_called_so() -> None:
    @dataclass
    class Schema:
        a: int

    @dataclass
    class Other:
        a: int

    assert find_schema(module(Other=Other, Schema=Schema), "pages/_schema.py") is Schema
    assert find_schema(module(Other=Other), "pages/_schema.py") is Other


def test_a_module_without_one_schema_is_a_fault() -> None:
    @dataclass
    class One:
        a: int

    @dataclass
    class Two:
        a: int

    class Schema:
        pass

    @dataclass
    class Odd:
        a: "Nowhere"  # noqa: F821, UP037

    for names, message in (
        ({}, "this must hold one dataclass, and holds 0. Name the one that counts `Schema`."),
        (
            {"One": One, "Two": Two},
            "this must hold one dataclass, and holds 2. Name the one that counts `Schema`.",
        ),
        ({"Schema": Schema}, "`Schema` is no dataclass. Decorate it with @dataclass."),
        ({"Odd": Odd}, "`Odd` cannot be used as a schema: "),
    ):
        with pytest.raises(SiteError) as caught:
            find_schema(module(**names), "pages/_schema.py")
        assert str(caught.value).startswith(f"pages/_schema.py: {message}")


def test_a_site_without_a_schema_does_not_import_pydantic() -> None:
    program = "import engine.content.schema, sys; sys.exit('pydantic' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
