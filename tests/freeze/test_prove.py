"""`engine freeze --prove`: the tree is what a clean freeze makes, or each file that is not is named."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from commands import REPOSITORY, run
from doors import write_site

pytestmark = pytest.mark.long
SITE = {
    "pages/index.md": "# Hello\n\none\n",
    "pages/other.md": "# Other\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site", SITE)
    assert run("freeze", root).returncode == 0
    return root


def tamper(file: Path, old: str, new: str) -> None:
    """Change a file so that no stamp tells."""
    before = file.stat()
    assert len(old) == len(new) and old in file.read_text()
    with file.open("r+") as opened:
        text = opened.read().replace(old, new)
        opened.seek(0)
        opened.write(text)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_a_freeze_after_an_edit_is_proven(root: Path) -> None:
    (root / "pages/index.md").write_text("# Hello\n\ntwo\n")
    ended = run("freeze", root, "--prove")
    assert ended.returncode == 0
    assert "Proved: a clean freeze makes the same" in ended.stderr
    assert json.loads(run("freeze", root, "--prove", "--json").stdout)["proved"] is True


def test_a_file_that_is_not_what_a_clean_freeze_makes_is_named_at_its_line(root: Path) -> None:
    page = root / "dist/index.html"
    line = page.read_text().split("one")[0].count("\n") + 1
    tamper(page, "one", "ONE")
    ended = run("freeze", root, "--prove")
    assert ended.returncode == 1
    assert f"index.html:{line}: differs from what a clean freeze makes." in ended.stderr
    assert "other" not in ended.stderr and "Proved" not in ended.stderr


def test_a_page_that_reads_the_clock_is_no_fault_but_is_told(root: Path) -> None:
    (root / "pages/now.py").write_text("import time\n\ndef get():\n    return str(time.time_ns())\n")
    ended = run("freeze", root, "--prove")
    assert ended.returncode == 0
    assert "But for now/index.html" in ended.stderr


def test_an_answer_that_hangs_on_the_hash_seed_is_not_proven(root: Path) -> None:
    (root / "pages/seed.py").write_text(
        "def get():\n    return ' '.join({'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'})\n"
    )
    assert "seed/index.html:1: differs" in run("freeze", root, "--prove", PYTHONHASHSEED="1").stderr


def test_the_example_is_proven_under_another_address(tmp_path: Path) -> None:
    root = shutil.copytree(
        REPOSITORY / "sites/example", tmp_path / "site", ignore=shutil.ignore_patterns("dist", ".engine")
    )
    assert run("freeze", root, "--base-url", "https://a.example/sub").returncode == 0
    (root / "pages/blog/a-red-lamp.md").unlink()
    ended = run("freeze", root, "--base-url", "https://a.example/sub", "--prove", "--keep-going")
    assert "differs from" not in ended.stderr and "only a clean freeze" not in ended.stderr
