"""The unit of systemd and the Dockerfile do what they say: one is read by systemd itself, the other's steps are run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from commands import REPOSITORY, Process, run
from doors import write_site
from hosts_tools import free_port

pytestmark = pytest.mark.long
PLACE = "/srv/site"
"""Where the site is on the machine that the files are for."""
FILES = {
    "pages/index.md": "# Home\n\n[Now](/time/)\n",
    "pages/time.py": "freeze = False\n\n\ndef get():\n    return 'now'\n",
    "site.toml": 'title = "100 % crust"\n',
}


def written(host: str, root: Path) -> Path:
    """What `engine host` writes for the site at `root`."""
    write_site(root, FILES)
    assert run("freeze", "--hybrid", "--quiet", root).returncode == 0
    assert run("host", host, "--hybrid", "--quiet", root).returncode == 0
    return root / "deploy" / host


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, for a site that is where the test has put it."""
    root = tmp_path / "site"
    text = (written("systemd", root) / "site.service").read_text()
    command = root / ".venv/bin/engine"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m engine "$@"\n')
    command.chmod(0o755)
    file = tmp_path / "site.service"
    file.write_text(text.replace(PLACE, str(root)))
    return file


def complaints(unit: Path) -> list[str]:
    """What systemd says of a unit; what it says of others on this machine is theirs."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    command = ["systemd-analyze", "--man=no", "verify", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if unit.name in line]


def test_systemd_takes_the_whole_unit(unit: Path) -> None:
    assert complaints(unit) == []
    unit.write_text(unit.read_text().replace("NoNewPrivileges", "NoNewPrivilege"))
    assert "Unknown key" in complaints(unit)[0]


def test_the_command_of_the_unit_serves_the_site(unit: Path) -> None:
    said = dict(line.split("=", 1) for line in unit.read_text().splitlines() if re.match(r"\w+=", line))
    assert said["Description"] == "100 %% crust"
    port = str(free_port())
    with Process(shlex.split(said["ExecStart"]), Path(said["WorkingDirectory"]), PORT=port).ready() as server:
        assert server.ask("/time/").text == "now"


class Image:
    """An image as far as there is one without containers: a virtual environment, and a directory for `/`."""

    def __init__(self, home: Path, wheels: Path) -> None:
        self.home = home
        self.root = home / "root"
        self.folder = self.root
        self.python = ""
        self.user = "root"
        self.ports: list[str] = []
        self.command: list[str] = []
        self._tools = home / "tools"
        self._tools.mkdir(parents=True)
        # No user of this machine is made; who would be is noted.
        (self._tools / "useradd").write_text(
            f'#!/bin/sh\nfor name; do :; done\necho $name >>"{home}/users"\n'
        )
        (self._tools / "useradd").chmod(0o755)
        kept = {it: value for it, value in os.environ.items() if not it.startswith(("PYTHON", "ENGINE_"))}
        self.environment = {
            **kept,
            "PATH": f"{home}/venv/bin:{self._tools}:{os.environ['PATH']}",
            "PIP_FIND_LINKS": f"{wheels} {os.environ.get('PIP_FIND_LINKS', '')}",
        }

    def build(self, context: Path, dockerfile: Path) -> None:
        """Do what each line says. Fails for an instruction that nobody here knows."""
        for line in dockerfile.read_text().splitlines():
            if line and not line.startswith("#"):
                word, _, rest = line.partition(" ")
                getattr(self, f"do_{word.lower()}")(rest, context)

    def do_from(self, said: str, context: Path) -> None:
        self.python = said
        venv.create(self.home / "venv", with_pip=True)

    def do_run(self, said: str, context: Path) -> None:
        done = subprocess.run(
            ["sh", "-c", said],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{said}\n{done.stdout}{done.stderr}"

    def do_workdir(self, said: str, context: Path) -> None:
        self.folder = self.root / said.lstrip("/")
        self.folder.mkdir(parents=True)

    def do_copy(self, said: str, context: Path) -> None:
        assert said == ". ."
        left_out = (context / ".dockerignore").read_text().split()

        def ignored(folder: str, names: list[str]) -> list[str]:
            paths = {name: os.path.relpath(f"{folder}/{name}", context) for name in names}
            return [name for name, path in paths.items() if any(fnmatch(path, it) for it in left_out)]

        shutil.copytree(context, self.folder, ignore=ignored, dirs_exist_ok=True)

    def do_user(self, said: str, context: Path) -> None:
        self.user = said

    def do_expose(self, said: str, context: Path) -> None:
        self.ports.append(said)

    def do_cmd(self, said: str, context: Path) -> None:
        self.command = json.loads(said)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the wheel of the engine as it is here."""
    out = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(REPOSITORY)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return out


@pytest.fixture
def image(tmp_path: Path, wheels: Path) -> Iterator[Image]:
    root = tmp_path / "site"
    folder = written("docker", root)
    shutil.copy(folder / ".dockerignore", root)
    image = Image(tmp_path / "image", wheels)
    image.root.mkdir()
    image.build(root, folder / "Dockerfile")
    yield image


def test_the_steps_of_the_dockerfile_make_an_image_that_serves_the_site(image: Image) -> None:
    assert image.python.startswith("python:3.")
    assert (image.home / "users").read_text().split() == [image.user]
    assert (image.folder / "pages").is_dir() and not (image.folder / "dist").exists()
    (port,) = image.ports
    assert port in image.command
    command = [str(free_port()) if it == port else it for it in image.command]
    command[0] = str(image.home / "venv/bin" / command[0])
    with Process(command, image.folder, **{**image.environment, "PYTHONPATH": ""}).ready() as server:
        assert "<h1" in server.ask("/").text
        assert server.ask("/time/").text == "now"
