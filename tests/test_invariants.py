"""What is true of every site: frozen bytes are served bytes, and every freeze of one site writes the same bytes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from doors import Served, freeze_site
from test_contract import CASES, SOUND

from engine.freeze.write import MANIFEST

EXAMPLE = Path(__file__).parents[1] / "sites" / "example"
DOCS = Path(__file__).parents[1] / "docs"
SITES = {name: CASES / name for name in SOUND} | {"example": EXAMPLE, "docs": DOCS}


@pytest.fixture(params=SITES, ids=str)
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a site."""
    root = tmp_path / "site"
    shutil.copytree(
        SITES[request.param], root, ignore=shutil.ignore_patterns("dist", ".engine", "__pycache__")
    )
    return root


def tree(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def url_of(output: str) -> str:
    path = (
        output.removesuffix("index.html")
        if output == "index.html" or output.endswith("/index.html")
        else output
    )
    return "/" + quote(path)


def test_every_frozen_page_is_what_the_server_says(copy: Path, tmp_path: Path) -> None:
    report = freeze_site(copy, tmp_path / "dist", hybrid=True)
    assert report.faults == ()
    served = Served(copy)
    compared = 0
    for path, body in tree(tmp_path / "dist").items():
        if path in (MANIFEST, "_redirects"):
            continue
        answer = served.get("/no-such-page-anywhere/" if path == "404.html" else url_of(path))
        if answer.status in (301, 302, 303, 307, 308):
            assert answer.headers["Location"].encode() in body
            continue
        assert answer.status == (404 if path == "404.html" else 200), path
        assert answer.body == body, path
        assert answer.body == served.get(url_of(path) if path != "404.html" else "/no/other").body, (
            "kept bytes differ"
        )
        compared += 1
    assert compared >= report.pages - 1 > 0


def test_every_freeze_writes_the_same_bytes(copy: Path, tmp_path: Path) -> None:
    first: dict[str, bytes] | None = None
    for jobs, seed in ((1, "0"), (2, "1"), (3, "4711")):
        output = tmp_path / f"dist-{jobs}"
        command = [
            sys.executable,
            "-m",
            "engine",
            "freeze",
            str(copy),
            "-o",
            str(output),
            "-j",
            str(jobs),
            "--hybrid",
        ]
        result = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        found = tree(output)
        assert json.loads(found[MANIFEST])["files"].keys() == found.keys() - {MANIFEST}
        assert first is None or found == first
        first = found
