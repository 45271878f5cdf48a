"""What the files that make a site look like now. The only module that says which files those are."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

from engine.config import LAYER, Config
from engine.dev.variables import FILE as VARIABLES
from engine.errors import SiteError
from engine.site import FOLDERS
from engine.source.files import SourceFile, walk

# What a running site writes, such as a database in data/: it changes with every request and is not read at load.
WRITTEN_BY_SITES = (".db", ".sqlite", ".sqlite3", "-wal", "-shm", "-journal", ".log", ".tmp")
FOREIGN = ("node_modules", "*/node_modules")
FEW = 16
"""Files that are looked at by themselves: a walk through a large site takes longer than to load one page of it."""
LARGEST = 1 << 20
"""Bytes up to which a file is told by its content; a larger one by size and time of change."""


class Print(NamedTuple):
    """One file: what the walk said of it, and the hash of its bytes, which is not known of one never read."""

    size: int
    mtime_ns: int
    content: bytes | None = None


class Fingerprints:
    """The prints of the files that make the site of `config`, by path relative to its root."""

    def __init__(self, config: Config) -> None:
        self._root = config.root
        output = os.path.relpath(os.path.join(config.root, config.freeze.output), config.root)
        self._ignore = (*FOREIGN, output, *config.ignore)
        self._known: dict[str, Print] = {}

    def begin(self) -> None:
        """Note what there is. No file is read for that: one whose size or time is another one later has changed."""
        self._known = {file.path: Print(file.size, file.mtime_ns) for file in self._files()}

    def changes(self, among: Collection[str] = ()) -> frozenset[str]:
        """The paths that were made, changed or removed since this was asked before.

        With a few locations `among` which they are sought, where these are files that were there, others are not seen.
        """
        if (few := self._few(among)) is not None:
            changed = {path for path in few if few[path].content != self._known[path].content}
            self._known.update(few)
            return frozenset(changed)
        before, self._known = self._known, self._scan()
        paths = before.keys() | self._known.keys()
        return frozenset(path for path in paths if _content(before, path) != _content(self._known, path))

    def _few(self, locations: Collection[str]) -> dict[str, Print] | None:
        """How some files look now; `None` where they are none or many, or one is new or gone."""
        if not 0 < len(locations) <= FEW:
            return None
        found = {}
        for location in locations:
            path = os.path.relpath(location, self._root)
            try:
                status = os.lstat(location)
                if path not in self._known or not stat.S_ISREG(status.st_mode):
                    return None
                found[path] = self._print(SourceFile(path, location, status.st_size, status.st_mtime_ns))
            except (OSError, SiteError):
                return None
        return found

    def may_count(self, location: str) -> bool:
        """Whether a report about this absolute path may be one of the site, told by the path alone."""
        path = os.path.relpath(location, self._root)
        if path == VARIABLES:
            return True
        hidden = any(part[0] == "." and part != ".well-known" for part in path.split(os.sep))
        ignored = any(f"{path}/".startswith(f"{name}/") for name in self._ignore)
        return not (hidden or ignored or "__pycache__" in path or path.endswith(WRITTEN_BY_SITES))

    def _scan(self) -> dict[str, Print]:
        found: dict[str, Print] = {}
        for file in self._files():
            try:
                found[file.path] = self._print(file)
            except SiteError:  # removed meanwhile, or not for us to read
                continue
        return found

    def _print(self, file: SourceFile) -> Print:
        known = self._known.get(file.path)
        if known is not None and (known.size, known.mtime_ns) == (file.size, file.mtime_ns):
            return known
        if file.size > LARGEST:
            content = f"{file.size} {file.mtime_ns}".encode()
        else:
            content = blake2b(file.read(), digest_size=16).digest()
        return Print(file.size, file.mtime_ns, content)

    def _files(self) -> Iterator[SourceFile]:
        found = walk(self._root, "", (*self._ignore, *self._virtual_environments()))
        yield from (file for file in found.files if _counts(file.path))
        with contextlib.suppress(OSError):
            location = os.path.join(self._root, VARIABLES)
            status = os.stat(location)
            yield SourceFile(VARIABLES, location, status.st_size, status.st_mtime_ns)

    def _virtual_environments(self) -> Iterator[str]:
        with os.scandir(self._root) as entries:
            yield from (entry.name for entry in entries if os.path.exists(f"{entry.path}/pyvenv.cfg"))


def _content(prints: Mapping[str, Print], path: str) -> bytes | None:
    """The hash of a file, which is empty for one that is not there."""
    return prints[path].content if path in prints else b""


def _counts(path: str) -> bool:
    """Whether a change of this file changes the site: its settings, its Python, or what lies in its folders.

    `.env`, which no walk shows, is one more."""
    if path.endswith(WRITTEN_BY_SITES):
        return False
    return path.endswith(".py") or LAYER.fullmatch(path) is not None or path.partition("/")[0] in FOLDERS
