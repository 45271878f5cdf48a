"""`engine preview`: the frozen site, as a static host serves it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.app.app import App
from engine.cli import console
from engine.cli.ports import PORT, listen_near, origin
from engine.config import Config, load_config
from engine.dev.hosts import HostGuard, Hosts
from engine.dev.preview import StaticHost
from engine.dev.server import ServerOptions, run
from engine.errors import EngineError
from engine.freeze.finish import options_of
from engine.freeze.hosts.emulator import Emulator
from engine.freeze.hosts.inventory import inventory
from engine.freeze.hosts.table import EMULATED, HOSTS
from engine.freeze.publish.write import read_manifest
from engine.loading import load_site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@click.command("preview")
@console.SITE
@click.option("-o", "--output", type=click.Path(path_type=Path), help="What to serve.  [default: SITE/dist]")
@click.option("--host-profile", type=click.Choice(EMULATED), help="Answer as this host would, by its rules.")
@PORT
@console.HOST
@console.OPEN
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each request.")
def command(
    site: Path,
    output: Path | None,
    host_profile: str | None,
    port: int,
    host: str,
    open_browser: bool,
    verbose: bool,
) -> None:
    """Serve what `freeze` wrote, as a plain static host does."""
    with console.site_faults(site):
        config = load_config(site)
        folder = (output or Path(config.root) / config.freeze.output).resolve()
        if not folder.is_dir():
            raise EngineError(f"There is no frozen site in {folder}. Make it: engine freeze {site}")
        answering = _emulator(config, folder, host_profile, site) if host_profile else None
        listener = listen_near(host, port)
        url = f"{origin(host, listener.getsockname()[1])}{config.base_path}/"
        app = HostGuard(
            answering or StaticHost(str(folder), config.base_path), Hosts(host, config.trusted_hosts)
        )
        like = f" as {HOSTS[host_profile].title} does" if host_profile else ""
        console.say(f"Serving {folder}{like} at {url} (Ctrl-C stops it).")
        run(app, ServerOptions(listener, host, url if open_browser else "", verbose))


def _emulator(config: Config, folder: Path, name: str, site: Path) -> WSGIApplication:
    """The host by its rules, and the site itself behind it where it is hybrid. What the host cannot do is said."""
    app, host = App(load_site(config)), HOSTS[name]
    options = options_of(config, folder, hybrid=config.freeze.hybrid, compressed=False)
    deployment = inventory(app, read_manifest(folder), **options)
    made = host.make(deployment)
    console.print_faults(made.faults, site)
    return Emulator(folder, host.behaviour, host.read({**made.beside, **made.inside}), deployment, app)
