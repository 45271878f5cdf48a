"""The server of `engine dev` and `engine preview`: Werkzeug's threaded one, for one person on this machine."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.debug import DebuggedApplication
from werkzeug.serving import WSGIRequestHandler, make_server

from engine.config import Config
from engine.dev.events import Channel, Events
from engine.dev.fingerprints import Fingerprints
from engine.dev.hosts import HostGuard, Hosts, is_loopback
from engine.dev.inject import Injector
from engine.dev.live import Live, News, without_bytecode
from engine.dev.overlay import STATUS, Overlay
from engine.dev.watch import Watcher

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("engine")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """`host` is what `listener` listens at; `url` is opened in a browser, if any is given."""

    listener: socket.socket
    host: str
    url: str = ""
    verbose: bool = False


def develop(
    config: Callable[[], Config],
    watched: Config,
    options: ServerOptions,
    *,
    debugger: bool | None,
    announce: Callable[[News], None],
) -> None:
    """Serve the site that `config` describes until SIGINT or SIGTERM, and load it again after each change.

    `watched` are the settings that say which files to watch and which hosts to answer for. The debugger runs
    code for who knows its PIN: unless `debugger` says otherwise it is there on loopback only. `announce` is
    called after each load, the first included.
    """
    without_bytecode()
    fingerprints = Fingerprints(watched)
    fingerprints.begin()  # what changes while the site is loaded must be seen later
    live, channel = Live(config), Channel()

    def changed(paths: frozenset[str]) -> None:
        news = live.reload(paths)
        channel.publish(news.kind)
        announce(news)

    announce(live.reload())
    Watcher(watched.root, fingerprints, changed).start()
    if debugger is None:
        debugger = is_loopback(options.host)
    hosts = Hosts(options.host, watched.trusted_hosts)
    run(stack(live, channel, hosts, watched.root, debugger=debugger), options)


def stack(live: Live, channel: Channel, hosts: Hosts, root: str, *, debugger: bool) -> WSGIApplication:
    """The site with all that stands around it while it is developed, the innermost first."""
    app: WSGIApplication = Overlay(live, live, root)
    app = _Debugger(app) if debugger else Discreet(app)
    app = Injector(app, lambda: channel.tag)
    return HostGuard(Events(app, channel), hosts)


class _Debugger(DebuggedApplication):
    """Werkzeug's debugger, which leaves the judgement of hosts to `HostGuard`: its own knows no IPv6 address."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__(app, evalex=True)
        self.console_path = None  # type: ignore[assignment]  # `/console` may be a page of the site

    def check_host_trust(self, environ: WSGIEnvironment) -> bool:
        return True


class Discreet:
    """Tells what `app` raises to the terminal and not to the visitor, who may be anybody in the network."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._app(environ, start_response)
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            page = (
                b"<!doctype html>\n<title>500</title>\n<p>This page failed. The terminal shows where.</p>\n"
            )
            start_response(
                STATUS, [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
            )
            return [page]


class _Handler(WSGIRequestHandler):
    """Werkzeug's handler, which says nothing of what went well."""

    disable_nagle_algorithm = (
        True  # an event is several small writes, the second of which would wait for an ACK
    )
    verbose = False

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        number = int(code) if not isinstance(code, str) or code.isdecimal() else 0
        if self.verbose or number >= HTTPStatus.INTERNAL_SERVER_ERROR:
            line = self.requestline.encode(
                "unicode_escape"
            ).decode()  # it may hold what moves a terminal's cursor
            self.log("info", '"%s" %s', line, number or code)

    def log_error(self, format: str, *args: Any) -> None:
        if self.verbose:  # a malformed request, which was answered 400
            super().log_error(format, *args)


def run(app: WSGIApplication, options: ServerOptions) -> None:
    """Serve `app` until SIGINT or SIGTERM."""
    handler = type("Handler", (_Handler,), {"verbose": options.verbose, "protocol_version": "HTTP/1.1"})
    port = options.listener.getsockname()[1]
    server = make_server(
        options.host, port, app, threaded=True, request_handler=handler, fd=options.listener.fileno()
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who asks a server to stop gets no failure
    if options.url:
        # A browser in a terminal holds its caller up, and would wait for a server that waits for it.
        threading.Thread(target=webbrowser.open, args=(options.url,), daemon=True).start()
    server.serve_forever()
