"""The documentation is a sound site of the engine, says one word for each thing, and its picture is true."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Frozen, Served
from test_house import FLOORS, MODULES, imports, room

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
PAGES = sorted((DOCS / "pages").glob("**/*.md"))
READ = [*PAGES, README, ROOT / "CHANGELOG.md"]


def test_the_documentation_freezes_without_a_fault(door: Callable[..., Served | Frozen]) -> None:
    assert "<h1>A site is a directory of files</h1>" in door(DOCS).get("/").text


def test_it_can_be_published_below_a_path(tmp_path: Path) -> None:
    frozen = Frozen(DOCS, tmp_path / "dist", base_url="https://docs.example/engine")
    assert 'href="/engine/tutorial/"' in frozen.get("/").text


def test_every_page_is_in_the_sidebar_or_says_why_not() -> None:
    app = Served(DOCS).app
    listed = {page.source.path for page in app.pages if page.meta.get("part") in app.data.parts}
    others = {page.source.path for page in app.pages} - listed
    assert {path for path in others if not path.startswith("pages/decisions/")} == {"pages/index.md"}


def test_every_page_has_a_description() -> None:
    lacking = [page.path for page in Served(DOCS).app.pages if "part" in page.meta and not page.description]
    assert lacking == []


def test_the_decisions_are_pages() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    app = Served(DOCS).app
    assert [page.source.name for page in app.pages.under("/decisions")] == [record.name for record in records]


# Words


def prose(path: Path) -> str:
    """The text of a page without its front matter, code, addresses and comments."""
    text = re.sub(r"\A---\n.*?\n---\n", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"``.*?``|`[^`]*`|\]\([^)]*\)|<[^>]*>", " ", text)


def unwanted() -> list[str]:
    """The words in the last column of the glossary."""
    glossary = (DOCS / "pages" / "reference" / "glossary.md").read_text("utf-8")
    cells = re.findall(r"^\|[^|]+\|[^|]+\|([^|]*)\|$", glossary, re.MULTILINE)
    return [word.strip() for cell in cells[2:] for word in cell.split(",") if word.strip()]


@pytest.mark.parametrize("path", READ, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_uses_the_words_of_the_glossary(path: Path) -> None:
    if path.name == "glossary.md":
        return
    text = prose(path)
    assert [word for word in unwanted() if re.search(rf"\b{re.escape(word)}s?\b", text, re.IGNORECASE)] == []


def test_the_glossary_wants_one_word_for_a_thing() -> None:
    assert {"folder", "frontmatter", "middleware"} <= set(unwanted())


# The picture


def test_the_picture_shows_the_rooms_on_their_floors() -> None:
    svg = ElementTree.parse(DOCS / "pages" / "architecture.svg")
    name = "{http://www.w3.org/2000/svg}"
    shown = {
        text.attrib["data-room"]: int(floor.attrib["data-floor"])
        for floor in svg.iter(f"{name}g")
        for text in floor.iter(f"{name}text")
        if "data-room" in text.attrib
    }
    assert all(
        text.text == text.attrib["data-room"]
        for text in svg.iter(f"{name}text")
        if "data-room" in text.attrib
    )
    standing = {path.relative_to(ROOT / "engine").parts[0].removesuffix(".py") for path in MODULES}
    assert shown == {room: FLOORS[room] for room in standing - {"__init__"}}


def test_rooms_on_one_floor_are_strangers_but_for_those_that_the_picture_names() -> None:
    known = set()
    for path in MODULES:
        own = path.relative_to(ROOT / "engine").parts[0].removesuffix(".py")
        others = {room(module) for module in imports(path)} - {None, own}
        known |= {(own, other) for other in others if own in FLOORS and FLOORS[own] == FLOORS[str(other)]}
    assert known == {
        ("trace", "errors"),
        ("outside", "trace"),
        ("config", "settings"),
        ("loading", "site"),
        ("__main__", "cli"),
        ("testing", "cli"),
    }


def test_the_picture_of_the_example_is_small() -> None:
    assert 10_000 < (DOCS / "static" / "example.png").stat().st_size < 200_000


# The README


def marked(marker: str) -> list[str]:
    """The lines of the block after a marker, as `.ci/run` finds them."""
    found = re.search(rf"<!-- {marker} -->\n```sh\n(.*?)```\n", README.read_text("utf-8"), re.DOTALL)
    assert found, f"the README has no block after <!-- {marker} -->"
    return found[1].splitlines()


@pytest.mark.parametrize("marker", ["run", "tests"])
def test_the_readme_has_a_command_for_a_fresh_machine(marker: str) -> None:
    assert marked(marker)[0] == "python3 -m venv .venv"


@pytest.mark.long
def test_the_command_of_the_readme_freezes_the_example_on_a_fresh_machine(tmp_path: Path) -> None:
    litter = shutil.ignore_patterns("__pycache__", "dist", ".engine")
    for name in ("engine", "sites"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=litter)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path / name)
    script = "\n".join(marked("run"))
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, check=True)
    assert (tmp_path / "sites" / "example" / "dist" / "index.html").is_file()


def test_ci_finds_the_command_that_runs_the_tests() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    find = re.search(r"^command=\$\((.*)\)$", script, re.MULTILINE)
    assert find
    found = subprocess.run(["bash", "-c", find[1]], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == marked("tests")


def test_the_links_of_the_readme_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README.read_text("utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("/")]
    assert [link for link in local if not (ROOT / link).exists()] == []
    assert len(local) > 10
