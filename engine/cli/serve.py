"""`engine serve`: the site for its visitors."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import click

from engine.app.app import App, create_app
from engine.app.headers import LimitedHeaders
from engine.app.keys import require_key
from engine.cli import console
from engine.cli.ports import listen, origin
from engine.errors import SiteError
from engine.server import ServerOptions, require, serve


@dataclass(frozen=True)
class Load:
    """Loads the site; a worker calls it, maybe in a new process."""

    site: Path
    drafts: bool | None

    def __call__(self) -> App:
        """The application. Raises `SiteError`."""
        app = create_app(self.site, drafts=self.drafts)
        require_key(app.site)
        return app

    def in_worker(self) -> LimitedHeaders:
        """The application, or the faults printed and the process ended: the site was changed since it was checked."""
        try:
            return LimitedHeaders(self())
        except SiteError as error:
            console.fail(error.faults, self.site)


@click.command("serve")
@console.SITE
@click.option(
    "-p",
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    envvar="PORT",
    show_default=True,
    help="The port to listen at; 0 for any free one.  [env: PORT]",
)
@console.HOST
@click.option(
    "-w", "--workers", type=click.IntRange(1), default=1, show_default=True, help="The number of processes."
)
@click.option(
    "--threads", type=click.IntRange(1), default=4, show_default=True, help="Threads of each process."
)
@click.option(
    "--access-log/--no-access-log", default=True, show_default=True, help="A line for each request."
)
@click.option(
    "--grace",
    type=click.IntRange(1),
    default=30,
    show_default=True,
    help="Seconds that running requests get to end.",
)
@console.DRAFTS
def command(
    site: Path,
    port: int,
    host: str,
    workers: int,
    threads: int,
    access_log: bool,
    grace: int,
    drafts: bool | None,
) -> None:
    """Serve the site for its visitors, by granian. SIGTERM lets the running requests end."""
    load = Load(site, drafts)
    with console.site_faults(site):
        require()
        port = _free(host, port)
        app = load()  # every fault is told here, before a worker starts
        app.site.modules.close()
        limit, logs = app.config.limits.headers, app.config.logging
        options = ServerOptions(host, port, workers, threads, access_log, grace, limit, logs)
        serve(load.in_worker, options, lambda: _ready(site, options))


def _free(host: str, port: int) -> int:
    """The port, once seen to be free: granian's workers share theirs, and would with a stranger's too."""
    with listen(host, port) as probe:
        number: int = probe.getsockname()[1]
        return number


def _ready(site: Path, options: ServerOptions) -> None:
    workers, threads = console.count(options.workers, "worker"), console.count(options.threads, "thread")
    each = f" of {threads}" if options.workers == 1 else f" of {threads} each"
    where = origin(options.host, options.port)
    console.say(f"Serving {site.resolve().name} at {where}: {workers}{each}, process {os.getpid()}.")
