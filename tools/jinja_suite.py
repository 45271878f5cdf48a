"""Runs Jinja2's own test-suite with our code generator in the place of Jinja2's.

    python tools/jinja_suite.py

Fetches the source distribution of the installed Jinja2 and the test-suite's needs from PyPI, into a temporary
directory. Runs the suite three times: as it is, with everything but `join`, and with everything. Lists the tests
whose outcome differs. Exits with 1 where these are others than `KNOWN`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from importlib.metadata import version
from pathlib import Path

ENGINE = Path(__file__).resolve().parent.parent
NEEDS = ("trio",)

PLUGIN = """
import os
from jinja2.environment import Environment
from engine.rendering import jinja_compiler as compiler

if os.environ["QUICK"]:
    assert compiler.unfit() is None, compiler.unfit()
    compiler.QuickCodeGenerator.join = os.environ["QUICK"] == "all"
    Environment.getattr = compiler.get_attribute
    Environment.code_generator_class = property(compiler.generator_for)
"""

RUNS = {
    "": "Jinja2 as it is",
    "all but join": "our generator, all but `join`",
    "all": "our generator",
}

KNOWN = {
    "": {},
    "all but join": {},
    "all": {
        "tests.test_api.TestStreaming::test_buffered_streaming": "counts the pieces of a stream, which are fewer",
    },
}
"""By run, the tests that end otherwise than with Jinja2 as it is, and why that is right."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        suite = _fetch(Path(folder))
        results = {run: _run(suite, run) for run in RUNS}
    return max([_report(run, results[run], results[""]) for run in RUNS])


def _fetch(folder: Path) -> Path:
    """The unpacked source of Jinja2, with what its tests need in `needs` beside it."""
    pip = [sys.executable, "-m", "pip", "--quiet"]
    wanted = f"jinja2=={version('jinja2')}"
    subprocess.run(
        [*pip, "download", "--no-deps", "--no-binary", ":all:", "-d", str(folder), wanted], check=True
    )
    subprocess.run([*pip, "install", "--target", str(folder / "needs"), *NEEDS], check=True)
    archive = next(folder.glob("*.tar.gz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (folder / "needs" / "quick_plugin.py").write_text(PLUGIN, "utf-8")
    return folder / archive.name.removesuffix(".tar.gz")


def _run(suite: Path, run: str) -> dict[str, str]:
    """The outcome of each test: `passed`, `failure`, `error` or `skipped`."""
    path = os.pathsep.join((str(ENGINE), str(suite.parent / "needs")))
    report = suite / "report.xml"
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "quick_plugin", f"--junitxml={report}", "tests"],
        cwd=suite,
        env={**os.environ, "QUICK": run, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    cases = ElementTree.parse(report).iter("testcase")
    return {f"{case.get('classname')}::{case.get('name')}": _outcome(case) for case in cases}


def _outcome(case: ElementTree.Element) -> str:
    return next((part.tag for part in case if part.tag in ("failure", "error", "skipped")), "passed")


def _report(run: str, outcomes: dict[str, str], stock: dict[str, str]) -> int:
    """Print one run; 1 where it differs from the stock one in other tests than are known."""
    passed = list(outcomes.values()).count("passed")
    print(f"{RUNS[run]}: {passed} of {len(outcomes)} passed")
    names = sorted({*outcomes, *stock})
    differing = {name for name in names if outcomes.get(name) != stock.get(name)}
    for name in sorted(differing):
        print(f"    {name}: {outcomes.get(name)}, not {stock.get(name)}: {KNOWN[run].get(name, 'not known')}")
    return int(differing != set(KNOWN[run]) or not passed)


if __name__ == "__main__":
    sys.exit(main())
