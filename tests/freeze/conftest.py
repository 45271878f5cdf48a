"""The fixture of every test of freezing."""

from __future__ import annotations

from pathlib import Path

import pytest

from freeze_tools import Freezer


@pytest.fixture
def freezer(tmp_path: Path) -> Freezer:
    """Freezes sites below `tmp_path`."""
    return Freezer(tmp_path / "site", tmp_path / "dist")
