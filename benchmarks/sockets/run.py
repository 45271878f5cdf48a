"""Requests over sockets: the engine and Flask behind granian and gunicorn, and what the servers cost alone.

python benchmarks/sockets/run.py [--rounds 5] [--seconds 1.5] [--servers …] [--workloads …] [--out FILE]

One worker with one thread on the first processor, one visitor on the second, who keeps the connection open and asks
again when the answer is there. Writes benchmarks/results/sockets.json.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "serve"))
sys.path.insert(0, str(HERE.parent))

import lab  # noqa: E402
from layout import lay_out  # noqa: E402
from workloads import WORKLOADS, Environ, environ  # noqa: E402

SERVERS = {
    "granian": (
        *("granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "1"),
        *("--host", "127.0.0.1", "--port", "{port}", "--no-ws", "--log-level", "error", "served:{app}"),
    ),
    "gunicorn": (
        *("gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "1"),
        *("--bind", "127.0.0.1:{port}", "--log-level", "error", "served:{app}"),
    ),
}
APPS = ("floor", "engine", "flask")
ASKED = ("hello", "param", "template", "cached", "page", "404")
SLASH = {"engine": "/", "flask": "", "floor": ""}
PATIENCE = 30.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(server: str, app: str) -> Iterator[socket.socket]:
    """A connection to an application behind a server."""
    port = free_port()
    environment = lab.environment()
    environment["PYTHONPATH"] += f":{HERE}:{HERE.parent / 'serve'}:{lab.HERE}:{lab.WORK / 'serve'}"
    command = [part.format(port=port, app=app) for part in SERVERS[server]]
    process = subprocess.Popen(
        ["taskset", "-c", "0", str(lab.PYTHON), "-m", *command], env=environment, stderr=subprocess.PIPE
    )
    try:
        with connected(port, process) as connection:
            yield connection
    finally:
        process.terminate()
        process.wait()


def connected(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(PATIENCE)
            return connection
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > end:
                assert process.stderr is not None
                raise SystemExit(process.stderr.read().decode()[-800:]) from None
            time.sleep(0.02)


def written(env: Environ) -> bytes:
    """The request as a browser writes it."""
    named = {
        key[5:].replace("_", "-").title(): value for key, value in env.items() if key.startswith("HTTP_")
    }
    lines = [
        f"{env['REQUEST_METHOD']} {env['PATH_INFO']} HTTP/1.1",
        *(f"{key}: {it}" for key, it in named.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def answer(connection: socket.socket, request: bytes) -> tuple[int, bytes]:
    """Status and body of one answer, which must say its length."""
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    length = int(headers[b"content-length"])
    while len(body) < length:
        body += connection.recv(65536)
    return int(head.split()[1]), body


def asked(connection: socket.socket, app: str, workload: str, seconds: float) -> dict[str, float]:
    """µs from one request to the next."""
    like = WORKLOADS[workload]
    request = written(environ(like.path + ("" if workload == "404" else SLASH[app])))
    status, body = answer(connection, request)
    if app != "floor" and (str(status) != like.status or not like.right(body)):
        raise SystemExit(f"{app} {workload}: wrong answer {status} {body[:300]!r}")
    end, count = time.perf_counter() + seconds / 5, 0
    while time.perf_counter() < end:
        answer(connection, request)
    start = time.perf_counter()
    while time.perf_counter() < start + seconds:
        for _ in range(20):
            answer(connection, request)
        count += 20
    return {"us": (time.perf_counter() - start) / count * 1e6}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.5, help="how long each is asked")
    parser.add_argument("--servers", nargs="+", default=list(SERVERS))
    parser.add_argument("--workloads", nargs="+", default=list(ASKED))
    parser.add_argument("--out", help="instead of benchmarks/results/sockets.json")
    args = parser.parse_args()
    lab.prepare()
    lay_out(args.workloads)
    os.sched_setaffinity(0, {1})
    cells: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for number in range(args.rounds):
        for server in args.servers:
            for app in APPS:
                with serving(server, app) as connection:
                    for workload in args.workloads:
                        figure = asked(connection, app, workload, args.seconds)
                        row = cells.setdefault(server, {}).setdefault(workload, {})
                        row.setdefault(app, []).append(figure)
                        lab.say(f"round {number + 1} {server:9} {workload:10} {app:7} {figure['us']:9.1f} µs")
        lab.save("sockets", {**lab.describe(), "rounds": number + 1, "cells": cells}, args.out)


if __name__ == "__main__":
    main()
