"""`engine preview`: the frozen site, as a static host serves it."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli import console
from engine.cli.ports import PORT, listen_near, origin
from engine.config import load_config
from engine.dev.hosts import HostGuard, Hosts
from engine.dev.preview import StaticHost
from engine.dev.server import ServerOptions, run
from engine.errors import EngineError


@click.command("preview")
@console.SITE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="What to serve.  [default: SITE/dist]")
@PORT
@console.HOST
@console.OPEN
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each request.")
def command(
    site: Path,
    output: Path | None,
    port: int,
    host: str,
    open_browser: bool,
    verbose: bool,
) -> None:
    """Serve what `freeze` wrote, as a plain static host does."""
    with console.site_faults(site):
        config = load_config(site)
        folder = output or Path(config.root) / config.freeze.output
        if not folder.is_dir():
            raise EngineError(f"There is no frozen site in {folder}. Make it: engine freeze {site}")
        listener = listen_near(host, port)
        url = f"{origin(host, listener.getsockname()[1])}{config.base_path}/"
        app = HostGuard(
            StaticHost(str(folder.resolve()), config.base_path), Hosts(host, config.trusted_hosts)
        )
        console.say(f"Serving {folder} at {url} (Ctrl-C stops it).")
        run(app, ServerOptions(listener, host, url if open_browser else "", verbose))
