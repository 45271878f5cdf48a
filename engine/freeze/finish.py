"""What an output has beside the answers of the site, and whether a host would answer with all of it as the site does:

    answers in the stage → rules of the host → compressed siblings → verify

All of that happens before publishing, so that what is not sound is never the output.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from engine.app.app import App
from engine.config import Config
from engine.errors import Fault, SiteError
from engine.freeze.checks.verify import verify
from engine.freeze.finishing import Finish, Finished, index_of
from engine.freeze.hosts.inventory import inventory, rest
from engine.freeze.hosts.manifest import FILE as MANIFEST
from engine.freeze.hosts.manifest import manifest
from engine.freeze.hosts.model import Deployment, Made
from engine.freeze.hosts.table import HOSTS
from engine.freeze.publish.compress import compress
from engine.freeze.publish.stage import Stage
from engine.loading import load

STRICT = "nginx"
"""The host that is compared with where none is named: one that follows the site in everything."""


def beside(app: App, open: Collection[str]) -> dict[str, str]:
    """What a hybrid site has beside its output, whatever its host: the list of what stays with the server."""
    return {MANIFEST: manifest(rest(app, open))}


def finish(
    config: Config, wanted: Finish, stage: Stage, output: Path, files: Mapping[str, str], *, hybrid: bool
) -> Finished:
    """Add to the stage what is wanted; `files` is what is in it. Raises `SiteError` where the disk does not take it."""
    every = dict(files)
    made, found = Made(), tuple[Fault, ...]()
    compared, host = 0, HOSTS[wanted.host or STRICT]
    if wanted.host or wanted.verify:
        app = _loaded(config)
        # Where rules are only compared they are those for the output as it is: nobody reads them later.
        site = inventory(app, files, **options_of(config, output, hybrid=hybrid, compressed=wanted.compress))
        made = made_for(wanted.host, site) if wanted.host else made
        for path, text in made.inside.items():
            every[path], _ = stage.write(path, [text.encode()])
        if wanted.verify:
            compared = len(site.outputs) + len(site.redirects) + len(site.dynamic)
            found = tuple(verify(app, site, stage.root, host))
        app.site.modules.close()
    if wanted.compress:
        every |= compress(stage, output, every, index_of(config, output))
    return Finished(every, made.beside, (*made.faults, *found), compared, host.title, tuple(made.notes))


def _loaded(config: Config) -> App:
    """The site, loaded once more: what it remembers of the freeze must not make it answer as it did then."""
    site, faults = load(config)
    if site is None:
        raise SiteError(faults)
    return App(site)


def made_for(name: str, site: Deployment) -> Made:
    """The files of a host, with the list of what stays with the server."""
    made = HOSTS[name].make(site)
    if site.hybrid:
        made.beside[MANIFEST] = manifest(site)
    return made


def options_of(config: Config, output: Path, *, hybrid: bool, compressed: bool) -> dict[str, object]:
    """The fields of a deployment that the settings say."""
    return {
        "hybrid": hybrid,
        "compressed": compressed,
        "root": config.deploy.path or str(output),
        "server": config.deploy.server,
    }
