"""A bucket of S3, or of a store that speaks its protocol: the only module that imports obstore.

Where the store is and how to sign in comes from the environment, by the names that AWS's own tools read
(developmentseed.org/obstore/latest/api/store/aws).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from engine.errors import EngineError
from engine.freeze.deploy.output import CLAIMS, File
from engine.http.media_types import media_type

AT_ONCE = 16
"""Requests that run at the same time. The store waits for the network, not for us."""
LOCK = ".engine-deploying"
"""There while a deploy runs; it holds the time at which that began, and a word that no other deploy has."""
STALE = timedelta(hours=1)
"""The age from which a lock counts as left by a deploy that was killed."""
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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Raises `EngineError` where another deploy runs. A store that ignores conditions keeps nobody away."""
        mine = f"{datetime.now(UTC).isoformat(timespec='seconds')} {token_hex(8)}".encode()
        with _told(self.title):
            self._take(mine)
        try:
            yield
        finally:
            with suppress(Exception):  # of a store that is gone by now the first error is to be told
                if self._lock()[0] == mine:
                    self._obstore.delete(self._store, LOCK)

    def _take(self, mine: bytes) -> None:
        headers = {"Content-Type": "text/plain", "Cache-Control": "no-store"}
        try:
            self._obstore.put(self._store, LOCK, mine, attributes=headers, mode="create")
            return
        except self._obstore.exceptions.AlreadyExistsError:
            text, tag = self._lock()
        end = _since(text) + STALE
        if datetime.now(UTC) < end:
            what = f"another deploy has been running since {_since(text):%H:%M} UTC. Deploy again when it has ended"
            hint = f"If it was killed, remove {LOCK} there, or wait until {end:%H:%M} UTC"
            raise EngineError(f"{self.title}: {what}. {hint}.")
        self._obstore.put(self._store, LOCK, mine, attributes=headers, mode={"e_tag": tag})

    def _lock(self) -> tuple[bytes, str]:
        found = self._obstore.get(self._store, LOCK)
        return bytes(found.bytes()), found.meta["e_tag"]

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


def _since(text: bytes) -> datetime:
    """When the deploy of a lock began; long ago, where the lock cannot be read."""
    try:
        return datetime.fromisoformat(text.decode().partition(" ")[0]).astimezone(UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


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
