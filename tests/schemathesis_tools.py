"""Schemathesis asks a served API all that its document allows, and much that it does not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from commands import Process

CONFIG = """
[warnings]
enabled = false

# What a precondition is answered, which its own lists leave out: 412 to a tag of another version, and 428 to none.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "412"]

[checks.missing_required_header]
expected-statuses = ["400", "401", "422", "428"]
"""
SEED = "20261128"


def nothing_is_wrong(server: Process, authorization: str, folder: Path) -> None:
    """Fail where an answer is not as `/api/openapi.json` says. `folder` is for what Schemathesis writes."""
    (folder / "schemathesis.toml").write_text(CONFIG)
    options = ["--config-file", "schemathesis.toml", "run", f"{server.origin}/api/openapi.json"]
    checks = ["-H", f"Authorization: {authorization}", "-c", "all", "-n", "30", "--seed", SEED]
    done = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *options, *checks],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert "No issues found" in done.stdout
    assert "failed" not in server.said, server.said[-4000:]
