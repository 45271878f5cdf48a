"""The command `engine` in a process of its own, asked over real sockets."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from werkzeug.datastructures import Headers

from doors import Answer

REPOSITORY = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds; what is waited for takes a fraction of one on an idle machine
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Dest": "document"}


def eventually(test: object, what: str, patience: float = PATIENCE) -> None:
    """Wait until `test()` holds."""
    assert callable(test)
    end = time.monotonic() + patience
    while not test():
        assert time.monotonic() < end, f"waited {patience} s in vain until {what}"
        time.sleep(0.01)


def run(
    *args: str | Path, cwd: Path = REPOSITORY, timeout: float = 60, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*args),
        cwd=cwd,
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def command(*args: str | Path) -> list[str]:
    return [sys.executable, "-m", "engine", *map(str, args)]


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("ENGINE_") and name != "PORT"
    }
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1", **more}


class Process:
    """A server in a process. `out` and `err` are the lines that it printed so far; `origin` is where it listens."""

    def __init__(self, arguments: list[str], cwd: Path = REPOSITORY, **environment: str) -> None:
        self.process = subprocess.Popen(
            arguments,
            cwd=cwd,
            env=_environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        assert self.process.stdout is not None and self.process.stderr is not None
        self._readers = [
            threading.Thread(target=_drain, args=(self.process.stdout, self.out)),
            threading.Thread(target=_drain, args=(self.process.stderr, self.err)),
        ]
        for reader in self._readers:
            reader.start()
        self.port = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def said(self) -> str:
        """All that was printed."""
        return "".join([*self.out, *self.err])

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self, path: str = "/") -> Self:
        """Wait until the server says where it listens, and answers there."""
        eventually(lambda: self._found_port() or self.process.poll() is not None, f"it is ready: {self.said}")
        assert self.process.poll() is None, self.said
        return self.answering(path)

    def answering(self, path: str = "/") -> Self:
        """Wait until the server answers."""
        eventually(lambda: self._answers(path), f"it answers: {self.said}")
        return self

    def _found_port(self) -> bool:
        if match := re.search(r"at http://[^ ]+?:(\d+)", self.said):
            self.port = int(match[1])
        return self.port != 0

    def _answers(self, path: str) -> bool:
        try:
            self.ask(path)
        except OSError:
            return False
        return True

    def ask(
        self,
        path: str = "/",
        method: str = "GET",
        body: bytes | None = None,
        timeout: float = PATIENCE,
        **headers: str,
    ) -> Answer:
        """One request on a connection of its own; `_` in the name of a header stands for `-`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            headers = Headers(response.getheaders())  # whose names have no case: granian's are lower
            return Answer(response.status, response.read(), headers)  # type: ignore[arg-type]
        finally:
            connection.close()

    def browse(self, path: str = "/") -> Answer:
        """Ask as a browser does for a page."""
        return self.ask(path, **BROWSER)

    @contextmanager
    def stream(self, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
        """An answer that is read while it comes."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(
                "GET", path, headers={name.replace("_", "-"): v for name, v in headers.items()}
            )
            response = connection.getresponse()
            yield response
            response.close()
        finally:
            connection.close()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ask the process to end, and wait; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code


def _drain(pipe: IO[str], lines: list[str]) -> None:
    for line in pipe:
        lines.append(line)
