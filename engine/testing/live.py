"""An app behind a real server, in a thread of the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from engine.app.app import App


@dataclass(frozen=True)
class LiveServer:
    """`url` is where the site begins, without a last slash; `app` what answers there."""

    url: str
    app: App


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: a test says what it asked."""


@contextmanager
def serving(app: App) -> Iterator[LiveServer]:
    """Serve `app` on a free port of this machine until the end of the block."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="live-server", daemon=True)
    thread.start()
    try:
        yield LiveServer(f"http://127.0.0.1:{server.server_port}{app.config.base_path}", app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
