"""A pytest of its own, with the plugin of the engine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from commands import REPOSITORY


def run_pytest(
    *arguments: str | Path, cwd: Path, plugins: str = "", remember: bool = False
) -> subprocess.CompletedProcess[str]:
    """A pytest that knows the plugin, whether or not it is installed by its entry point.

    Only one that shall `remember` writes down which tests have failed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ENGINE_", "PYTEST_"))}
    mine = {
        "PYTHONPATH": str(REPOSITORY),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": ",".join(filter(None, ["engine.testing.plugin", plugins])),
        "PYTEST_ADDOPTS": "" if remember else "-p no:cacheprovider",
        "CI": "1",  # so that no line of the summary is cut
    }
    # Who starts closes the directory that all would share, in which web servers of other tests may just be reading.
    with tempfile.TemporaryDirectory() as place:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-W", "error", *map(str, arguments)],
            cwd=cwd,
            env={**kept, **mine, "PYTEST_DEBUG_TEMPROOT": place},
            capture_output=True,
            text=True,
            check=False,
        )


def summary(ended: subprocess.CompletedProcess[str]) -> str:
    """What came of how many tests: `1 failed, 2 passed`."""
    return ended.stdout.splitlines()[-1].strip("= ").partition(" in ")[0]


def failures(ended: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines of the summary: which test failed, and its first fault."""
    return [line.removeprefix("FAILED ") for line in ended.stdout.splitlines() if line.startswith("FAILED ")]
