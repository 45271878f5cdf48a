"""Deploys an output: compare with the place → claim → assets → pages → removals → forget → claim.

Killed at any moment, the place has pages whose assets are there, and the next deploy does the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Protocol

from engine.errors import EngineError
from engine.freeze.deploy.output import CLAIMS, File, in_order

FORMAT = 1
Progress = Callable[[int, int], None]
"""Told how many files are done, and how many there are to do."""
Forget = Callable[[Collection[str]], None]
"""Told which paths are other ones now, for those who keep copies of them."""


class Deployed(NamedTuple):
    """Paths by what a deploy did to them, or would do."""

    sent: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


class Place(Protocol):
    """Where a site goes. What goes wrong is an `EngineError`."""

    title: str
    keeps_headers: bool
    """Whether it keeps headers with a file, so that the site has to be asked for them."""

    def held(self) -> AbstractContextManager[None]:
        """Keep other deploys away meanwhile: wait for one that runs, or raise where that cannot be."""

    def claims(self) -> bytes:
        """The file `CLAIMS` of the place; nothing where there is none."""

    def differing(self, files: Collection[File], claimed: Mapping[str, str]) -> Collection[str]:
        """The paths that are not there as they are in `files`. `claimed` are the stamps of the last deploy."""

    def send(self, files: Iterable[File], done: Callable[[int], None]) -> None:
        """Put files there, and tell how many."""

    def remove(self, paths: Collection[str]) -> None:
        """Take files away; some may be gone."""

    def claim(self, text: bytes, *, last: bool) -> None:
        """Write the file `CLAIMS`; with `last` the deploy is done."""


def deploy(
    place: Place,
    files: Collection[File],
    *,
    dry: bool = False,
    progress: Progress = lambda done, known: None,
    forget: Forget = lambda paths: None,
) -> Deployed:
    """Make `place` hold `files`; with `dry`, only find out what would change. Raises `EngineError`.

    Only what an earlier deploy claimed is ever removed.
    """
    with nullcontext() if dry else place.held():
        return _deploy(place, files, dry, progress, forget)


def _deploy(place: Place, files: Collection[File], dry: bool, progress: Progress, forget: Forget) -> Deployed:
    claimed = read_claims(place.claims(), place.title)
    differing = place.differing(files, claimed)
    new = {file.path: file.stamp for file in files}
    sent = [file for file in files if file.path in differing]
    removed = sorted(claimed.keys() - new.keys())
    unchanged = tuple(file.path for file in files if file.path not in differing)
    assets, pages = in_order(sent)
    result = Deployed(tuple(file.path for file in [*assets, *pages]), unchanged, tuple(removed))
    if dry or (not sent and claimed == new):
        return result
    # What is about to be sent is claimed first, so that it is known as ours whatever happens now.
    place.claim(_claims({**claimed, **dict.fromkeys(differing, "")}), last=False)
    count = _Counter(len(sent), progress)
    place.send(assets, count)
    place.send(pages, count)
    place.remove(removed)
    # Before the last claim: if it fails, the next deploy sends these again, and tells so again.
    forget([*result.sent, *removed])
    place.claim(_claims(new), last=True)
    return result


class _Counter:
    """Adds up how many files were sent."""

    def __init__(self, known: int, progress: Progress) -> None:
        self._done = 0
        self._known = known
        self._progress = progress

    def __call__(self, more: int) -> None:
        self._done += more
        self._progress(self._done, self._known)


def _claims(files: Mapping[str, str]) -> bytes:
    return json.dumps({"format": FORMAT, "files": dict(sorted(files.items()))}, indent=0).encode()


def read_claims(text: bytes, title: str) -> dict[str, str]:
    """The claimed files, by path with stamp. Raises `EngineError` where they cannot be read: then nobody knows
    what may be removed."""
    if not text:
        return {}
    try:
        found = json.loads(text)
        if found["format"] == FORMAT:
            return {str(path): str(stamp) for path, stamp in found["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise EngineError(
        f"{CLAIMS} of {title} cannot be read. Remove it, and what is no longer part of the site."
    )
