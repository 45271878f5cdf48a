"""The directory that becomes the output: the only place that a freeze writes pages to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path

from engine.errors import Fault, SiteError


@dataclass(slots=True)
class Stage:
    """A directory beside the output. Workers write into it at the same time, each its own files."""

    root: str
    _made: set[str] = field(default_factory=set)

    def write(self, path: str, chunks: Iterable[bytes]) -> tuple[str, int]:
        """Write one file; its digest, and its size in bytes. Raises `SiteError` where the disk does not take it."""
        full = f"{self.root}/{path}"
        digest, size = blake2b(digest_size=16), 0
        try:
            fd = self._open(full)
            try:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    _write_all(fd, chunk)
            finally:
                os.close(fd)
        except OSError as error:
            raise unwritable(full, error) from error
        return digest.hexdigest(), size

    def keep(self, output: str, path: str, name: str = "") -> None:
        """Have a file of the old output in the new one too, by its path or by another `name`. Raises `SiteError`."""
        full = f"{self.root}/{name or path}"
        try:
            self._make_folder(full)
            if os.path.lexists(full):
                return
            try:
                os.link(f"{output}/{path}", full)
            except OSError:  # a file system without links
                shutil.copy2(f"{output}/{path}", full)
        except OSError as error:
            raise unwritable(full, error) from error

    def move(self, path: str, output: Path) -> None:
        """Put a file in the place of that in the output. Raises `SiteError`."""
        try:
            os.replace(f"{self.root}/{path}", output / path)
        except OSError as error:
            raise unwritable(str(output / path), error) from error

    def discard(self, path: str) -> None:
        """Remove a file, if it was begun. Raises `SiteError`."""
        full = f"{self.root}/{path}"
        try:
            Path(full).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(full, error) from error

    def _open(self, full: str) -> int:
        self._make_folder(full)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        try:
            return os.open(full, flags, 0o666)
        except FileExistsError:  # what was kept is a file of the old output too, which stays as it is
            os.unlink(full)
            return os.open(full, flags, 0o666)

    def _make_folder(self, full: str) -> None:
        folder = full.rpartition("/")[0]
        if folder not in self._made:
            try:
                os.mkdir(folder)
            except OSError:  # most are new, and below one that is there
                os.makedirs(folder, exist_ok=True)
            self._made.add(folder)


def _write_all(fd: int, body: bytes) -> None:
    view = memoryview(body)
    while view:
        view = view[os.write(fd, view) :]


def unwritable(path: str, error: OSError) -> SiteError:
    """An error of the disk as a fault."""
    what = f"cannot be written: {error.strerror}"
    return SiteError(Fault("output-unwritable", path, what, "The old output is untouched"))


def is_unwritable(faults: Iterable[Fault]) -> bool:
    """Whether the disk is at fault, and no page: then all that follows would fail alike."""
    return any(fault.code == "output-unwritable" for fault in faults)
