"""Opens the sockets that the servers listen at, and says in words why one cannot be opened."""

from __future__ import annotations

import errno
import os
import socket

import click
from click.core import ParameterSource

from engine.cli import console
from engine.errors import EngineError

PORT = click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default="8000, or the next that is free",
    help="The port to listen at; 0 for any free one.",
)

TRIES = 20
"""Ports that are tried one after the other, where nobody asked for a certain one."""


class CannotListen(EngineError):
    """Nobody can listen at this address."""


class PortBusy(CannotListen):
    """Another program listens at this port."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at `port` of `host`; 0 stands for any free port. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # `create_server` lets a port be taken again at once after a restart, but never shared.
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortBusy(
                f"Port {port} is busy: another program listens at it. Choose another with --port."
            ) from None
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)
        raise CannotListen(f"Cannot listen at {host}, port {port}: {reason}.") from None


def listen_near(host: str, port: int) -> socket.socket:
    """A socket at the port of the option `PORT`: the one that was asked for; without a wish, the first free one
    from the default on. Raises `CannotListen`."""
    if click.get_current_context().get_parameter_source("port") is not ParameterSource.DEFAULT:
        return listen(host, port)
    for candidate in range(port, port + TRIES):
        try:
            listener = listen(host, candidate)
        except PortBusy:
            continue
        if candidate != port:
            console.say(f"Port {port} is busy; port {candidate} is free.")
        return listener
    raise PortBusy(f"The ports {port} to {port + TRIES - 1} are all busy. Choose one with --port.")


def origin(host: str, port: int) -> str:
    """`http://host:port`, as a browser on this machine would write it."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"
