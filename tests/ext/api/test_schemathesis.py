"""Schemathesis asks a served API all that its document allows, and much that it does not, and finds nothing wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api_site import LOAVES
from commands import Process, command
from doors import write_site

CONFIG = """
[warnings]
enabled = false

# What a precondition is answered, which its own lists leave out: 412 to a tag of another version, and 428 to none.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "412"]

[checks.missing_required_header]
expected-statuses = ["400", "401", "422", "428"]
"""
# A slug is left out of the paths: it takes the text 5, which Schemathesis sends as a number and wants to be refused.
SEED = "20261128"


@pytest.mark.long
def test_an_api_answers_as_its_document_says_whatever_it_is_asked(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {path.replace("=slug", ""): text for path, text in LOAVES.items()})
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG)
    with Process(command("serve", root, "--port", "0")).ready("/api/openapi.json") as server:
        options = ["--config-file", str(config), "run", f"{server.origin}/api/openapi.json"]
        header = ["-H", "Authorization: Bearer open-sesame"]
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "schemathesis.cli",
                *options,
                *header,
                "-c",
                "all",
                "-n",
                "30",
                "--seed",
                SEED,
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert done.returncode == 0, done.stdout + done.stderr[-2000:]
        assert "No issues found" in done.stdout
        assert "failed" not in server.said, server.said[-4000:]
