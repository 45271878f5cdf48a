"""What every benchmark shares: the virtual environment, the machine it ran on, the place for results."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
RESULTS = HERE / "results"
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
WORK = VENV / "work"
"""The sites that `serve` makes for itself, anew in each run."""

PACKAGES = (
    "bottle",
    "falcon",
    "fastapi",
    "flask",
    "flask-smorest",
    "hugo",
    "jinja2",
    "markdown-it-py",
    "pelican",
    "pydantic",
    "pygments",
    "pyromark",
    "werkzeug",
)


def prepare() -> None:
    """Make `benchmarks/.venv` with the pinned packages, unless it stands already."""
    _virtual(VENV, HERE / "requirements.txt")


def interpreter(peer: Path) -> Path:
    """The Python of an environment of its own with the packages of `peer/requirements.txt`, made once."""
    return _virtual(VENV / "python" / peer.name, peer / "requirements.txt")


def node_modules(peer: Path) -> Path:
    """The packages of `peer/package.json`, installed once."""
    folder = VENV / "node" / peer.name
    if _wanted(folder, peer / "package.json"):
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(peer / "package.json", folder)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
        _note(folder, peer / "package.json")
    return folder / "node_modules"


def pinned(peer: Path) -> dict[str, str]:
    """The versions that a peer's own environment is made of."""
    found: dict[str, str] = {}
    if (file := peer / "requirements.txt").exists():
        found |= re.findall(r"^(\S+)==(\S+)", file.read_text(), re.M)
    if (file := peer / "package.json").exists():
        found |= json.loads(file.read_text())["dependencies"]
    return found


def _virtual(folder: Path, requirements: Path) -> Path:
    python = folder / "bin" / "python"
    if _wanted(folder, requirements):
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(requirements)], check=True)
        _note(folder, requirements)
    return python


def _wanted(folder: Path, packages: Path) -> bool:
    """Whether the packages of this file are still to be installed."""
    stamp = folder / f"installed-{packages.name}"
    if stamp.exists() and stamp.read_text() == packages.read_text():
        return False
    say(f"installing the packages of {packages.relative_to(REPOSITORY)}")
    return True


def _note(folder: Path, packages: Path) -> None:
    (folder / f"installed-{packages.name}").write_text(packages.read_text())


def environment() -> dict[str, str]:
    """The environment of a measured process: this checkout's engine, one hash seed, few of the caller's."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR", "LANG") if key in os.environ}
    return {"LANG": "C.UTF-8", **kept, "PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0"}


def describe() -> dict[str, Any]:
    """Machine, versions, commit and the command of this run, for the head of a result."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()) + " UTC",
        "command": shlex.join(["python", os.path.relpath(sys.argv[0], REPOSITORY), *sys.argv[1:]]),
        "cpu": model[1] if model else platform.machine(),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": _output([str(PYTHON), "-c", "import platform; print(platform.python_version())"]),
        "commit": _output(["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"])
        or "not committed",
        "versions": _versions(PACKAGES),
    }


def save(name: str, result: dict[str, Any], path: str | None = None) -> None:
    """Write `results/<name>.json`, or the file at `path`."""
    target = Path(path) if path else RESULTS / f"{name}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=1) + "\n")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _versions(names: Iterable[str]) -> dict[str, str]:
    code = "import importlib.metadata as m, sys; print(*map(m.version, sys.argv[1:]))"
    return dict(zip(names, _output([str(PYTHON), "-c", code, *names]).split(), strict=True))


def _output(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
