"""Files of which nothing is believed where one byte is not as it was written: what `.engine/` holds.

A file begins with a line that names its form, and a checksum of the rest. It is written beside its place, and put there
when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b, file_digest
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

BUFFER = 1 << 18
"""Bytes that are written at once."""
SEAL = 32
"""The bytes of the checksum."""


class Sealing:
    """A file while it is written: what it is to hold goes into `file`. Until `seal` the old one stays.

    Raises `OSError` where the disk does not take it.
    """

    def __init__(self, path: Path, form: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._form = path, form
        self._fresh = path.with_suffix(
            ".fresh"
        )  # one name for all: what a killed process left is written over
        self.file: BinaryIO = self._fresh.open("w+b", buffering=BUFFER)
        self.file.write(form + bytes(SEAL))

    def seal(self) -> None:
        """Put the file in its place."""
        seal = _seal(self.file, self._form)
        self.file.seek(len(self._form))
        self.file.write(seal)
        self.file.close()
        self._fresh.replace(self._path)

    def discard(self) -> None:
        """Remove what was written."""
        with suppress(OSError):
            self.file.close()
        with suppress(OSError):
            self._fresh.unlink()


@contextmanager
def sealed(path: Path, form: bytes) -> Iterator[BinaryIO]:
    """Write a file: what it is to hold goes into what is given. Where anything is raised within, the old one stays.

    Raises `OSError` where the disk does not take it.
    """
    sealing = Sealing(path, form)
    try:
        yield sealing.file
        sealing.seal()
    except BaseException:
        sealing.discard()
        raise


@contextmanager
def unsealed(path: Path, form: bytes) -> Iterator[BufferedReader]:
    """Read a file, from where what it holds begins. Raises `OSError`, and `ValueError` where it was damaged."""
    with path.open("rb") as file:
        if file.read(len(form)) != form or file.read(SEAL) != _seal(file, form):
            raise ValueError(f"{path} is not as it was written")
        file.seek(len(form) + SEAL)
        yield file


def seal_of(path: Path, form: bytes) -> bytes:
    """What tells a file from any other, without looking whether it was damaged. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(len(form) + SEAL)[len(form) :]


def _seal(file: BinaryIO, form: bytes) -> bytes:
    """The checksum of all that comes after the place of the checksum."""
    file.seek(len(form) + SEAL)
    return file_digest(file, lambda: blake2b(digest_size=SEAL)).digest()  # type: ignore[arg-type]
