"""`engine routes`: the route table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from engine import outside
from engine.app.app import App
from engine.cli import console
from engine.config import load_config
from engine.freeze.checks.verdict import Verdict, verdicts
from engine.loading import load_site
from engine.site import Site


@click.command("routes")
@console.SITE
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
@click.option(
    "--verdict", "judged", is_flag=True, help="Ask one page of each: is it static, and why or why not?"
)
@console.DRAFTS
def command(site: Path, as_json: bool, judged: bool, drafts: bool | None) -> None:
    """List the routes, in the order in which they are tried."""
    if judged:
        outside.watch()
    with console.site_faults(site):
        loaded = load_site(load_config(site, drafts=drafts))
        rows = _rows(loaded, verdicts(App(loaded)) if judged else {})
    if as_json:
        console.print_json(rows)
        return
    for line in console.aligned([list(row.values()) for row in rows]):
        click.echo(line)


def _rows(site: Site, judged: Mapping[str, Verdict]) -> list[dict[str, str]]:
    return [
        {
            "route": route.id,
            "methods": " ".join(site.views[route.id].methods),
            "source": route.source,
            **(judged[route.id]._asdict() if judged else {}),
        }
        for route in site.routes.routes
    ]
