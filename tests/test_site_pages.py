"""The pages of the example and of the documentation, tested as their authors would test them: `pytest --site DIR`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_tools import run_pytest
from test_example import EXAMPLE

DOCS = Path(__file__).parents[1] / "docs"


@pytest.mark.long
@pytest.mark.parametrize("site", [EXAMPLE, DOCS], ids=lambda site: site.name)
@pytest.mark.parametrize("workers", [0, 2])
def test_every_page_is_sound(site: Path, workers: int, tmp_path: Path) -> None:
    ended = run_pytest("--site", site, "-n", workers, cwd=tmp_path, plugins="xdist.plugin,xdist.looponfail")
    assert ended.returncode == 0, ended.stdout
    assert " failed" not in ended.stdout and " skipped" not in ended.stdout
