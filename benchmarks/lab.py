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
    "flask",
    "hugo",
    "jinja2",
    "markdown-it-py",
    "pelican",
    "pygments",
    "pyromark",
    "werkzeug",
)


def prepare() -> None:
    """Make `benchmarks/.venv` with the pinned packages, unless it stands already."""
    wanted = (HERE / "requirements.txt").read_text()
    stamp = VENV / "requirements.txt"
    if not (stamp.exists() and stamp.read_text() == wanted):
        say(f"making {VENV} and installing the packages of requirements.txt into it")
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)
        stamp.write_text(wanted)


def node_modules(package: Path) -> Path | None:
    """The packages of `package/package.json`, installed once; `None` without npm."""
    folder = VENV / "node" / package.name
    wanted = (package / "package.json").read_text()
    if shutil.which("npm") is None:
        return None
    if not (folder / "package.json").exists() or (folder / "package.json").read_text() != wanted:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(wanted)
        say(f"installing the packages of {package / 'package.json'}")
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return folder / "node_modules"


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
