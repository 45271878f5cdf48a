"""A directory on this or another machine, by rsync 3.1 or newer, which must be installed.

Source: rsync(1). `--checksum` compares contents, as times say nothing of a frozen file; `--delete-missing-args` removes
just the files that are named; `--delay-updates` moves all new pages into place at the end.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from engine.errors import EngineError
from engine.freeze.deploy.output import CLAIMS, File

if sys.platform != "win32":
    import fcntl

LISTED = ["--from0", "--files-from=-"]
NOTHING_THERE = 23
"""The exit code of rsync where the directory is not there either."""


class Remote:
    """`to` is what rsync takes: `/path`, `user@host:/path`, `rsync://host/module`."""

    keeps_headers = False

    def __init__(self, to: str, output: Path) -> None:
        self.title = to
        self._to = to.rstrip("/") + "/"
        self._output = output
        self._lock: tuple[int, ...] = ()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for a deploy of the same user of this machine to the same place: rsync itself has no lock to offer."""
        if sys.platform == "win32":
            yield
            return
        fd = os.open(_lock_file(self._to), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            self._lock = (fd,)  # an rsync that outlives us still sends, and so holds it too
            yield
        finally:
            self._lock = ()
            os.close(fd)

    def claims(self) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            done = self._start(["--ignore-missing-args", self._to + CLAIMS, folder + "/"], "")
            if done.returncode == NOTHING_THERE and b"No such file or directory" in done.stderr:
                return b""  # not even the directory is there
            self._check(done)
            file = Path(folder, CLAIMS)
            return file.read_bytes() if file.exists() else b""

    def differing(self, files: Collection[File], claimed: Mapping[str, str]) -> Collection[str]:
        names = [file.path for file in files]
        said = self._run(["--dry-run", "--out-format=%n", *LISTED, f"{self._output}/", self._to], names)
        told = {os.fsdecode(line) for line in said.splitlines()}
        return {name for name in names if name in told or _escaped(name) in told}

    def send(self, files: Iterable[File], done: Callable[[int], None]) -> None:
        names = [file.path for file in files]
        if names:
            self._run(["--delay-updates", *LISTED, f"{self._output}/", self._to], names)
            done(len(names))

    def remove(self, paths: Collection[str]) -> None:
        self._take_away(paths)
        folders = {folder for path in paths for folder in _folders(path)}
        for depth in sorted({it.count("/") for it in folders}, reverse=True):
            # rsync takes away those that are empty by now, and says of the others that they stay
            self._take_away([it for it in folders if it.count("/") == depth])

    def _take_away(self, paths: Collection[str]) -> None:
        if not paths:
            return
        with tempfile.TemporaryDirectory() as empty:
            for path in paths:
                Path(empty, path).parent.mkdir(parents=True, exist_ok=True)
            self._run(["--dirs", "--delete-missing-args", *LISTED, empty + "/", self._to], paths)

    def claim(self, text: bytes, *, last: bool) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, CLAIMS).write_bytes(text)
            Path(folder, CLAIMS).chmod(0o644)
            self._run([f"{folder}/{CLAIMS}", self._to], ())

    def _run(self, arguments: list[str], names: Iterable[str]) -> bytes:
        done = self._start(arguments, _listed(names))
        self._check(done)
        return done.stdout

    def _start(self, arguments: list[str], names: str) -> subprocess.CompletedProcess[bytes]:
        command = ["rsync", "--checksum", "--copy-links", "--8-bit-output", *arguments]
        environment = {**os.environ, "LC_ALL": "C"}
        try:
            return subprocess.run(
                command,
                input=os.fsencode(names),
                capture_output=True,
                env=environment,
                check=False,
                pass_fds=self._lock,
            )
        except FileNotFoundError:
            raise EngineError("rsync is not installed.") from None

    def _check(self, done: subprocess.CompletedProcess[bytes]) -> None:
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it says nothing"]
            raise EngineError(f"{self.title}: rsync ended with {done.returncode}: {said[0]}")


def _lock_file(to: str) -> Path:
    """A file for a place, whatever way leads to it on this machine."""
    is_elsewhere = ":" in to.partition("/")[0]
    name = blake2b(os.fsencode(to if is_elsewhere else os.path.realpath(to)), digest_size=8).hexdigest()
    return Path(tempfile.gettempdir(), f"engine-deploy-{os.getuid()}-{name}.lock")


def _listed(names: Iterable[str]) -> str:
    return "".join(f"{name}\0" for name in sorted(names))


def _folders(path: str) -> Iterable[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _escaped(name: str) -> str:
    """How rsync prints a name: a backslash before `#` and three digits, and control characters, as `\\#ooo`."""
    return "".join(f"\\#{ord(it):03o}" if ord(it) < 32 or ord(it) == 127 else it for it in name)
