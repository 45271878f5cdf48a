"""The commands that a site adds to those of the engine: in `setup(app)` of its `app.py`, or by its extensions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from engine.app.app import App
from engine.cli import console
from engine.config import load_config
from engine.errors import SiteError
from engine.extensions.setup import registry_of
from engine.loading import load


def commands_of(site: Path) -> Mapping[str, click.Command]:
    """The commands of a site by name, for who wants to know of them: they cannot be run. Raises `SiteError`."""
    return registry_of(load_config(site)).commands


def known(site: Path) -> Mapping[str, click.Command]:
    """The same while a line is completed, when nobody wants to hear of faults."""
    try:
        return commands_of(site)
    except SiteError:
        return {}


def write_commands(site: Path, formatter: click.HelpFormatter) -> None:
    """Write the commands of a site into the help of the engine, or why they are not known."""
    try:
        shown = {name: it for name, it in commands_of(site).items() if not it.hidden}
    except SiteError as error:
        with formatter.section("Site commands"):
            formatter.write_text(f"They are not known: {error.faults[0]}")
        return
    if shown:
        with formatter.section("Site commands"):
            formatter.write_dl([(name, it.get_short_help_str(formatter.width)) for name, it in shown.items()])


def command_of(ctx: click.Context, site: Path, name: str) -> click.Command | None:
    """A command of a site, which runs in the context of its app; `None` where the site has none of that name.

    A site with faults runs none: they are printed, and the process ends.
    """
    try:
        loaded, faults = load(load_config(site))
    except SiteError as error:
        loaded, faults = None, error.faults
    if loaded is not None and name not in loaded.commands and not faults:
        return None
    if loaded is None or faults:
        console.say(
            f"`{name}` is no command of the engine, and the site is at fault, so that it runs none of its own."
        )
        console.fail(faults, site)
    ctx.call_on_close(loaded.modules.close)
    ctx.with_resource(console.site_faults(site))
    ctx.with_resource(App(loaded).context())
    return loaded.commands[name]
