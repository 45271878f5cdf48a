"""`engine why`: why a page was made, and whether a freeze now would make it again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import run
from doors import write_site

SITE = {
    "pages/_layout.html": "{{ data.menu.first }} {{ content }}",
    "pages/index.html": "{% for p in pages.under('/blog/').sort('-date')[:2] %}{{ p.title }} {% endfor %}",
    "pages/blog/a.md": "---\ntitle: A\ndate: 2026-01-01\n---\nOne\n",
    "pages/blog/b.md": "---\ntitle: B\ndate: 2026-01-02\n---\nTwo\n",
    "pages/clock.py": "import time\n\ndef get():\n    return str(int(time.time()) // 10**9)\n",
    "data/menu.yaml": "first: Home\n",
    "data/other.yaml": "second: Away\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site", SITE)
    freeze(root)
    return root


def freeze(root: Path) -> None:
    ended = run("freeze", root)
    assert ended.returncode == 0, ended.stderr


def answer(root: Path, url: str, *options: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(run("why", url, root, "--json", *options).stdout)
    return found


def change(root: Path, path: str, old: str, new: str) -> None:
    file = root / path
    file.write_text(file.read_text().replace(old, new))


def test_a_page_of_the_first_freeze_was_made_because_nothing_was_known(root: Path) -> None:
    said = run("why", "/blog/a/", root).stdout
    assert "/blog/a/ from pages/blog/a.md" in said
    assert "nothing was known of a freeze before" in said
    assert "A freeze now would keep it." in said


@pytest.mark.long
def test_a_change_is_a_reason_for_the_next_freeze_and_then_that_of_the_last(root: Path) -> None:
    change(root, "pages/blog/a.md", "One", "Once")
    assert answer(root, "/blog/a/")["now"] == ["the body of pages/blog/a.md changed"]
    assert answer(root, "/")["now"] == []
    freeze(root)
    after = answer(root, "/blog/a/")
    assert after["because"] == ["the body of pages/blog/a.md changed"]
    assert after["now"] == []
    assert answer(root, "/blog/b/")["because"] == ["nothing was known of a freeze before that could be used"]


@pytest.mark.parametrize(
    ("path", "old", "new", "url", "reason"),
    [
        ("data/menu.yaml", "Home", "Start", "/blog/b/", "data/menu changed"),
        ("pages/blog/a.md", "title: A", "title: Z", "/", 'pages.under("/blog/").sort("-date")[:2] changed'),
        (
            "pages/_layout.html",
            "content }}",
            "content }}!",
            "/blog/a/",
            "the template pages/_layout.html changed",
        ),
        (
            "pages/blog/b.md",
            "title: B",
            "title: Y",
            "/blog/b/",
            "the front matter of pages/blog/b.md changed",
        ),
    ],
)
def test_the_reason_is_what_the_page_has_read(
    root: Path, path: str, old: str, new: str, url: str, reason: str
) -> None:
    change(root, path, old, new)
    assert any(said.startswith(reason) for said in answer(root, url)["now"])


@pytest.mark.long
def test_what_no_page_reads_is_no_reason(root: Path) -> None:
    change(root, "data/other.yaml", "Away", "Abroad")
    assert answer(root, "/blog/b/")["now"] == []


def test_a_page_that_reads_the_clock_says_so(root: Path) -> None:
    assert answer(root, "/clock/")["now"] == ["the clock may be another each time"]


@pytest.mark.long
def test_a_file_that_somebody_changed_is_a_reason(root: Path) -> None:
    (root / "dist/blog/a/index.html").write_text("mine")
    assert answer(root, "/blog/a/")["now"] == ["its file in the output was not the one that was written"]


@pytest.mark.long
def test_a_new_page_and_one_with_another_source_are_told(root: Path) -> None:
    (root / "pages/new.md").write_text("x")
    (root / "pages/blog/b.md").rename(root / "pages/blog/b.html")
    freeze(root)
    assert answer(root, "/new/")["because"] == ["no freeze had made it before"]
    assert answer(root, "/blog/b/")["because"] == ["it has another source, file or status than before"]


@pytest.mark.long
@pytest.mark.parametrize("url", ["blog/a", "/blog/a", "/blog/a/", "https://example.org/blog/a/"])
def test_a_url_may_be_written_in_any_way(root: Path, url: str) -> None:
    assert run("why", url, root).returncode == 0


@pytest.mark.long
def test_a_page_that_was_not_frozen_is_refused(root: Path) -> None:
    ended = run("why", "/nowhere/", root)
    assert ended.returncode == 1
    assert "wrote down no page /nowhere/" in ended.stderr


@pytest.mark.long
def test_without_a_freeze_before_it_is_said_what_to_do(root: Path) -> None:
    for ledger in root.glob(".engine/freeze/*.ledger"):
        ledger.unlink()
    ended = run("why", "/blog/a/", root)
    assert ended.returncode == 1
    assert ended.stderr == f"Nothing is known of a freeze into {root / 'dist'}: run `engine freeze` first.\n"


def test_everything_that_a_page_depends_on_can_be_listed(root: Path) -> None:
    listed = run("why", "/blog/a/", root, "--all").stdout.splitlines()
    assert "  the template pages/_layout.html" in listed
    assert "  data/menu" in listed
