"""What is true of every site: frozen bytes are served bytes, and every freeze of one site writes the same bytes."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from doors import Served, freeze_site
from engine.freeze.publish.write import MANIFEST
from freeze_tools import tree_of
from test_contract import CASES, SOUND, copy_of

REPOSITORY = Path(__file__).parents[1]
OTHERS = {name: REPOSITORY / path for name, path in {"example": "sites/example", "docs": "docs"}.items()}
SITES = [*SOUND, *OTHERS]
FREEZE_ALL = """
import json, sys
from pathlib import Path
from doors import freeze_site
for root, output, settings in json.load(sys.stdin):
    report = freeze_site(Path(root), Path(output), hybrid=True, **settings)
    assert report.faults == (), (root, report.faults)
"""


def copy(name: str, root: Path) -> Path:
    """A copy of a site."""
    if name in SOUND:
        return copy_of(name, root)
    ignored = shutil.ignore_patterns("dist", ".engine", "__pycache__")
    return Path(shutil.copytree(OTHERS[name], root, ignore=ignored))


def settings(name: str) -> dict[str, Any]:
    return dict(SOUND[name].get("settings", {})) if name in SOUND else {}


def url_of(output: str, slash: str) -> str:
    """The path that a frozen file answers."""
    if output == "404.html":
        return "/.no-page-has-this-name"
    if output == "index.html" or output.endswith("/index.html"):
        return "/" + quote(output.removesuffix("index.html"))
    return "/" + quote(output.removesuffix(".html") if slash == "never" else output)


@pytest.mark.parametrize("name", SITES)
def test_every_frozen_page_is_what_the_server_says(name: str, tmp_path: Path) -> None:
    root = copy(name, tmp_path / "site")
    report = freeze_site(root, tmp_path / "dist", hybrid=True, **settings(name))
    assert report.faults == ()
    served = Served(root, **settings(name))
    config = served.app.config
    compared = 0
    for path, body in tree_of(tmp_path / "dist").items():
        if path in (MANIFEST, "_redirects"):
            continue
        answers = [served.get(config.base_path + url_of(path, config.slash)) for _ in range(2)]
        if answers[0].status in (301, 302, 303, 307, 308):
            assert html.escape(answers[0].headers["Location"]) in body.decode()
            continue
        for answer in answers:  # the second one is kept from the first
            assert answer.status == (404 if path == "404.html" else 200), path
            assert answer.body == body, path
        compared += 1
    assert compared == report.pages > 0


@pytest.mark.long
def test_every_freeze_writes_the_same_bytes(tmp_path: Path) -> None:
    roots = {name: copy(name, tmp_path / "sites" / name) for name in SITES}
    for seed, jobs in (("0", "1"), ("4711", "3")):
        work = [
            (str(roots[name]), str(tmp_path / seed / name), settings(name) | {"jobs": int(jobs)})
            for name in SITES
        ]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(REPOSITORY / "tests")}
        subprocess.run(
            [sys.executable, "-c", FREEZE_ALL],
            input=json.dumps(work),
            env=environment,
            cwd=REPOSITORY,
            text=True,
            check=True,
        )
    first, second = tree_of(tmp_path / "0"), tree_of(tmp_path / "4711")
    assert first == second
    assert len([path for path in first if path.endswith(MANIFEST)]) == len(SITES)


def test_the_cases_are_sites() -> None:
    assert len(list(CASES.iterdir())) == len(list(CASES.glob("*/contract.toml")))
