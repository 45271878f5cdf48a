"""States of what lies outside of a site: answered without loading anything."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b, file_digest
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine.trace import CHANGING, Dependency

State = bytes | str | int
NEVER: State = b""
"""The state of what may be another thing each time it is asked: no state equals it."""


def digest(*values: Any) -> bytes:
    """A digest of values that are equal where their `repr` is."""
    return blake2b(repr(values).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def contents(location: str) -> State:
    """The state of the bytes of a file, which may be larger than the memory. Raises `OSError`."""
    with Path(location).open("rb") as file:
        return file_digest(file, lambda: blake2b(digest_size=16)).digest()


def state_of(text: str) -> State:
    """The state of the bytes of a file that holds this text."""
    return blake2b(text.encode(), digest_size=16).digest()


Stamp = tuple[int, ...]


class Stamps(dict[str, Stamp | None]):
    """The stamps of the files of one output, by their paths in it, each looked for once."""

    def __init__(self, output: str) -> None:
        super().__init__()
        self._output = output

    def __missing__(self, path: str) -> Stamp | None:
        return self.setdefault(path, stamp_of(f"{self._output}/{path}"))


def stamp_of(path: str) -> Stamp | None:
    """What tells that a file of the output is still the one that was written; `None` where there is none."""
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return (status.st_size, status.st_mtime_ns, status.st_ino)


def _environment(name: str) -> State:
    return digest(os.environ.get(name))


def _environment_names() -> State:
    return digest(sorted(os.environ))


def _disk(path: str) -> State:
    try:
        return contents(path)
    except OSError as error:
        return digest(error.errno)


def _folder(path: str) -> State:
    try:
        return digest(sorted((entry.name, entry.is_dir()) for entry in os.scandir(path)))
    except OSError as error:
        return digest(error.errno)


def _stat(path: str) -> State:
    link = None
    try:
        link = os.readlink(path) if os.path.islink(path) else None
        status = os.stat(path)
    except OSError as error:
        return digest(error.errno, link)
    return digest(status.st_mode, status.st_size, status.st_mtime_ns, link)


def _code(top: str) -> State:
    """The modules of Python by a name that is neither of the site nor installed."""
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return digest(None)
    places = [] if spec is None else [*(spec.submodule_search_locations or ()), spec.origin or ""]
    files = [
        file for place in places for file in (Path(place).rglob("*.py") if os.path.isdir(place) else [place])
    ]
    return digest(sorted((str(file), stamp_of(str(file))) for file in files))


OUTSIDE: dict[str, Callable[..., State]] = {
    "environment": _environment,
    "environment-names": _environment_names,
    "disk": _disk,
    "folder": _folder,
    "stat": _stat,
    "code": _code,
    "working-directory": lambda: digest(os.getcwd()),
    CHANGING: lambda what: NEVER,
}
"""What lies outside of the site, by the kind of the question."""


class Surroundings:
    """The states of what lies outside of a site, each as it was at the first look.

    Whoever is about to read it looks first, so that what is changed afterwards, maybe while a freeze runs, is another
    thing to the next one.
    """

    def __init__(self) -> None:
        self._seen: dict[Dependency, State] = {}

    def of(self, dependency: Dependency) -> State:
        """The state of one question, of a kind in `OUTSIDE`."""
        state = self._seen.get(dependency)
        if state is None:
            state = self._seen[dependency] = OUTSIDE[dependency[0]](*dependency[1:])
        return state
