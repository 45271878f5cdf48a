"""`engine routes`: the route table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from engine.cli import console
from engine.config import load_config
from engine.site import Site, load_site


@click.command("routes")
@console.SITE
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@console.DRAFTS
def command(site: Path, as_json: bool, drafts: bool | None) -> None:
    """List the routes, in the order in which they are tried."""
    with console.site_faults(site):
        rows = _rows(load_site(load_config(site, drafts=drafts)))
    if as_json:
        console.print_json(rows)
        return
    widths = {key: max((len(row[key]) for row in rows), default=0) for key in ("route", "methods")}
    for row in rows:
        click.echo(
            f"{row['route']:<{widths['route']}}  {row['methods']:<{widths['methods']}}  {row['source']}"
        )


def _rows(site: Site) -> list[dict[str, Any]]:
    return [
        {"route": route.id, "methods": " ".join(site.views[route.id].methods), "source": route.source}
        for route in site.routes.routes
    ]
