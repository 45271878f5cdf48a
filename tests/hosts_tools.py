"""What the tests of hosts share: free ports, and one request over a socket."""

from __future__ import annotations

import http.client
import os
import socket
from contextlib import suppress
from itertools import cycle
from pathlib import Path

from engine.freeze.hosts.asking import Answer

WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = cycle(range(20_000 + WORKER % 10 * 1000, 21_000 + WORKER % 10 * 1000))
"""Each process of the tests has its own, below those that the system gives to who asks for any (`ip_local_port_range`):
between this look and the start of a server nobody else can take one."""


def free_port() -> int:
    for port in PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def readable(home: Path) -> None:
    """Let web servers in, whose workers are another user where the tests run as root."""
    for folder in (home, *home.parents) if os.geteuid() == 0 else ():
        if folder.is_relative_to("/tmp") and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)


def asked(port: int, path: str, method: str = "GET", **headers: str) -> Answer:
    """The answer of a server on this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, headers={"Host": "localhost", **headers})
        response = connection.getresponse()
        return Answer(response.status, tuple(response.getheaders()), response.read())
    finally:
        connection.close()
