"""Schemathesis asks a served API, and finds nothing wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from api_site import LOAVES
from commands import Process, command
from doors import write_site
from schemathesis_tools import nothing_is_wrong


@pytest.mark.long
def test_an_api_answers_as_its_document_says_whatever_it_is_asked(tmp_path: Path) -> None:
    # A slug takes the text 5, which Schemathesis sends as a number and wants to be refused.
    root = write_site(tmp_path / "site", {path.replace("=slug", ""): text for path, text in LOAVES.items()})
    with Process(command("serve", root, "--port", "0")).ready("/api/openapi.json") as server:
        nothing_is_wrong(server, "Bearer open-sesame", tmp_path)
