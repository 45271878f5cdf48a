"""Explains one page: why the last freeze made it, and whether a freeze now would make it again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from engine.errors import EngineError
from engine.freeze.incremental.ledger_file import read_ledger
from engine.freeze.incremental.reasons import Made, Reasons
from engine.freeze.incremental.states import States
from engine.freeze.target import Target
from engine.site import Site
from engine.trace import Dependency


class Explanation(NamedTuple):
    """What is known of one page. `now` is empty where a freeze now would keep it."""

    target: Target
    made: Made
    now: Reasons
    dependencies: tuple[Dependency, ...]


def explain(site: Site, output: str, url: str) -> Explanation | None:
    """What the last freeze into `output` wrote down of the page at `url`; `None` where it knows no such page.

    Raises `EngineError` where no freeze has written down anything that can be used now.
    """
    folder = Path(os.path.realpath(output))
    ledger = read_ledger(site.config, folder)
    if not ledger.entries:
        raise EngineError(f"Nothing is known of a freeze into {output}: run `engine freeze` first.")
    path = next((path for path in _spellings(url, site.config.base_path) if path in ledger.entries), None)
    if path is None:
        return None
    result, _, made = ledger.entries[path]
    now = ledger.reasons(result.target, folder, ledger.changed(States(site)))
    return Explanation(result.target, made, now, result.dependencies)


def _spellings(url: str, base_path: str) -> list[str]:
    """The paths that a person may mean by a URL: with the site's prefix or without, with a last slash or without."""
    path = "/" + unquote(url.partition("://")[2].partition("/")[2] if "://" in url else url.lstrip("/"))
    inside = path.removeprefix(base_path) if base_path else path
    return [
        *dict.fromkeys((path, inside, path.rstrip("/") + "/", inside.rstrip("/") + "/", path.rstrip("/")))
    ]
