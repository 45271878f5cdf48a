"""A shell completes the names of commands and options, those of a site too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commands import REPOSITORY, run
from doors import write_site
from engine.cli import COMMANDS

APP = """
    import click

    def setup(app):
        @app.command()
        @click.option("--loud")
        def greet(loud):
            "Greet somebody."
"""


def completed(line: str, cwd: Path = REPOSITORY) -> list[str]:
    """What bash is told for the word at the end of a line."""
    words = line.split(" ")
    given = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_ENGINE_COMPLETE": "bash_complete"}
    ended = run(cwd=cwd, **given)
    assert (ended.returncode, ended.stderr) == (0, "")
    return [entry.partition(",")[2] for entry in ended.stdout.split()]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("engine ", [*COMMANDS]),
        ("engine fr", ["freeze"]),
        ("engine --si", ["--site"]),
        ("engine freeze --cl", ["--clean"]),
        ("engine completion z", ["zsh"]),
        ("engine xyz", []),
    ],
)
def test_names_are_completed(line: str, found: list[str]) -> None:
    assert completed(line) == found


@pytest.mark.long
def test_commands_of_a_site_are_completed_where_it_stands(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {"app.py": APP})
    assert completed("engine gre", root) == ["greet"]
    assert completed("engine greet --lo", root) == ["--loud"]
    assert completed(f"engine --site {root} gre", tmp_path) == ["greet"]
    (root / "app.py").write_text("1 / 0\n")
    assert completed("engine gre", root) == []
    assert completed("engine fr", root) == ["freeze"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_of_its_shell(shell: str) -> None:
    ended = run("completion", shell)
    assert ended.returncode == 0
    assert f"_ENGINE_COMPLETE={shell}_complete" in ended.stdout
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=ended.stdout, text=True, check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes_a_line_by_it(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_text(f'#!/bin/sh\nPYTHONPATH={REPOSITORY} exec {sys.executable} -m engine "$@"\n')
    engine.chmod(0o755)
    line = "COMP_WORDS=(engine fr); COMP_CWORD=1; _engine_completion engine fr engine; echo ${COMPREPLY[@]}"
    script = run("completion", "bash").stdout + line
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout == "freeze\n", done.stderr


def test_a_shell_that_is_none_of_them_is_wrong_usage() -> None:
    assert run("completion", "tcsh").returncode == 2
