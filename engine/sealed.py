"""Files of which nothing is believed where one byte is not as it was written: what `.engine/` holds.

A file begins with a line that names its form, and a checksum of the rest. It is written beside its place, and put there
when it is whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import blake2b, file_digest
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import BinaryIO

SEAL = 32
"""The bytes of the checksum."""


@contextmanager
def sealed(path: Path, form: bytes) -> Iterator[BufferedRandom]:
    """Write a file: what it is to hold goes into what is given. Where anything is raised within, the old one stays.

    Raises `OSError` where the disk does not take it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".fresh")  # one name for all: what a killed process left is written over
    try:
        with fresh.open("w+b") as file:
            file.write(form + bytes(SEAL))
            yield file
            seal = _seal(file, form)
            file.seek(len(form))
            file.write(seal)
        fresh.replace(path)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
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
