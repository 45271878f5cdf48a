"""Every code block of the documentation is run, in the order of its page, as a reader would follow it.

A page's blocks run in an empty directory of their own:

    ```LANGUAGE title="PATH"     writes the file, relative to where the page is by then
    ```console                   runs each `$ command` and compares what it prints; `…` stands for anything.
                                 It must exit with 0, or with 1 where it prints `N faults.` or `N failed`.
                                 A server keeps running
    ```python                    is run as a script
    ```toml, yaml, json          is parsed;  ```jinja is compiled;  ```md is rendered
    ```sh                        stands in the README alone, after `<!-- run -->` or `<!-- tests -->`
    ```text                      is no code: the only kind that is not run

Afterwards the directory, if it is a site by then, must be without faults. Port 8000 is replaced by a free one.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from markdown_it import MarkdownIt

from engine.rendering.jinja import Environment
from engine.rendering.markdown import Markdown

ROOT = Path(__file__).parents[2]
TEXTS = [
    *sorted((ROOT / "docs" / "pages").glob("**/*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
]
SERVERS = re.compile(
    r"(?:[A-Z_]+=\S+ )*(?:engine (?:dev|serve|preview)\b|gunicorn |waitress-serve |granian )(?!.*--help)"
)
CURL = Path(__file__).with_name("curl.py")
"""As much of curl as the pages use: not every machine has it."""
PATIENCE = 60  # seconds until a server must have said what it says


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the path in its title, its text, and its line in the file."""

    language: str
    title: str
    text: str
    line: int


def blocks(path: Path) -> list[Block]:
    found = []
    for token in MarkdownIt("commonmark").parse(path.read_text("utf-8")):
        assert token.type != "code_block", (
            f"{path}:{token.map and token.map[0] + 1}: indented code is not run"
        )
        if token.type == "fence":
            language, _, rest = token.info.strip().partition(" ")
            title = re.search(r'title="([^"]+)"', rest)
            assert token.map is not None
            found.append(Block(language, title[1] if title else "", token.content, token.map[0] + 1))
    return found


class Reader:
    """Follows one page: writes its files and runs its commands in a directory of its own."""

    def __init__(self, home: Path) -> None:
        self.place = home / "work"
        self.place.mkdir()
        self.port = _free_port()
        self.servers: list[subprocess.Popen[bytes]] = []
        self._home = home
        self._tools = home / "bin"
        self._tools.mkdir()
        self._tool("engine", f'exec {shlex.quote(sys.executable)} -m engine "$@"')
        self._tool("python", f'exec {shlex.quote(sys.executable)} "$@"')
        # By its name: the engine whose plugin this shall be need not be installed.
        plugin = "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTEST_PLUGINS=engine.testing.plugin"
        self._tool("pytest", f'exec env {plugin} {shlex.quote(sys.executable)} -m pytest "$@"')
        self._tool("curl", f'exec {shlex.quote(sys.executable)} {shlex.quote(str(CURL))} "$@"')
        self.environment = {
            "PATH": f"{self._tools}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "COLUMNS": "80",
            "NO_COLOR": "1",
            "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
            "PYTEST_DEBUG_TEMPROOT": str(home),
        }

    def _tool(self, name: str, line: str) -> None:
        file = self._tools / name
        file.write_text(f"#!/bin/sh\n{line}\n")
        file.chmod(0o755)

    def follow(self, block: Block) -> None:
        if block.title:
            self.write(block)
        else:
            KINDS[block.language](self, block)

    def write(self, block: Block) -> None:
        file = self.place / block.title
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, "utf-8")

    def console(self, block: Block) -> None:
        steps = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        assert not steps[0].strip(), "a console block begins with `$ `"
        for step in steps[1:]:
            command, _, expected = step.partition("\n")
            self.command(command, expected)

    def command(self, command: str, expected: str) -> None:
        expected = expected.replace("8000", str(self.port))
        if SERVERS.match(command):
            self.serve(command, expected)
            return
        said, code = self.run(command)
        assert matches(expected, said), f"`{command}` printed:\n{said}\nand not:\n{expected}"
        wanted = 1 if re.search(r"^(?:[\d,]+ faults?\.$|\d+ failed)", expected, re.MULTILINE) else 0
        assert code == wanted, f"`{command}` exited with {code}"

    def run(self, command: str) -> tuple[str, int]:
        """What a command printed, and its exit code. A `cd` and an `export` hold for what comes after."""
        place, exports = self._home / "place", self._home / "exports"
        script = f"""
            trap 'pwd > {shlex.quote(str(place))}; export -p > {shlex.quote(str(exports))}' EXIT
            {self._before()}
            {command.replace("8000", str(self.port))}
        """
        done = subprocess.run(
            ["bash", "-c", script],
            check=False,
            cwd=self.place,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        self.place = Path(place.read_text().strip())
        return done.stdout.decode(), done.returncode

    def _before(self) -> str:
        """What brings back the variables that earlier commands exported."""
        exports = self._home / "exports"
        return f". {shlex.quote(str(exports))}" if exports.exists() else ""

    def serve(self, command: str, expected: str) -> None:
        self.stop()
        command = command.replace("8000", str(self.port))
        if "engine" in command.split() and "--port" not in command:
            command += f" --port {self.port}"
        log = self._home / "server.log"
        with log.open("wb") as out:
            start = ["bash", "-c", f"{self._before()}\nexec env {command}"]
            server = subprocess.Popen(start, cwd=self.place, env=self.environment, stdout=out, stderr=out)
        self.servers.append(server)
        deadline = time.monotonic() + PATIENCE
        while not (_answers(self.port) and matches(expected + "…\n", log.read_text())):
            assert server.poll() is None and time.monotonic() < deadline, (
                f"`{command}` printed:\n{log.read_text()}\nand not:\n{expected}"
            )
            time.sleep(0.05)

    def stop(self) -> None:
        while self.servers:
            server = self.servers.pop()
            server.terminate()
            server.wait(timeout=60)

    def python(self, block: Block) -> None:
        (self._home / "block.py").write_text(block.text, "utf-8")
        said, code = self.run(f"python {shlex.quote(str(self._home / 'block.py'))}")
        assert code == 0, said

    def shell(self, block: Block) -> None:
        subprocess.run(["bash", "-n"], input=block.text.encode(), check=True)


def matches(expected: str, said: str) -> bool:
    """Whether `said` is what is `expected`; in it, `…` on a line of its own stands for any lines."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else r".*?".join(map(re.escape, line.split("…"))) + "\n"
        for line in expected.splitlines()
    )
    return re.fullmatch(pattern, said if not said or said.endswith("\n") else said + "\n") is not None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _jinja(reader: Reader, block: Block) -> None:
    Environment().from_string(block.text)


def _markdown(reader: Reader, block: Block) -> None:
    assert not Markdown().render(block.text, file="block.md").faults


KINDS: dict[str, Callable[[Reader, Block], object]] = {
    "console": Reader.console,
    "python": Reader.python,
    "sh": Reader.shell,
    "toml": lambda reader, block: tomllib.loads(block.text),
    "yaml": lambda reader, block: yaml.safe_load(block.text),
    "json": lambda reader, block: json.loads(block.text),
    "jinja": _jinja,
    "md": _markdown,
    "text": lambda reader, block: None,
}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    following = Reader(tmp_path)
    yield following
    following.stop()


SLOW = (
    *("databases.md", "freeze.md", "deploy.md", "testing.md", "tutorial.md", "handlers.md", "content.md"),
    *("templates.md", "commands.md", "login.md", "forms.md", "api.md", "settings.md", "flask.md"),
    *("conventions.md", "extensions.md", "caching.md", "index.md"),
)
"""Pages that run commands and servers over and over."""


@pytest.mark.parametrize(
    "path",
    [pytest.param(it, marks=pytest.mark.long) if it.name in SLOW else it for it in TEXTS],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_the_blocks_of_a_page_do_what_it_says(path: Path, reader: Reader) -> None:
    for block in blocks(path):
        try:
            reader.follow(block)
        except Exception as error:
            raise AssertionError(f"{path.relative_to(ROOT)}:{block.line}: {error}") from error
    if (reader.place / "pages").is_dir():
        said, code = reader.run("engine check --hybrid")
        assert code == 0, f"the site that {path.name} builds has faults:\n{said}"


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_block_says_what_it_is(path: Path) -> None:
    for block in blocks(path):
        place = f"{path.relative_to(ROOT)}:{block.line}"
        assert block.title or block.language in KINDS, f"{place}: nobody runs {block.language!r}"
        assert block.language != "sh" or path.name == "README.md", f"{place}: write console"


def test_only_an_ellipsis_stands_for_anything() -> None:
    assert matches("Froze 3 files into … s: ok.\n", "Froze 3 files into dist in 0.10 s: ok.\n")
    assert matches("first\n…\nlast\n", "first\nlast\n")
    assert matches("first\n…\nlast\n", "first\n2\n3\nlast\n")
    assert not matches("a.b\n", "axb\n")
    assert not matches("one\n", "one\ntwo\n")
    assert not matches("", "something\n")
