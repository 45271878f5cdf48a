"""Whether a freeze has anything to do at all, seen from outside: no site is loaded, and no page looked at.

After a freeze without faults a survey of the site is written down, which was made before the site was loaded: every
file that could matter, with size, times and inode. Where the next survey is the same, and so are the files of the
output, the command line, the software and what pages have read outside of the site, the output is right as it is.
In doubt there is something to do.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, State, digest, machine, software, stamp_of

FORMAT = b"engine standing 2\n"
FOLDERS = frozenset(("pages", "templates", "static", "data"))
MANIFEST = ".engine.json"
"""In an output: what the engine wrote there, by path with digest, so that nothing else is ever removed."""
SKIPPED = frozenset((".engine", ".git", "__pycache__", "node_modules"))
NOT_OURS = frozenset(("pyvenv.cfg", MANIFEST))
MOST_FILES = 500_000
TICK = 50_000_000
"""Nanoseconds in which a file may be changed twice without that its time tells."""

Survey = dict[str, tuple[int, ...]]


class Unsure(Exception):
    """A survey would not tell of every change."""


class Seen(NamedTuple):
    """What was seen of a site before it was loaded: the options of the freeze, and a survey if one can be had."""

    options: tuple[Any, ...]
    survey: Survey | None


class Standing(NamedTuple):
    """What the last freeze came to: the output, its files by path with their stamps, the number of pages.

    `fallbacks` is that of a report.
    """

    output: str
    stamps: Mapping[str, Any]
    pages: int
    fallbacks: int


def look(root: str, *options: Any) -> Seen:
    """See what there is of a site, for a freeze by these options."""
    return Seen(options, _survey(os.path.realpath(root)))


def _survey(root: str) -> Survey | None:
    """Every file of a site that could matter; `None` where that cannot be told."""
    began = time.time_ns()
    found: Survey = {}
    try:
        for entry in sorted(os.scandir(root), key=lambda it: it.name):
            if not entry.is_dir():
                found[entry.name] = _stamp(entry, began)
            elif entry.name in FOLDERS:
                _look(entry.path, entry.name, found, began)
            elif entry.name[0] != "." and entry.name not in SKIPPED:
                _look_for_modules(entry.path, entry.name, found, began)
    except (OSError, Unsure):
        return None
    return found


def _look(folder: str, below: str, found: Survey, began: int) -> None:
    """Note every file below a folder, and the folder itself."""
    found[below + "/"] = ()
    if len(found) > MOST_FILES:
        raise Unsure
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{below}/{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                found[path] = _stamp(entry, began)
            elif entry.name not in SKIPPED:
                _look(entry.path, path, found, began)


def _look_for_modules(folder: str, below: str, found: Survey, began: int) -> None:
    """Note every module of Python below a folder; not those of a virtual environment, or of what was frozen."""
    with os.scandir(folder) as entries:
        listed = list(entries)
    if any(entry.name in NOT_OURS for entry in listed):
        return
    found[below + "/"] = ()
    if len(found) > MOST_FILES:
        raise Unsure
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED:
                _look_for_modules(entry.path, f"{below}/{entry.name}", found, began)
        elif entry.name.endswith(".py"):
            found[f"{below}/{entry.name}"] = _stamp(entry, began)


def _stamp(entry: os.DirEntry[str], began: int) -> tuple[int, ...]:
    if entry.is_symlink():
        raise Unsure  # what it leads to may lie anywhere
    status = entry.stat(follow_symlinks=False)
    if max(status.st_mtime_ns, status.st_ctime_ns) > began - TICK:
        raise Unsure  # it may be changed once more, and look the same
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def read_standing(root: str, seen: Seen) -> Standing | None:
    """What the last freeze by these options came to, where it stands; `None` where there is, or may be, work."""
    root = os.path.realpath(root)
    try:
        data = _location(root, seen.options).read_bytes()
        body = data[len(FORMAT) + 32 :]
        if not data.startswith(FORMAT) or blake2b(body, digest_size=32).digest() != data[len(FORMAT) :][:32]:
            return None
        key, then, output, stamps, outside, *counts = marshal.loads(body)
    except (OSError, ValueError, TypeError, EOFError):
        return None
    if seen.survey is None or seen.survey != then or key != _key(root, seen.options):
        return None
    if any(stamp_of(f"{output}/{path}") != stamp for path, stamp in stamps.items()):
        return None
    if any(OUTSIDE[kind](*about) != state for (kind, *about), state in outside):
        return None
    return Standing(output, stamps, *counts)


def write_standing(
    root: str,
    seen: Seen,
    output: str,
    files: Iterable[str],
    states: Mapping[tuple[Any, ...], State],
    counts: tuple[int, int],
) -> None:
    """Write down what a freeze without faults came to; `counts` are the last two of `Standing`.

    Where it could not be relied on, nothing is left that says so.
    """
    root = os.path.realpath(root)
    path = _location(root, seen.options)
    outside = [(it, state) for it, state in states.items() if it[0] in OUTSIDE]
    fresh = path.with_suffix(".fresh")
    try:
        if seen.survey is None or NEVER in states.values():
            path.unlink(missing_ok=True)
            return
        stamps = {file: stamp_of(f"{output}/{file}") for file in files}
        body = marshal.dumps((_key(root, seen.options), seen.survey, output, stamps, outside, *counts))
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(FORMAT + blake2b(body, digest_size=32).digest() + body)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()


def _location(root: str, options: tuple[Any, ...]) -> Path:
    return Path(root, ".engine", "freeze", f"{digest(options).hex()[:16]}.standing")


def _key(root: str, options: tuple[Any, ...]) -> State:
    """What every freeze depends on beside the files of the site."""
    return digest(FORMAT, root, options, machine(), list(_settings()), software())


def _settings() -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in sorted(os.environ.items()) if name.startswith("ENGINE_"))
