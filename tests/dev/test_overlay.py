"""The fault page shows each fault with its place, and nothing that a browser would run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.dev.overlay import fault_page, wants_page
from engine.errors import Fault


def test_a_fault_has_its_place_its_sentence_its_way_out_and_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("".join(f"line {n}\n" for n in range(1, 21)))
    page = fault_page([Fault("some-code", "a.md", "is wrong", "Mend it", 10, 6)], tmp_path)
    assert "a.md:10:6" in page
    assert "is wrong." in page and "Mend it." in page and "some-code" in page
    assert "<mark>" in page and "line 10\n</mark>" in page
    assert "line 7\n" in page and "line 13\n" in page
    assert "line 6\n" not in page and "line 14\n" not in page
    assert "           ^</span>" in page  # six of the number, five before the column


def test_the_caret_stands_below_its_column_whatever_the_width_of_a_tab(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("\t\tx = (\n")
    assert "      \t\t    ^" in fault_page([Fault("c", "a.py", "is wrong", "", 1, 7)], tmp_path)


def test_every_fault_is_counted(tmp_path: Path) -> None:
    faults = [Fault("c", f"{n}.md", "is wrong") for n in range(3)]
    assert "<title>3 faults" in fault_page(faults, tmp_path)
    assert "<title>1 fault " in fault_page(faults[:1], tmp_path)


@pytest.mark.parametrize(
    "file", ["../secret.txt", "/etc/hostname", "link.txt", "missing.md", "", ".", "bad\0name", "a" * 5000]
)
def test_nothing_outside_the_site_is_shown(tmp_path: Path, file: str) -> None:
    root = tmp_path / "site"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("SECRET\n")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    page = fault_page([Fault("c", file, "is wrong", "", 1)], root)
    assert "SECRET" not in page
    assert "<pre>" not in page


@given(text=st.text(), what=st.text(), line=st.integers(1, 9), column=st.integers(1, 99))
def test_no_text_becomes_markup(
    tmp_path_factory: pytest.TempPathFactory, text: str, what: str, line: int, column: int
) -> None:
    root = tmp_path_factory.mktemp("site")
    hostile = "<script>alert(1)</script>" + text
    (root / "a.md").write_text(hostile, "utf-8", errors="replace")
    page = fault_page([Fault("c", "a.md", what + hostile, hostile, line, column)], root)
    assert "<script" not in page


@pytest.mark.parametrize(
    ("accept", "destination", "expected"),
    [
        ("text/html,*/*", None, True),
        ("text/html", "document", True),
        ("text/html", "iframe", True),
        ("*/*", None, False),
        ("application/json", None, False),
        ("text/html,*/*", "image", False),
        ("text/css", "style", False),
    ],
)
def test_only_a_browser_that_wants_a_page_gets_one(
    accept: str, destination: str | None, expected: bool
) -> None:
    environ = {"HTTP_ACCEPT": accept}
    if destination:
        environ["HTTP_SEC_FETCH_DEST"] = destination
    assert wants_page(environ) is expected
