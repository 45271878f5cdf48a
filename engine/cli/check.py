"""`engine check`: every fault, nothing written."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from engine.app.app import App
from engine.cli import console
from engine.config import load_config
from engine.errors import SiteError
from engine.freeze.freeze import FreezeOptions, freeze
from engine.loading import load


@click.command("check")
@console.SITE
@click.option("--hybrid", is_flag=True, help="Let pages link to what stays with the server.")
@console.DRAFTS
@console.QUIET
def command(site: Path, hybrid: bool, drafts: bool | None, quiet: bool) -> None:
    """Find every fault of the site: settings, files, routes, pages, links. Nothing is published."""
    with console.site_faults(site), tempfile.TemporaryDirectory() as nowhere:
        loaded, faults = load(load_config(site, drafts=drafts))
        if loaded is None:
            raise SiteError(faults)
        options = FreezeOptions(output=str(Path(nowhere) / "dist"), hybrid=hybrid)
        with console.progress("Checking", quiet=quiet) as progress:
            report = freeze(App(loaded), options, known=faults, progress=progress)
    if report.faults:
        console.fail(report.faults, site)
    console.say(f"{console.count(report.pages, 'file')} checked, no faults.", quiet=quiet)
    sys.exit(0)
