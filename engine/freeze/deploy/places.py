"""PLACES, the table of places that a site is deployed to: adding one is a module and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from engine.errors import EngineError
from engine.freeze.deploy.branch import Branch
from engine.freeze.deploy.bucket import Bucket
from engine.freeze.deploy.deploy import Place
from engine.freeze.deploy.rsync import Remote


def _elsewhere(to: str, output: Path, site: Path) -> str:
    """What rsync takes for `to`. Raises `EngineError` where that is the site, whose files it would write over."""
    if to.startswith("//"):
        return f"rsync:{to}"
    if Path(to).resolve() in (output.resolve(), site.resolve()):
        raise EngineError(f"rsync:{to} is where the site or its output is. Choose another directory.")
    return to


Opening = Callable[[str, Path, Path], Place]
"""Makes a place of what follows the word, for the files of an output and a site."""

PLACES: Mapping[str, Opening] = {
    "s3": lambda to, output, site: Bucket(f"s3:{to}", output),
    "rsync": lambda to, output, site: Remote(_elsewhere(to, output, site), output),
    "git": Branch,
}
FORMS = "s3://BUCKET/PREFIX, rsync:USER@HOST:PATH or git:REMOTE#BRANCH"


def open_place(to: str, output: Path, site: Path) -> Place:
    """The place that `to` names. Raises `EngineError` where it names none."""
    word, _, rest = to.partition(":")
    if word not in PLACES or not rest or (word == "s3" and not rest.strip("/")):
        raise EngineError(f"{to or 'Nothing'} names no place to deploy to. Write {FORMS}.")
    return PLACES[word](rest, output, site)
