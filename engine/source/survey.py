"""A survey of a site from outside: every file that could matter, with what tells it from others that had its name.

No file is looked into for it. Two surveys that are the same are of the same files.
"""

from __future__ import annotations

import os
import struct
import time

FOLDERS = frozenset(("pages", "templates", "static", "data"))
SKIPPED = frozenset((".engine", ".git", "__pycache__", "node_modules"))
MANIFEST = ".engine.json"
"""In an output: what the engine wrote there, by path with digest, so that nothing else is ever removed."""
NOT_OURS = frozenset(("pyvenv.cfg", MANIFEST))
MOST_FILES = 500_000
TICK = 50_000_000
"""Nanoseconds in which a file may be changed twice without that its time tells."""

Survey = dict[str, bytes]
"""Size, time of change, time of the last change of anything, and inode of each file, packed, by path; of a directory
nothing."""
_STAMP = struct.Struct("<qqqQ")


class Unsure(Exception):
    """A survey would not tell of every change."""


def survey(root: str) -> Survey | None:
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


def differing(then: Survey, now: Survey) -> set[str] | None:
    """The files that are other ones than before, by path; `None` where some are new or gone."""
    if then == now:
        return set()
    return {path for path in then if then[path] != now[path]} if then.keys() == now.keys() else None


def size_and_time(stamp: bytes) -> tuple[int, int]:
    """The size of a file in bytes, and the time of its change in nanoseconds."""
    size, changed, _, _ = _STAMP.unpack(stamp)
    return size, changed


def _look(folder: str, below: str, found: Survey, began: int) -> None:
    """Note every file below a folder, and the folder itself; not what `walk` leaves out in every site."""
    found[below + "/"] = b""
    if len(found) > MOST_FILES:
        raise Unsure
    with os.scandir(folder) as entries:
        for entry in entries:
            path = f"{below}/{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                found[path] = _stamp(entry, began)
            elif entry.name != "__pycache__" and (entry.name[0] != "." or entry.name == ".well-known"):
                _look(entry.path, path, found, began)


def _look_for_modules(folder: str, below: str, found: Survey, began: int) -> None:
    """Note every module of Python below a folder; not those of a virtual environment, or of what was frozen."""
    with os.scandir(folder) as entries:
        listed = list(entries)
    if any(entry.name in NOT_OURS for entry in listed):
        return
    found[below + "/"] = b""
    if len(found) > MOST_FILES:
        raise Unsure
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in SKIPPED:
                _look_for_modules(entry.path, f"{below}/{entry.name}", found, began)
        elif entry.is_symlink() and not entry.is_file():
            raise Unsure  # modules may be there, or come to be there
        elif entry.name.endswith(".py"):
            found[f"{below}/{entry.name}"] = _stamp(entry, began)


def _stamp(entry: os.DirEntry[str], began: int) -> bytes:
    if entry.is_symlink():
        raise Unsure  # what it leads to may lie anywhere
    status = entry.stat(follow_symlinks=False)
    if _changed(status) > began - TICK:  # it may be changed once more, and look the same
        status = _rested(entry.path, _changed(status))
    try:
        return _STAMP.pack(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    except struct.error:  # a time or a number that no common file system has
        raise Unsure from None


def _changed(status: os.stat_result) -> int:
    return max(status.st_mtime_ns, status.st_ctime_ns)


def _rested(path: str, changed: int) -> os.stat_result:
    """The status of a file that was changed just now, when its time would tell of one more change.

    Who saves a text and freezes at once would else wait for all that a freeze does which cannot tell what has changed.
    """
    left = changed + TICK - time.time_ns()
    if left > TICK:
        raise Unsure  # it is of the future
    time.sleep(max(left, 0) / 1e9)
    status = os.stat(path, follow_symlinks=False)
    if _changed(status) != changed:
        raise Unsure  # somebody is at it
    return status
