"""`engine why`: why the last freeze made a page, and what a freeze now would do."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from engine import outside
from engine.cli import console
from engine.config import load_config
from engine.freeze.incremental.reasons import Reasons, noun, sentence
from engine.freeze.incremental.why import Explanation, explain
from engine.loading import load_site


@click.command("why")
@click.argument("url")
@console.SITE
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="What was frozen.  [default: SITE/dist]"
)
@click.option("-b", "--base-url", help="The address that it was frozen for.")
@click.option("-a", "--all", "everything", is_flag=True, help="List all that the page depends on.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@console.DRAFTS
def command(
    url: str,
    site: Path,
    output: Path | None,
    base_url: str | None,
    everything: bool,
    as_json: bool,
    drafts: bool | None,
) -> None:
    """Say why the last freeze made the page at URL, and whether a freeze now would make it again."""
    outside.watch()
    with console.site_faults(site):
        config = load_config(site, base_url=base_url, drafts=drafts)
        folder = output or Path(config.root) / config.freeze.output
        found = explain(load_site(config), str(folder), url)
    if found is None:
        console.say(
            f"The last freeze into {folder} wrote down no page {url}. `engine routes` lists what there is."
        )
        sys.exit(1)
    if as_json:
        console.print_json(_fields(found))
    else:
        _print(found, everything=everything)


def _print(found: Explanation, *, everything: bool) -> None:
    click.echo(f"{found.target.url} from {found.target.source}")
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(found.made.when))
    click.echo(f"It was made on {when}:")
    _list(found.made.why)
    if found.now:
        click.echo("A freeze now would make it again:")
        _list(found.now)
    else:
        click.echo("A freeze now would keep it.")
    if everything:
        click.echo("It depends on:")
        for dependency in found.dependencies:
            click.echo(f"  {noun(dependency)}")
    else:
        click.echo(f"It depends on {len(found.dependencies):,} things. --all lists them.")


def _list(reasons: Reasons) -> None:
    for reason in reasons:
        click.echo(f"  {sentence(reason)}")


def _fields(found: Explanation) -> dict[str, object]:
    return {
        "url": found.target.url,
        "source": found.target.source,
        "output": found.target.output,
        "made": found.made.when,
        "because": [sentence(reason) for reason in found.made.why],
        "now": [sentence(reason) for reason in found.now],
        "depends": [noun(dependency) for dependency in found.dependencies],
    }
