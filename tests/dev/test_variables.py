"""`.env` is read by `engine dev` alone: it sets what is not set, its faults have lines, and nobody publishes it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Process, command, eventually, run
from doors import write_site
from engine import SiteError
from engine.dev.variables import Variables
from engine.freeze.asking.bundle import pack_site
from freeze_tools import tree_of

PAGE = (
    "import os\n\nfreeze = {}\n\n\ndef get():\n"
    "    return '<html>' + os.environ.get('MAP_KEY', 'unset') + '</html>'\n"
)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """What a test sets is gone afterwards."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def written(root: Path, text: str) -> Variables:
    (root / ".env").write_text(text)
    return Variables(root)


def faults_of(root: Path, text: str) -> list[str]:
    with pytest.raises(SiteError) as raised:
        written(root, text).update()
    return [str(fault) for fault in raised.value.faults]


def test_lines_set_variables_with_quotes_comments_and_export(tmp_path: Path) -> None:
    text = (
        "# a comment\n\nV_PLAIN=a b\nexport V_EXPORTED=1\nV_COMMENTED=x # not this\nV_HASH=x#y\nV_EMPTY=\n"
        'V_SINGLE=\'a # \\n $V_PLAIN\'\nV_DOUBLE="one\\ntwo ${V_PLAIN}"\nV_LINES="one\ntwo"\n  V_SPACED = x \n'
    )
    variables = written(tmp_path, text)
    variables.update()
    assert {name: value for name, value in os.environ.items() if name.startswith("V_")} == {
        "V_PLAIN": "a b",
        "V_EXPORTED": "1",
        "V_COMMENTED": "x",
        "V_HASH": "x#y",
        "V_EMPTY": "",
        "V_SINGLE": "a # \\n $V_PLAIN",
        "V_DOUBLE": "one\ntwo ${V_PLAIN}",
        "V_LINES": "one\ntwo",
        "V_SPACED": "x",
    }
    assert (variables.lines["V_PLAIN"], variables.lines["V_LINES"], variables.lines["V_SPACED"]) == (
        3,
        10,
        12,
    )


def test_what_is_set_already_stays(tmp_path: Path) -> None:
    os.environ["V_MINE"] = "mine"
    variables = written(tmp_path, "V_MINE=theirs\nV_OTHER=1\n")
    for _ in range(2):
        variables.update()
        assert os.environ["V_MINE"] == "mine"
    assert list(variables.lines) == ["V_OTHER"]


def test_what_the_file_says_no_more_is_unset(tmp_path: Path) -> None:
    variables = written(tmp_path, "V_A=1\nV_B=1\n")
    variables.update()
    (tmp_path / ".env").write_text("V_B=2\n")
    variables.update()
    assert ("V_A" in os.environ, os.environ["V_B"]) == (False, "2")
    (tmp_path / ".env").unlink()
    variables.update()
    assert "V_B" not in os.environ


def test_every_line_that_is_none_is_told_and_no_value(tmp_path: Path) -> None:
    text = 'V_OK=1\n\n\nV_OPEN=\'hunter2\nV_NONE\nV-X=hunter2\nV_MORE="a" hunter2\n'
    assert faults_of(tmp_path, text) == [
        ".env:4: this is not NAME=VALUE. Close the quotes, or put the whole value into quotes.",
        ".env:5: `V_NONE` has no value. Write `V_NONE=` for an empty one.",
        ".env:6: `V-X` is no name of a variable. Take letters, digits and _.",
        ".env:7: this is not NAME=VALUE. Close the quotes, or put the whole value into quotes.",
    ]
    assert "V_OK" not in os.environ


def test_a_file_that_is_no_text_is_told_at_its_place(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"A=1\nB=\xe9\n")
    with pytest.raises(SiteError, match=r"^\.env:2:3: the byte 0xE9 is not UTF-8"):
        Variables(tmp_path).update()


def test_without_the_library_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dotenv.parser", None)
    assert faults_of(tmp_path, "A=1\n") == [
        ".env: reading this needs python-dotenv. Install it: pip install 'pages-engine[dotenv]'."
    ]


@pytest.mark.long
def test_dev_reads_it_and_follows_its_changes(tmp_path: Path) -> None:
    files = {
        ".env": "MAP_KEY=one\nENGINE_TITLE=Mine\nENGINE_ENV=desk\n",
        "site.desk.toml": 'author = "A"\n',
        "pages/index.html": "<html>{{ site.title }} {{ site.author }}</html>",
        "pages/map.py": PAGE.format(False),
    }
    root = write_site(tmp_path, files)
    with Process(command("dev", root, "-p", "0")) as dev:
        assert "Mine A" in dev.ready().ask("/").text
        assert "one" in dev.ask("/map/").text
        (root / ".env").write_text("MAP_KEY=two\n")
        eventually(lambda: "two" in dev.ask("/map/").text, "the change is seen")
        (root / ".env").write_text("MAP_KEY\n")
        eventually(lambda: ".env:1" in dev.browse().text, "the fault is shown")
        (root / ".env").unlink()
        eventually(lambda: "unset" in dev.ask("/map/").text, "it is unset")
    with Process(command("dev", root, "-p", "0"), MAP_KEY="mine") as dev:
        (root / ".env").write_text("MAP_KEY=three\n")
        assert "mine" in dev.ready().ask("/map/").text


def test_no_other_command_reads_it_and_nobody_publishes_it(tmp_path: Path) -> None:
    secret = "MAP_KEY=tr0ub4dor\n"
    files = {".env": secret, "pages/.env": secret, "static/.env": secret, "pages/map.py": PAGE.format(True)}
    root = write_site(tmp_path, {**files, "pages/index.md": "x"})
    ended = run("freeze", root)
    assert ended.returncode == 0, ended.stderr
    assert "unset" in (root / "dist/map/index.html").read_text()
    assert not [path for path, body in tree_of(root / "dist").items() if b"tr0ub4dor" in body]
    assert b"tr0ub4dor" not in pack_site(str(root), env="production", base_url="", drafts=False).data
