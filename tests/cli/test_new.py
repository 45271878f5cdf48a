"""`engine new`: what it writes is sound from the first minute, and tools agree with its names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from commands import REPOSITORY, run
from doors import Served, freeze_site
from engine.cli.new import make
from engine.errors import EngineError

TEMPLATES = ("blog", "docs", "app")


@pytest.fixture(params=TEMPLATES)
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A site of each template."""
    make(tmp_path / "my-site", request.param)
    return tmp_path / "my-site"


def test_a_new_site_freezes_without_a_fault(made: Path, tmp_path: Path) -> None:
    report = freeze_site(made, tmp_path / "dist")
    assert list(map(str, report.faults)) == []
    assert (tmp_path / "dist/404.html").is_file()


def test_a_new_site_freezes_below_a_prefix_too(made: Path, tmp_path: Path) -> None:
    report = freeze_site(made, tmp_path / "dist", base_url="https://example.org/sub")
    assert list(map(str, report.faults)) == []


def test_every_page_of_a_new_site_answers(made: Path) -> None:
    served = Served(made, secret_key="only for tests", dev=True)
    for page in served.app.site.pages:
        answer = served.get(page.path)
        assert answer.status == 200
        assert "<h1" in answer.text or page.path == "/"


def test_no_mark_is_left_in_a_file(made: Path) -> None:
    for file in made.rglob("*"):
        if file.is_file():
            text = file.read_text()
            assert not [word for word in ("@TITLE@", "@NAME@", "@DATE@", "@YESTERDAY@") if word in text], file
            assert not file.name.endswith("-tpl")


def test_a_new_site_has_what_a_project_needs(made: Path) -> None:
    for name in ("README.md", ".gitignore", "pyproject.toml", "site.toml", "tests/test_site.py"):
        assert (made / name).is_file()
    assert "dist/" in (made / ".gitignore").read_text()
    project = tomllib.loads((made / "pyproject.toml").read_text())
    assert project["project"]["name"] == "my-site"
    assert tomllib.loads((made / "site.toml").read_text())["title"] == "My site"


@pytest.mark.parametrize(
    ("name", "title", "project"),
    [
        ("Ünïcode & \"quotes\" \\ 'x'", "Ünïcode quotes x", "n-code-quotes-x"),
        ("---", "My site", "site"),
        ("two words", "Two words", "two-words"),
    ],
)
def test_any_name_of_a_directory_makes_a_sound_site(
    tmp_path: Path, name: str, title: str, project: str
) -> None:
    root = tmp_path / name
    make(root, "docs")
    assert tomllib.loads((root / "site.toml").read_text())["title"] == title
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["name"] == project
    assert not freeze_site(root, tmp_path / "dist").faults


def test_the_app_keeps_notes_in_the_session(tmp_path: Path) -> None:
    make(tmp_path / "x", "app")
    client = Served(tmp_path / "x", secret_key="only for tests", dev=True).client
    assert "There is none yet" in client.get("/").text
    assert client.post("/", data={"text": "Buy <milk>"}).headers["Location"] == "/"
    page = client.get("/").text
    assert "Buy &lt;milk&gt;" in page and "Kept." in page
    assert "Kept." not in client.get("/").text
    assert client.get("/api/notes.json").json == {"notes": ["Buy <milk>"]}
    assert client.get("/notes/1/").status_code == 200
    assert client.get("/notes/2/").status_code == 404
    assert client.get("/notes/x/").status_code == 404
    empty = client.post("/", data={"text": ""})
    assert empty.status_code == 422 and "Write something first" in empty.text


def test_the_blog_has_a_feed_with_whole_addresses(tmp_path: Path) -> None:
    make(tmp_path / "x", "blog")
    feed = Served(tmp_path / "x").get("/feed.xml")
    assert feed.type.startswith("application/xml")
    assert "<id>https://example.org/posts/hello/</id>" in feed.text


def test_a_directory_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(EngineError, match="is not empty"):
        make(tmp_path, "blog")
    with pytest.raises(EngineError, match=r"mine\.txt is a file"):
        make(tmp_path / "mine.txt", "blog")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_disk_that_is_full_is_told_with_the_file_and_without_a_traceback(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        ended = run("new", tmp_path / "site")
    finally:
        subprocess.run(["umount", tmp_path], check=True)
    assert ended.returncode == 1
    assert re.fullmatch(rf"{tmp_path}/site/\S+ cannot be written: No space left on device\.\n", ended.stderr)


def test_an_empty_directory_is_filled(tmp_path: Path) -> None:
    assert make(tmp_path, "docs") == sum(1 for file in tmp_path.rglob("*") if file.is_file())


def test_the_command_says_what_comes_next(tmp_path: Path) -> None:
    ended = run("new", tmp_path / "site", "-t", "app")
    assert ended.returncode == 0
    assert f"Begin: engine dev {tmp_path / 'site'}" in ended.stderr
    again = run("new", tmp_path / "site")
    assert again.returncode == 1
    assert again.stderr == f"{tmp_path / 'site'} is not empty. Name a new directory, or an empty one.\n"
    assert run("new", tmp_path / "other", "-t", "shop").returncode == 2


@pytest.mark.long
@pytest.mark.parametrize(
    "tool",
    [
        ("pytest", "-q", "-p", "no:cacheprovider"),
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy", "."),
    ],
    ids=lambda tool: " ".join(tool[:2]),
)
def test_the_tools_agree_with_the_names_of_its_files(
    made: Path, tool: tuple[str, ...], tmp_path: Path
) -> None:
    (made / "pages/other").mkdir(exist_ok=True)
    (made / "pages/other/index.py").write_text(
        'freeze = False\n\n\ndef get() -> str:\n    return "Another index.py"\n'
    )
    own = {"PYTHONPATH": str(REPOSITORY), "MYPYPATH": str(REPOSITORY), "PYTEST_DEBUG_TEMPROOT": str(tmp_path)}
    environment = {**os.environ, **own}
    options = ("--follow-imports", "silent", "--cache-dir", str(tmp_path)) if tool[0] == "mypy" else ()
    ended = subprocess.run(
        [sys.executable, "-m", *tool, *options],
        cwd=made,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
