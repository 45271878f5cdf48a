"""After each real commit of a site of others an incremental freeze is that of a clean one."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "corpora"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("history_tool", REPOSITORY / "tools" / "history.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()
LAST = {"til": 4, "rust-blog": 3, "pallets-website": 23}
"""So many of the last commits of each corpus; `tools/history.py` takes all."""


@pytest.mark.long
@pytest.mark.parametrize("name", LAST)
def test_after_each_commit_the_output_is_that_of_a_clean_freeze(name: str, tmp_path: Path) -> None:
    if not (SHARED / name / "history").is_dir():
        pytest.skip(f"the history of {name} is not beside this checkout, in {SHARED}")
    steps = list(tool.replay(name, tmp_path, SHARED, steps=LAST[name]))
    assert len(steps) == LAST[name]
    assert sum(step.asked for step in steps) < sum(step.clean for step in steps)
