"""What a file below pages/ is follows from its name, and files of one stem make one page."""

from __future__ import annotations

import pytest

from engine.source.files import SourceFile
from engine.source.tree import Directory
from engine.views.kinds import is_file_url, kind_of
from engine.views.units import units


def source(name: str) -> SourceFile:
    return SourceFile(f"pages/{name}", f"/site/pages/{name}", 0, 0)


@pytest.mark.parametrize(
    ("name", "role", "stem", "is_file"),
    [
        ("about.md", "markdown", "about", False),
        ("about.markdown", "markdown", "about", False),
        ("v1.2.md", "markdown", "v1.2", False),
        ("feed.xml.md", "markdown", "feed.xml", False),
        ("about.html", "template", "about", False),
        ("a.b.html", "template", "a.b", False),
        ("about.jinja", "template", "about", False),
        ("feed.xml.jinja", "template", "feed.xml", True),
        ("page.html.jinja", "template", "page.html", True),
        ("about.py", "handler", "about", False),
        ("items.json.py", "handler", "items.json", True),
        ("v1.2.py", "handler", "v1.2", False),
        ("a.verylongsuffix.py", "handler", "a.verylongsuffix", False),
        ("[slug].csv.py", "handler", "[slug].csv", True),
        ("[slug].py", "handler", "[slug]", False),
        ("photo.jpg", "asset", "photo.jpg", True),
        ("LICENSE", "asset", "LICENSE", True),
        ("notes.txt", "asset", "notes.txt", True),
        ("archive.tar.gz", "asset", "archive.tar.gz", True),
    ],
)
def test_kinds(name: str, role: str, stem: str, is_file: bool) -> None:
    kind, found = kind_of(name)
    assert (kind.role, found, is_file_url(kind, found)) == (role, stem, is_file)


def test_a_handler_and_one_text_of_its_stem_are_one_page() -> None:
    directory = Directory("pages")
    files = [
        source(name)
        for name in ("a.md", "a.py", "b.html", "b.py", "c.jinja", "c.py", "d.md", "e.py", "f.txt")
    ]
    made = [[file.name for file in unit.files] for unit in units(directory, files)]
    assert made == [["f.txt"], ["a.py", "a.md"], ["b.py", "b.html"], ["c.py", "c.jinja"], ["d.md"], ["e.py"]]


def test_two_texts_of_one_stem_are_left_apart_and_clash_later() -> None:
    files = [source(name) for name in ("a.html", "a.md", "a.py")]
    assert [unit.main.name for unit in units(Directory("pages"), files)] == ["a.py", "a.html", "a.md"]
