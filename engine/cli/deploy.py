"""`engine deploy`: the frozen site, sent to where visitors get it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import click

from engine.app.app import App
from engine.cli import console
from engine.config import Config, load_config
from engine.errors import EngineError
from engine.freeze.deploy.bucket import KEPT
from engine.freeze.deploy.cloudfront import CloudFront, addresses_of
from engine.freeze.deploy.deploy import Deployed, Forget, Place, deploy
from engine.freeze.deploy.output import files_of
from engine.freeze.deploy.places import FORMS, open_place
from engine.freeze.hosts.inventory import inventory
from engine.freeze.hosts.model import Header
from engine.freeze.publish.write import locked, read_manifest
from engine.loading import load_site


@click.command("deploy")
@console.SITE
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="What was frozen.  [default: SITE/dist]"
)
@click.option("-t", "--to", help=f"Where to: {FORMS}.  [default: deploy.to of the settings]")
@click.option("-n", "--dry-run", "dry", is_flag=True, help="Print what would happen, and do nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@console.QUIET
def command(site: Path, output: Path | None, to: str | None, dry: bool, as_json: bool, quiet: bool) -> None:
    """Send what `freeze` wrote to a bucket, a directory or a branch.

    Only what differs is sent: assets first, then the pages that lead to them. At last those files are removed that an
    earlier deploy sent and that are gone. Files of others stay.
    """
    with console.site_faults(site):
        config = load_config(site)
        folder = (output or Path(config.root) / config.freeze.output).resolve()
        place = open_place(to or config.deploy.to, folder, Path(config.root))
        forget = _forget(config, place) if config.deploy.cloudfront else _nothing
        with locked(folder):
            files = files_of(folder, _headers(config, folder) if place.keeps_headers else {})
            with console.progress("Deploying", quiet=quiet or as_json) as progress:
                deployed = deploy(place, files, dry=dry, progress=progress, forget=forget)
    _print(deployed, place.title, _stale(config, deployed), dry=dry, as_json=as_json, quiet=quiet)


def _nothing(paths: Collection[str]) -> None:
    """Nobody keeps copies."""


def _forget(config: Config, place: Place) -> Forget:
    """Tells CloudFront which addresses are others now. Raises `EngineError` where it stands before no such place."""
    if not place.keeps_headers:
        what = f"`deploy.cloudfront` is for a bucket, and {place.title} is none. Deploy to s3://BUCKET/PREFIX, or"
        raise EngineError(f"{what} remove the setting.")
    distribution = CloudFront(config.deploy.cloudfront)
    return lambda paths: distribution.forget(addresses_of(paths, config.base_path, config.slash))


def _stale(config: Config, deployed: Deployed) -> list[str]:
    """The addresses that a deploy made others, for the distribution of the settings."""
    paths = [*deployed.sent, *deployed.removed]
    return addresses_of(paths, config.base_path, config.slash) if config.deploy.cloudfront else []


def _headers(config: Config, folder: Path) -> Mapping[str, tuple[Header, ...]]:
    """The type and the declared headers of each frozen file, as the site sends them."""
    site = inventory(App(load_site(config)), read_manifest(folder))
    return {
        it.file: (("Content-Type", it.content_type), *((n, v) for n, v in it.headers if n in KEPT))
        for it in site.outputs
    }


def _print(
    deployed: Deployed, title: str, stale: list[str], *, dry: bool, as_json: bool, quiet: bool
) -> None:
    if as_json:
        console.print_json({"to": title, "dry_run": dry, **deployed._asdict(), "invalidated": stale})
        return
    if dry:
        for path in deployed.sent:
            click.echo(f"send   {path}")
        for path in deployed.removed:
            click.echo(f"remove {path}")
        for address in stale:
            click.echo(f"forget {address}")
    counts = f"{len(deployed.sent):,} sent, {len(deployed.unchanged):,} unchanged, {len(deployed.removed):,} removed"
    said = f"This would deploy to {title}: {counts}." if dry else f"Deployed to {title}: {counts}."
    console.say(said, quiet=quiet)
    if stale and not dry:
        console.say(f"CloudFront forgets {console.count(len(stale), 'address', 'addresses')}.", quiet=quiet)
