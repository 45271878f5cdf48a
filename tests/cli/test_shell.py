"""`engine shell` runs Python in the context of a site, typed or from standard input."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from commands import REPOSITORY, command
from doors import write_site

SITE = {
    "site.toml": 'title = "Crust"\n',
    "shelf.py": "def stock():\n    return 'bread'\n",
    "data/menu.yaml": "- loaf\n",
    "pages/index.md": "Hello\n",
    "pages/about.py": "from engine import request\n\n\ndef get():\n    return request.args.get('x', '')\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


def script(root: Path, text: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        command("shell", root), input=text, env=environment, capture_output=True, text=True, check=False
    )


def test_a_script_on_standard_input_runs_in_the_context_of_the_site(root: Path) -> None:
    ended = script(
        root,
        "from engine import current_app, request\n"
        "print(site.config.title, len(pages), data.menu[0], url_for('/about'), current_app.root == app.root)\n"
        "print(client.get('/about/?x=answered').text)\n"
        "with request_context('/about/?x=1', method='POST') as it:\n"
        "    print(request.args['x'], request.method, it.request.path)\n",
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "Crust 1 loaf /about/ True\nanswered\n1 POST /about/\n"


def test_modules_of_the_site_can_be_imported(root: Path) -> None:
    ended = script(root, "import shelf\nfrom shelf import stock\nprint(stock(), shelf.__name__ != 'shelf')\n")
    assert (ended.stdout, ended.stderr) == ("bread True\n", "")


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("1 / 0", 1, 'File "<stdin>", line 1, in <module>'),
        ("url_for('/nowhere')", 1, "UnknownRoute"),
    ],
)
def test_a_script_that_fails_says_so_by_its_exit_code(root: Path, text: str, code: int, said: str) -> None:
    ended = script(root, text)
    assert ended.returncode == code
    assert said in ended.stderr


def test_a_site_at_fault_has_no_shell(root: Path) -> None:
    (root / "pages/bad.md").write_text("---\ndate: soon\n---\n")
    ended = script(root, "print('run')")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "bad.md:2:1: " in ended.stderr


def test_at_a_terminal_it_talks_and_completes_names(root: Path) -> None:
    terminal, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "TERM": "dumb"}
    with subprocess.Popen(
        command("shell", root), stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    ) as shell:
        os.close(theirs)
        try:
            talk(terminal)
        except BaseException:
            shell.kill()
            raise
        assert shell.wait() == 0
    os.close(terminal)


def talk(terminal: int) -> None:
    assert "Crust: app, client, data, pages, request_context, site, url_for" in heard(terminal, ">>> ")
    for typed, answered in (
        ("print('n', len(pag\t))\n", "n 1"),
        ("print(url_for('/about') * 2)\n", "/about//about/"),
    ):
        os.write(terminal, typed.encode())
        assert answered in heard(terminal, "\n>>> ")
    os.write(terminal, b"exit()\n")
    heard(terminal, None)


def heard(terminal: int, end: str | None) -> str:
    """What is printed up to `end`, or until nobody is there."""
    said = ""
    while end is None or not said.replace("\r", "").endswith(end):
        try:
            said += os.read(terminal, 1024).decode()
        except OSError:  # so Linux says that the other side has gone
            return said
    return said
