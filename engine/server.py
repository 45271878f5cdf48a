"""The site behind a production server. The only import of granian, which the extra `serve` installs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from engine.app.app import App
from engine.errors import EngineError

MISSING = '`engine serve` needs granian. Install it: pip install "pages-engine[serve]"'


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """`workers` are processes, each with `threads` threads. `grace` is in seconds: running requests get as long
    to end when the server is stopped."""

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 4
    access_log: bool = True
    grace: int = 30


class AccessFormatter(logging.Formatter):
    """One line for each request, in the Common Log Format with the milliseconds that the answer took.

    The path is quoted again: granian hands it on decoded, and a line break in it would forge a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        args = record.args
        assert isinstance(args, Mapping)
        path = quote(str(args["path"]).encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")
        query = f"?{args['query_string']}" if args["query_string"] else ""
        when = time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(record.created))
        asked = f"{args['method']} {path}{query} {args['protocol']}"
        return f'{args["addr"]} - - [{when}] "{asked}" {args["status"]} - {args["dt_ms"]:.1f}ms'


def _logger(handler: str, level: str) -> dict[str, Any]:
    return {"handlers": [handler], "level": level, "propagate": False}


# The access log is the server's result and goes to stdout, everything else to stderr.
LOGGING: dict[str, Any] = {
    "formatters": {
        "line": {"format": "%(levelname)s %(message)s"},
        "access": {"()": "engine.server.AccessFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"},
        "stdout": {"class": "logging.StreamHandler", "formatter": "access", "stream": "ext://sys.stdout"},
    },
    "loggers": {
        "_granian": _logger("stderr", "WARNING"),
        "granian.access": _logger("stdout", "INFO"),
        "engine": _logger("stderr", "WARNING"),
    },
}


def require() -> None:
    """Raises `EngineError` where granian is not installed."""
    try:
        import granian.server  # noqa: F401, PLC0415
    except ImportError:
        raise EngineError(MISSING) from None


def serve(load: Callable[[], App], options: ServerOptions, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT: then no request is taken, and those that run are answered.

    Each worker calls `load`, which must be picklable: a site that opened connections in the parent must not
    share them among processes. `ready` is called once the signals are in place. A worker that dies is replaced.
    """
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    server = Server(
        "engine.wsgi:app",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
        log_access=options.access_log,
        respawn_failed_workers=True,
        workers_kill_timeout=options.grace,
    )
    server.on_startup(ready)
    server.serve(target_loader=load, wrap_loader=False)
