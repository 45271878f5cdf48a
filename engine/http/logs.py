"""Log records that say which request they belong to, as lines or as JSON."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from engine.http.context import current
from engine.http.request import request_id

NOBODY = "-"


def quoted_path(path: str) -> str:
    """The path of an environ as the visitor may have sent it: a line break in it would forge a line."""
    return quote(path.encode("latin-1", "replace"), safe="/:@!$&'()*+,;=~")


class RequestFilter(logging.Filter):
    """Gives each record `request_id`, `method` and `path`: those of the request that is answered, else `-`."""

    def filter(self, record: logging.LogRecord) -> bool:
        context = current.get(None)
        environ = context.environ if context is not None else {}
        record.request_id = request_id(environ) if environ else NOBODY
        record.method = environ.get("REQUEST_METHOD", NOBODY)
        record.path = quoted_path(environ["PATH_INFO"]) if environ else NOBODY
        return True


class JSONFormatter(logging.Formatter):
    """One object a line: `time` (RFC 3339, UTC), `level`, `logger`, `message`, what `RequestFilter` adds, `exception`.

    What a record is given by `extra=` is in it too.
    """

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        values: dict[str, Any] = {
            "time": moment,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in _OF_EVERY},
        }
        if record.exc_info:
            values["exception"] = self.formatException(record.exc_info)
        return json.dumps(values, default=str, ensure_ascii=False)


_OF_EVERY = frozenset([*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"])
