"""Files as answers. The only module of this package that opens a file."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import BinaryIO, NamedTuple

from werkzeug.exceptions import NotFound
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from engine.http.conditional import Environ, Header, Validators, decide, shape

CHUNK = 64 * 1024
# The path is real when it is kept; a link put in its place later may lead out of the site.
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_MISSING = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG}


def open_file(path: str) -> BinaryIO:
    """The file at `path`, unbuffered. Raises `NotFound` (404) where there is no file that may be read."""
    try:
        return open(path, "rb", buffering=0, opener=lambda name, flags: os.open(name, flags | _FLAGS))
    except OSError as error:
        if error.errno in _MISSING:
            raise NotFound() from None
        raise


class Version(NamedTuple):
    """One state of a file on disk."""

    size: int
    validators: Validators

    @classmethod
    def of(cls, stat: os.stat_result) -> Version:
        """Told by size, time of change and inode; hashed, because an inode's number is nobody's business."""
        mark = f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ino}".encode()
        etag = f'"{blake2b(mark, digest_size=12).hexdigest()}"'
        return cls(stat.st_size, Validators(etag, http_date(stat.st_mtime)))

    @property
    def headers(self) -> list[Header]:
        return [
            ("Content-Length", str(self.size)),
            ("Accept-Ranges", "bytes"),
            ("ETag", self.validators.etag),
            ("Last-Modified", self.validators.modified),
        ]


class FileBody:
    """The bytes of a file as the body of a response; opened only when they are sent."""

    __slots__ = ("path",)

    def __init__(self, path: str | os.PathLike[str]) -> None:
        try:
            self.path = os.path.realpath(path)
        except ValueError:  # a NUL in the name
            raise NotFound() from None

    def __iter__(self) -> Iterator[bytes]:
        with open_file(self.path) as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def version(self) -> Version:
        """The file as it is now. Raises `NotFound`."""
        with open_file(self.path) as file:
            return Version.of(os.fstat(file.fileno()))

    def answer(
        self, environ: Environ, headers: Callable[[Version], list[Header]]
    ) -> tuple[str, list[Header], Iterable[bytes]]:
        """Status line, headers and body for a GET or HEAD; `headers` makes those of the 200 for a version.

        The version is that of the opened file, so a file that is replaced meanwhile cannot mix two of them.
        """
        file = open_file(self.path)
        try:
            version = Version.of(os.fstat(file.fileno()))
            whole = headers(version)
            verdict = decide(environ, _validators(whole), version.size, ranges=True)
            line, sent, note = shape(verdict, whole, version.size)
            if note is not None or environ["REQUEST_METHOD"] == "HEAD":
                file.close()
                return line, sent, () if not note or environ["REQUEST_METHOD"] == "HEAD" else (note,)
            if verdict.status == 200:
                return line, sent, wrap_file(environ, file, CHUNK)
            file.seek(verdict.start)
            return line, sent, _Part(file, verdict.stop - verdict.start)
        except BaseException:
            file.close()
            raise


class _Part:
    """The next `length` bytes of an open file and no more; a server's file wrapper would run to the end."""

    __slots__ = ("_file", "_left")

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file = file
        self._left = length

    def __iter__(self) -> _Part:
        return self

    def __next__(self) -> bytes:
        chunk = self._file.read(min(CHUNK, self._left)) if self._left else b""
        if not chunk:
            self.close()
            raise StopIteration
        self._left -= len(chunk)
        return chunk

    def close(self) -> None:
        self._left = 0
        self._file.close()


def _validators(headers: Iterable[Header]) -> Validators:
    """Those that the answer carries, which its author may have set."""
    named = {name.lower(): value for name, value in headers}
    return Validators(named.get("etag", ""), named.get("last-modified", ""))
