"""The site behind a production server. The only import of granian, which the extra `serve` installs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.app.headers import LimitedHeaders
from engine.config import LoggingConfig
from engine.errors import EngineError
from engine.http.logs import JSONFormatter, quoted_path

MISSING = '`engine serve` needs granian. Install it: pip install "pages-engine[serve]"'


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """`workers` are processes, each with `threads` threads. `grace` is in seconds: running requests get as long
    to end when the server is stopped. `headers` is how many bytes those of one request may have for the site to hear
    of it, the first line with them.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 4
    access_log: bool = True
    grace: int = 30
    headers: int = 65_536
    logging: LoggingConfig = field(default_factory=LoggingConfig)


class AccessFormatter(logging.Formatter):
    """One line for each request, in the Common Log Format with the milliseconds that the answer took.

    The path is quoted again: granian hands it on decoded, and a line break in it would forge a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        args = record.args
        assert isinstance(args, Mapping)
        query = f"?{args['query_string']}" if args["query_string"] else ""
        when = time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(record.created))
        asked = f"{args['method']} {quoted_path(str(args['path']))}{query} {args['protocol']}"
        return f'{args["addr"]} - - [{when}] "{asked}" {args["status"]} - {args["dt_ms"]:.1f}ms'


class JSONAccessFormatter(JSONFormatter):
    """The same as a JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        args = record.args
        assert isinstance(args, Mapping)
        said = {
            "address": args["addr"],
            "method": args["method"],
            "path": quoted_path(str(args["path"])),
            "query": args["query_string"],
            "status": args["status"],
            "milliseconds": float(f"{args['dt_ms']:.1f}"),
        }
        known = {"name": record.name, "levelname": record.levelname, "created": record.created}
        return super().format(logging.makeLogRecord({**known, "msg": "request", **said}))


def logging_config(logs: LoggingConfig) -> dict[str, Any]:
    """The configuration for `logging.config.dictConfig`.

    The access log is the server's result and goes to stdout, everything else to stderr. What the site's own loggers
    say is written as what the engine says.
    """
    of_server = {"handlers": ["stderr"], "level": "WARNING", "propagate": False}
    of_access = {"handlers": ["stdout"], "level": "INFO", "propagate": False}
    return {
        "filters": {"request": {"()": "engine.http.logs.RequestFilter"}},
        "formatters": FORMATTERS[logs.format],
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["request"],
                "stream": "ext://sys.stderr",
            },
            "stdout": {"class": "logging.StreamHandler", "formatter": "access", "stream": "ext://sys.stdout"},
        },
        "loggers": {"_granian": of_server, "granian.access": of_access},
        "root": {"handlers": ["stderr"], "level": logs.level},
    }


FORMATTERS: Mapping[str, Mapping[str, Any]] = {
    "text": {
        "line": {"format": "%(levelname)s [%(request_id)s] %(message)s"},
        "access": {"()": "engine.server.AccessFormatter"},
    },
    "json": {
        "line": {"()": "engine.http.logs.JSONFormatter"},
        "access": {"()": "engine.server.JSONAccessFormatter"},
    },
}
"""How the lines of each `logging.format` are written."""

HEARD = 400_000
"""Bytes of headers that the server reads at least, so that a site can say that they are too many."""


def require() -> None:
    """Raises `EngineError` where granian is not installed."""
    try:
        import granian.server  # noqa: F401, PLC0415
    except ImportError:
        raise EngineError(MISSING) from None


def serve(load: Callable[[], LimitedHeaders], options: ServerOptions, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT: then no request is taken, and those that run are answered.

    Each worker calls `load`, which must be picklable: a site that opened connections in the parent must not
    share them among processes. `ready` is called once the signals are in place. A worker that dies is replaced.
    """
    from granian.constants import Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings, HTTP2Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415
    from granian.server import Server  # noqa: PLC0415

    heard = max(HEARD, 2 * options.headers)
    server = Server(
        "engine.wsgi:app",
        address=options.host,
        port=options.port,
        interface=Interfaces.WSGI,
        workers=options.workers,
        blocking_threads=options.threads,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=logging_config(options.logging),
        log_access=options.access_log,
        respawn_failed_workers=True,
        workers_kill_timeout=options.grace,
        http1_settings=HTTP1Settings(max_buffer_size=heard),
        http2_settings=HTTP2Settings(max_headers_size=heard),
    )
    server.on_startup(ready)
    server.serve(target_loader=load, wrap_loader=False)
