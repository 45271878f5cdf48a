"""`engine host`: what a host needs beside the frozen files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.app.app import App
from engine.cli import console
from engine.config import Config, load_config
from engine.errors import EngineError, SiteError
from engine.freeze.finish import made_for
from engine.freeze.finishing import folder_beside, write_beside
from engine.freeze.hosts.inventory import inventory
from engine.freeze.hosts.model import Deployment
from engine.freeze.hosts.table import HOSTS
from engine.freeze.publish.write import amend, read_manifest
from engine.loading import load_site


@click.command("host")
@click.argument("name", type=click.Choice(list(HOSTS)))
@console.SITE
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="What was frozen.  [default: SITE/dist]"
)
@click.option(
    "-t", "--to", type=click.Path(path_type=Path), help="Where to write.  [default: SITE/deploy/NAME]"
)
@click.option("--hybrid", is_flag=True, default=None, help="The server answers what is not frozen.")
@click.option("--server", help="Where the host finds the server.  [default: deploy.server]")
@click.option("--root", help="Where the host finds the output.  [default: deploy.path, or where it is]")
@console.QUIET
def command(
    name: str,
    site: Path,
    output: Path | None,
    to: Path | None,
    hybrid: bool | None,
    server: str | None,
    root: str | None,
    quiet: bool,
) -> None:
    """Write what the host NAME needs for the frozen site: rules, headers, a configuration.

    Rules that the host reads from the output are written into it, all else to a directory of its own. What the host
    cannot do is a fault, and then nothing is written.
    """
    with console.site_faults(site):
        config = load_config(site)
        folder = (output or Path(config.root) / config.freeze.output).resolve()
        deployment = _deployment(
            site,
            config,
            folder,
            hybrid=config.freeze.hybrid if hybrid is None else hybrid,
            root=root or config.deploy.path or str(folder),
            server=server or config.deploy.server,
        )
        made = made_for(name, deployment)
        if made.faults:
            raise SiteError(made.faults)
        amend(folder, made.inside)
        target = to or folder_beside(config.root, name)
        for path in [*(folder / it for it in made.inside), *write_beside(target, made.beside)]:
            console.say(f"Wrote {path}", quiet=quiet)
        for note in made.notes:
            console.say(f"Note: {note}.", quiet=quiet)


def _deployment(site: Path, config: Config, folder: Path, **options: Any) -> Deployment:
    """What was frozen into `folder`. Raises `EngineError` where nothing was."""
    if not (files := read_manifest(folder)):
        raise EngineError(f"There is no frozen site in {folder}. Make it: engine freeze {site}")
    compressed = any(f"{file}.gz" in files for file in files)
    return inventory(App(load_site(config)), files, compressed=compressed, **options)
