"""A bucket of S3, or of a store that speaks its protocol: the only module that imports obstore.

Where the store is and how to sign in comes from the environment, by the names that AWS's own tools read
(developmentseed.org/obstore/latest/api/store/aws).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.freeze.deploy.output import CLAIMS, File
from engine.http.media_types import media_type

AT_ONCE = 16
"""Requests that run at the same time. The store waits for the network, not for us."""
KEPT = ("Cache-Control", "Content-Disposition", "Content-Language")
"""Headers that S3 keeps with an object and obstore can set, beside its type."""


class Bucket:
    """The objects below a prefix. `url` is `s3://BUCKET/PREFIX`; `output` is the directory of the files."""

    keeps_headers = True

    def __init__(self, url: str, output: Path) -> None:
        try:
            import obstore  # noqa: PLC0415  optional: the extra `deploy`
            from obstore.store import S3Store  # noqa: PLC0415
        except ImportError as error:
            what = f"{error.name} is not installed. Install it: pip install 'pages-engine[deploy]'"
            raise EngineError(what) from None
        self.title = url
        self._obstore: Any = obstore
        self._output = output
        with _told(url):
            self._store = S3Store.from_url(url)

    def claims(self) -> bytes:
        with _told(self.title):
            try:
                return bytes(self._obstore.get(self._store, CLAIMS).bytes())
            except FileNotFoundError:
                return b""

    def differing(self, files: Collection[File], claimed: Mapping[str, str]) -> Collection[str]:
        with _told(self.title):
            found = {it["path"]: it["size"] for page in self._obstore.list(self._store) for it in page}
        return {
            file.path
            for file in files
            if claimed.get(file.path) != file.stamp or found.get(file.path) != file.size
        }

    def send(self, files: Iterable[File], done: Callable[[int], None]) -> None:
        with _told(self.title), ThreadPoolExecutor(AT_ONCE) as threads:
            for _ in threads.map(self._put, files):
                done(1)

    def _put(self, file: File) -> None:
        headers = {"Content-Type": media_type(file.path), **dict(file.headers)}
        self._obstore.put(self._store, file.path, self._output / file.path, attributes=headers)

    def remove(self, paths: Collection[str]) -> None:
        if paths:
            with _told(self.title):
                self._obstore.delete(self._store, sorted(paths))

    def claim(self, text: bytes, *, last: bool) -> None:
        with _told(self.title):
            headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
            self._obstore.put(self._store, CLAIMS, text, attributes=headers)


@contextmanager
def _told(title: str) -> Iterator[None]:
    """What the store answers, as a line: its first sentence, and the code of S3's own error."""
    try:
        yield
    except EngineError:
        raise
    except Exception as error:  # obstore raises OSError, ValueError and its own, which share no base
        said = " ".join(str(error).partition("\n\nDebug source")[0].split())
        raise EngineError(f"{title}: {said[:600]}") from error
