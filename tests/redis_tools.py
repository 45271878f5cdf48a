"""A Redis for tests, where the machine has one. CI never goes without it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

needs_server = pytest.mark.skipif(
    shutil.which("redis-server") is None and not os.environ.get("CI"), reason="there is no redis-server here"
)


class Server:
    """A Redis that listens at a socket in a directory."""

    def __init__(self, folder: Path) -> None:
        socket = folder / "redis.sock"
        self.address = f"unix://{socket}"
        command = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            str(socket),
            "--save",
            "",
            "--dir",
            str(folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert self.process.stdout is not None
        said = []
        for line in self.process.stdout:
            said.append(line)
            if "eady to accept connections" in line:
                return
        pytest.fail("".join(said))

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()
