"""`engine host`: what a host needs beside the frozen files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from engine.app.app import App
from engine.cli import console
from engine.config import Config, load_config
from engine.errors import EngineError, SiteError
from engine.freeze.compress import compress
from engine.freeze.hosts.inventory import inventory
from engine.freeze.hosts.manifest import manifest
from engine.freeze.hosts.model import Deployment, Made
from engine.freeze.hosts.table import HOSTS
from engine.freeze.write import read_manifest
from engine.site import load_site


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
@click.option(
    "--server", default="127.0.0.1:8000", show_default=True, help="Where the host finds the server."
)
@click.option("--root", help="Where the host finds the output.  [default: where it is]")
@click.option("--compress", "compressed", is_flag=True, help="Write compressed files beside the frozen ones.")
@console.QUIET
def command(
    name: str,
    site: Path,
    output: Path | None,
    to: Path | None,
    hybrid: bool | None,
    server: str,
    root: str | None,
    compressed: bool,
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
            compressed=compressed,
            root=root or str(folder),
            server=server,
        )
        made = _made(name, deployment)
        if compressed:
            compress(folder, read_manifest(folder))
        target = to or Path(config.root) / "deploy" / name
        for path in [*_written(folder, made.inside), *_written(target, made.beside)]:
            console.say(f"Wrote {path}", quiet=quiet)


def _deployment(site: Path, config: Config, folder: Path, **options: Any) -> Deployment:
    """What was frozen into `folder`. Raises `EngineError` where nothing was."""
    if not (files := read_manifest(folder)):
        raise EngineError(f"There is no frozen site in {folder}. Make it: engine freeze {site}")
    return inventory(App(load_site(config)), files, **options)


def _made(name: str, deployment: Deployment) -> Made:
    """The files of a host. Raises `SiteError` with what it cannot do."""
    made = HOSTS[name].make(deployment)
    if made.faults:
        raise SiteError(made.faults)
    if deployment.hybrid:
        made.beside["dynamic.json"] = manifest(deployment)
    return made


def _written(folder: Path, texts: dict[str, str]) -> Iterator[Path]:
    for name, text in texts.items():
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / name
        file.unlink(missing_ok=True)  # it may be linked to the file of an older output
        file.write_text(text, "utf-8", newline="\n")
        yield file
