"""The reference says what the engine has: every command, setting and fault, none that is gone."""

from __future__ import annotations

import ast
import dataclasses
import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import click
import pytest

from engine.cli import COMMANDS, cli
from engine.config import NOT_IN_FILE, Config

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "pages"
SOURCES = sorted((ROOT / "engine").rglob("*.py"))


def rows(text: str) -> list[list[str]]:
    """The cells of the tables of a page, without their headers."""
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    lines = [line for table in tables for line in table.splitlines()[2:]]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def section(text: str, heading: str) -> str:
    """What stands below a second-level heading."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no section {heading}"
    return found[1]


def page(name: str) -> str:
    return (PAGES / name).read_text("utf-8")


# Commands


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_has_the_options_of_a_command(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    has = {
        opt for it in command.params if isinstance(it, click.Option) for opt in (*it.opts, *it.secondary_opts)
    }
    text = section(page("reference/commands.md"), f"engine {name}")
    told = [re.findall(r"`(-[^`]+)`", row[0]) for row in rows(text)]
    assert sorted(opt for row in told for opt in row) == sorted(has)


def test_the_page_has_no_command_that_is_gone() -> None:
    told = re.findall(r"^## engine (\w+)$", page("reference/commands.md"), re.MULTILINE)
    assert sorted(told) == sorted(COMMANDS)


# Settings


def settings(record: type, before: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Each setting by its dotted name, with its type and its default."""
    kinds = get_type_hints(record)
    for field in dataclasses.fields(record):
        kind = kinds[field.name]
        if not before and field.name in NOT_IN_FILE:
            continue
        if dataclasses.is_dataclass(kind):
            assert isinstance(kind, type)
            yield from settings(kind, f"{before}{field.name}.")
        else:
            yield before + field.name, kind, default_of(field)


def default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is dataclasses.MISSING:
        return field.default
    return field.default_factory()


def as_toml(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else "[]" if isinstance(value, tuple) else "{}"


TYPES = {str: "text", bool: "true or false", int: "a whole number", tuple: "a list of texts"}


def in_words(kind: Any) -> str:
    choices = [f'`"{choice}"`' for choice in get_args(kind)]
    if kind in TYPES or get_origin(kind) is tuple:
        return TYPES[get_origin(kind) or kind]
    if choices and choices[0].startswith('`"<'):
        return "a table"
    return " or ".join(filter(None, [", ".join(choices[:-1]), choices[-1]]))


def test_the_page_has_every_setting_with_its_type_and_default() -> None:
    told = {row[0].strip("`"): (row[1], row[2].strip("`")) for row in rows(page("reference/settings.md"))}
    has = {name: (in_words(kind), as_toml(default)) for name, kind, default in settings(Config)}
    assert told == has


# Faults


def faults() -> set[str]:
    """The code of every `Fault(` in the engine: a literal, or what a function hands on that is called with literals."""
    codes = set()
    for source in SOURCES:
        tree = ast.parse(source.read_text("utf-8"))
        for code in codes_in(tree, "Fault"):
            assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", code), f"{source}: {code}"
            codes.add(code)
    return codes


def codes_in(tree: ast.AST, name: str) -> Iterator[str]:
    """The first arguments of the calls of `name`."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and name == getattr(call.func, "id", getattr(call.func, "attr", None)):
            code = call.args[0]
            if isinstance(code, ast.Constant):
                yield str(code.value)
            else:
                assert isinstance(code, ast.Name), f"line {call.lineno}: the code of a fault is computed"
                yield from codes_in(tree, function_around(tree, call))


def function_around(tree: ast.AST, call: ast.Call) -> str:
    around = [it for it in ast.walk(tree) if isinstance(it, ast.FunctionDef) and call in ast.walk(it)]
    return around[-1].name


@cache
def sentences() -> set[str]:
    """Every text in the engine, with `…` for what is filled in."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                found.add("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def fault_rows() -> list[list[str]]:
    before, _, _ = page("reference/errors.md").partition("## Errors that are no faults")
    return rows(before)


def test_the_page_has_every_fault_once() -> None:
    told = [row[0].strip("`") for row in fault_rows()]
    assert (faults() - set(told), set(told) - faults()) == (set(), set()), "not on the page, and gone"
    assert len(told) == len(set(told))


@pytest.mark.parametrize("row", fault_rows(), ids=lambda row: row[0].strip("`"))
def test_the_page_says_what_the_engine_says(row: list[str]) -> None:
    for message in map(html.unescape, row[1].split("<br>")):
        # A message may be put together of a beginning and a sentence; that is known by its end.
        ends = (message[at:] for at in range(len(message)) if message[at - 1 : at] in ("", " "))
        told = message.startswith("*") or any(end in sentences() for end in ends if end.count(" ") > 1)
        assert told or message in sentences(), f"nothing in the engine says: {message}"


# Precedence


def test_the_order_of_routes_is_that_of_the_code() -> None:
    doc = ast.get_docstring(ast.parse((ROOT / "engine/routing/order.py").read_text("utf-8"))) or ""
    table = [re.split(r"\s{2,}", line.strip()) for line in doc.splitlines() if re.match(r"\s+\d  ", line)]
    text = section(page("conventions.md"), "The order of routes")
    told = [[cell.strip("`") for cell in row if cell] for row in rows(text)]
    assert told == table
    assert len(table) == 7
