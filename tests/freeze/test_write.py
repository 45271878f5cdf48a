"""The output is ours whole: published at once; stale files go, files of others stay, unfit places are refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doors import freeze_site, write_site
from engine import SiteError
from engine.freeze.publish.write import MANIFEST
from freeze_tools import Freezer

PAGE = {"pages/index.md": "one"}


def beside(output: Path) -> list[str]:
    """What stands beside the output and the site."""
    return sorted(path.name for path in output.parent.iterdir() if path.name not in (output.name, "site"))


def test_the_manifest_lists_what_was_written_and_nothing_else(freezer: Freezer) -> None:
    freezer({**PAGE, "static/a.txt": "a"})
    tree = freezer.tree
    assert sorted(tree) == [MANIFEST, "404.html", "a.txt", "index.html"]
    assert json.loads(tree[MANIFEST])["files"].keys() == tree.keys() - {MANIFEST}
    assert beside(freezer.output) == []


def test_the_report_says_what_changed(freezer: Freezer) -> None:
    first = freezer({"pages/a.md": "a", "pages/b.md": "b"})
    assert (first.written, first.unchanged, first.removed) == (
        ["404.html", "a/index.html", "b/index.html"],
        [],
        [],
    )
    freezer.remove("pages/b.md")
    second = freezer({"pages/a.md": "changed", "pages/c.md": "c"})
    assert second.written == ["a/index.html", "c/index.html"]
    assert (second.unchanged, second.removed) == (["404.html"], ["b/index.html"])
    assert sorted(freezer.tree) == [MANIFEST, "404.html", "a/index.html", "c/index.html"]
    third = freezer({})
    assert (third.written, third.removed) == ([], [])


def test_files_of_others_are_kept(freezer: Freezer) -> None:
    freezer(PAGE)
    others = {
        "CNAME": b"example.org",
        ".git/config": b"[core]",
        "deep/er/file.txt": b"x",
        ".well-known/acme/x": b"y",
    }
    for path, body in others.items():
        (freezer.output / path).parent.mkdir(parents=True, exist_ok=True)
        (freezer.output / path).write_bytes(body)
    (freezer.output / "link").symlink_to("CNAME")
    (freezer.output / "dangling").symlink_to("nowhere")
    os.chmod(freezer.output / "CNAME", 0o600)
    for text in ("two", "three"):
        freezer({"pages/index.md": text})
        tree = freezer.tree
        assert {path: tree[path] for path in others} == others
        assert os.readlink(freezer.output / "link") == "CNAME"
        assert os.readlink(freezer.output / "dangling") == "nowhere"
        assert (freezer.output / "CNAME").stat().st_mode & 0o777 == 0o600
        assert text in freezer.text("index.html")


def test_empty_directories_of_others_are_kept_and_ours_are_not(freezer: Freezer) -> None:
    freezer({**PAGE, "pages/stale.md": "x", "pages/taken/out.md": "y"})
    for path in ("uploads", ".git/refs/heads", "stale/theirs", "new"):
        (freezer.output / path).mkdir(parents=True)
    (freezer.output / "taken/out/index.html").unlink()
    freezer.remove("pages/stale.md")
    freezer.remove("pages/taken/out.md")
    for text in ("two", "three"):
        freezer({"pages/index.md": text, "pages/new.md": "new"})
        assert sorted(path.name for path in freezer.output.iterdir() if path.is_dir()) == [
            *(".git", "new", "stale", "uploads"),
        ]
        assert (freezer.output / ".git/refs/heads").is_dir()
        assert [path.name for path in (freezer.output / "stale").iterdir()] == ["theirs"]
        assert freezer.text("new/index.html") == "<p>new</p>\n"


def test_an_empty_directory_of_others_in_the_way_is_a_fault(freezer: Freezer) -> None:
    freezer(PAGE)
    (freezer.output / "x").mkdir()
    with pytest.raises(SiteError, match=r"dist/x/: was not written by the engine"):
        freezer({"static/x": "a file"})
    assert (freezer.output / "x").is_dir()


def test_a_stale_file_that_somebody_changed_is_kept(freezer: Freezer) -> None:
    freezer({"pages/a.md": "a", "pages/b.md": "b"})
    (freezer.output / "a/index.html").write_text("edited by hand")
    freezer.remove("pages/a.md")
    freezer.remove("pages/b.md")
    report = freezer({"pages/c.md": "c"})
    assert freezer.text("a/index.html") == "edited by hand"
    assert report.removed == ["b/index.html"]
    assert not (freezer.output / "b").exists()


@pytest.mark.parametrize(
    ("foreign", "page"),
    [
        ("a/index.html", "pages/a.md"),
        ("a", "pages/a.md"),
        ("b.txt/x", "static/b.txt"),
        ("c/d/e", "static/c/d"),
    ],
)
def test_a_file_of_others_in_the_way_is_a_fault_and_is_not_touched(
    freezer: Freezer, foreign: str, page: str
) -> None:
    freezer(PAGE)
    (freezer.output / foreign).parent.mkdir(parents=True, exist_ok=True)
    (freezer.output / foreign).write_text("theirs")
    old = freezer.tree
    with pytest.raises(SiteError) as caught:
        freezer({page: "ours"})
    assert [str(fault) for fault in caught.value.faults] == [
        f"{freezer.output}/{foreign}: was not written by the engine, and a page would replace it. Move it away."
    ]
    assert freezer.tree == old
    assert beside(freezer.output) == []


def test_a_page_of_ours_that_somebody_edited_is_made_anew(freezer: Freezer) -> None:
    freezer(PAGE)
    (freezer.output / "index.html").write_text("edited")
    freezer({})
    assert "one" in freezer.text("index.html")


def test_a_page_may_become_a_directory_and_back(freezer: Freezer) -> None:
    freezer({"static/x": "a file"})
    freezer.remove("static/x")
    freezer({"static/x/y": "below"})
    assert freezer.text("x/y") == "below"
    freezer.remove("static/x/y")
    (freezer.root / "static/x").rmdir()
    freezer({"static/x": "a file"})
    assert freezer.text("x") == "a file"


@pytest.mark.parametrize(
    "output",
    ["site", ".", "site/pages", "site/pages/out", "site/static/out", "site/data", "site/templates", "site/.engine",
     "site/.engine/out", "/", "~"],
)  # fmt: skip
def test_an_output_that_is_the_site_or_holds_it_is_refused(tmp_path: Path, output: str) -> None:
    root = write_site(tmp_path / "site", PAGE)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SiteError) as caught:
        freeze_site(root, Path(output).expanduser() if output in ("/", "~") else tmp_path / output)
    assert [fault.code for fault in caught.value.faults] == ["output-unfit"]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_directory_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", PAGE)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/me.jpg").write_text("x")
    with pytest.raises(SiteError, match="is not empty and was not written by the engine"):
        freeze_site(root, tmp_path / "photos")
    assert (tmp_path / "photos/me.jpg").read_text() == "x"


def test_a_manifest_that_cannot_be_read_claims_nothing(freezer: Freezer) -> None:
    freezer({"pages/a.md": "a"})
    freezer.remove("pages/a.md")
    for broken in (
        "",
        "[]",
        "{}",
        '{"format": 1, "files": 7}',
        '{"format": 99, "files": {"404.html": "x"}}',
        "\0",
    ):
        (freezer.output / MANIFEST).write_text(broken)
        with pytest.raises(SiteError, match=r"404\.html: was not written by the engine"):
            freezer(PAGE)
        assert freezer.text("a/index.html") == "<p>a</p>\n"


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", PAGE)
    (tmp_path / "file").write_text("x")
    for output in ("file", "file/below", "file/far/below"):
        with pytest.raises(SiteError) as caught:
            freeze_site(root, tmp_path / output)
        assert caught.value.faults[0].code in ("output-unfit", "output-unwritable")
    assert (tmp_path / "file").read_text() == "x"


def test_an_empty_directory_and_a_missing_one_are_fine(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", PAGE)
    (tmp_path / "empty").mkdir()
    for output in ("empty", "not/yet/there", "site/dist", "site/public"):
        assert freeze_site(root, tmp_path / output).published
        assert (tmp_path / output / "index.html").is_file()


def test_an_output_that_is_a_symbolic_link_is_written_where_it_leads(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", PAGE)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    for _ in range(2):
        assert freeze_site(root, tmp_path / "link").published
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/index.html").is_file()


def test_what_a_killed_freeze_left_is_cleared(freezer: Freezer) -> None:
    freezer(PAGE)
    (freezer.output.parent / ".dist.engine-1").mkdir()
    (freezer.output.parent / ".dist.engine-1/half").write_text("x")
    (freezer.output.parent / ".other.engine-1").mkdir()
    freezer({})
    assert beside(freezer.output) == [".other.engine-1"]


def test_an_output_that_was_put_aside_is_put_back(freezer: Freezer) -> None:
    freezer(PAGE)
    (freezer.output / "CNAME").write_text("theirs")
    freezer.output.rename(freezer.output.parent / ".dist.engine-old")
    freezer({"pages/index.md": "two"})
    assert freezer.text("CNAME") == "theirs"
    assert beside(freezer.output) == []


def test_modes_of_the_output_are_those_of_the_old_one(freezer: Freezer) -> None:
    freezer(PAGE)
    os.chmod(freezer.output, 0o750)
    freezer({"pages/index.md": "two"})
    assert freezer.output.stat().st_mode & 0o777 == 0o750


def test_a_fault_in_the_middle_leaves_nothing_behind(freezer: Freezer) -> None:
    freezer({"pages/index.md": "[dead](/gone/)", "pages/raises.py": "def get():\n    1 / 0\n"})
    assert not freezer.output.exists()
    assert beside(freezer.output) == []


@pytest.mark.parametrize("number", range(2))
def test_the_command_says_one_line_a_fault_and_exits_with_1(tmp_path: Path, number: int) -> None:
    root = write_site(tmp_path / "site", PAGE)
    (tmp_path / "file").write_text("x")
    output = (tmp_path / "file/below", root / "pages")[number]
    command = [sys.executable, "-m", "engine", "freeze", str(root), "-o", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(f"{output}: ") or done.stderr.startswith(str(tmp_path))


def test_a_large_asset_is_frozen_byte_for_byte(freezer: Freezer) -> None:
    body = bytes(range(256)) * 10_000
    assert freezer({"static/film.mp4": body, "static/empty.txt": b""}).faults == ()
    assert freezer.tree["film.mp4"] == body
    assert freezer.tree["empty.txt"] == b""
