"""The house keeps its floors: imports go down only, and there are no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = {
    "cli": 11,
    "ext": 11,
    "__main__": 11,
    "wsgi": 11,
    "testing": 11,
    "dev": 10,
    "freeze": 10,
    "server": 10,
    "app": 9,
    "loading": 8,
    "site": 8,
    "extensions": 7,
    "listing": 7,
    "views": 6,
    "rendering": 5,
    "content": 5,
    "routing": 4,
    "config": 4,
    "settings": 4,
    "cache": 4,
    "http": 3,
    "source": 2,
    "errors": 1,
    "forked": 1,
    "signals": 1,
    "trace": 1,
    "outside": 1,
    "sealed": 1,
    "software": 1,
}
STRANGERS = [{"rendering", "content"}, {"dev", "freeze"}, {"dev", "server"}, {"freeze", "server"}]
FACE = frozenset(["engine", "engine.errors", "engine.extensions"])
"""What an extension may import of the engine: what an extension of anybody else may."""
FREEZE = {"checks": 4, "asking": 3, "publish": 2, "incremental": 1}
"""The rooms of `freeze/` that import from each other. What stands beside them brings them together."""
MODULES = sorted(path for path in (ROOT / "engine").rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """The modules of the engine that a module imports, for types too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room(module: str) -> str | None:
    """`engine.http.request` is in the room `http`."""
    parts = module.split(".")
    return parts[1] if parts[0] == "engine" and len(parts) > 1 and parts[1] in FLOORS else None


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_down(path: Path) -> None:
    own = path.relative_to(ROOT / "engine").parts[0].removesuffix(".py")
    if own == "__init__":
        return  # the face imports from every floor
    for module in imports(path):
        other = room(module)
        if other is None or other == own:
            continue
        assert FLOORS[other] <= FLOORS[own], (
            f"{own} (floor {FLOORS[own]}) imports {module} (floor {FLOORS[other]})"
        )
        assert {own, other} not in STRANGERS, f"{own} and {other} are strangers"


@pytest.mark.parametrize("path", sorted((ROOT / "engine" / "ext").rglob("*.py")), ids=lambda path: path.stem)
def test_an_extension_stands_on_the_public_face(path: Path) -> None:
    for module in imports(path):
        home = module.rpartition(".")[0] or module
        assert room(module) in (None, "ext", "errors", "extensions") and (
            not module.startswith("engine") or home in FACE or home.startswith("engine.ext")
        ), f"{path.name} imports {module}"


@pytest.mark.parametrize("room", FREEZE)
def test_imports_within_freeze_go_down(room: str) -> None:
    for path in (ROOT / "engine" / "freeze" / room).glob("*.py"):
        others = {FREEZE.get(module.split(".")[2], 0) for module in imports(path) if ".freeze." in module}
        assert max(others, default=0) <= FREEZE[room], path


def test_there_are_no_import_circles() -> None:
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in MODULES}
    edges = {
        name: {_module(names, target) for target in imports(path)} - {None, name}
        for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join([*way[way.index(name) :], name])
        if name not in done:
            for other in sorted(edges.get(name, ())):
                visit(other, (*way, name))
            done.add(name)

    for name in names:
        if not name.endswith("__init__"):
            visit(name, ())


def _module(names: dict[str, Path], target: str) -> str | None:
    while target and target not in names:
        target = target.rpartition(".")[0]
    return target or None
