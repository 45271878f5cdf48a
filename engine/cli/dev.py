"""`engine dev`: the site for its author."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from engine.cli import console
from engine.cli.ports import PORT, listen_near, origin
from engine.dev.live import News
from engine.dev.server import ServerOptions, develop
from engine.dev.settings import dev_config, watched_config
from engine.dev.variables import Variables


@click.command("dev")
@console.SITE
@PORT
@console.HOST
@console.OPEN
@console.DRAFTS
@click.option(
    "--debugger/--no-debugger", default=None, help="Run code in a page that failed.  [default: on loopback]"
)
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each request.")
def command(
    site: Path,
    port: int,
    host: str,
    open_browser: bool,
    drafts: bool | None,
    debugger: bool | None,
    verbose: bool,
) -> None:
    """Serve the site for its author.

    Every change of a file is loaded at once and shown in the browser, faults too.
    """
    with console.site_faults(site):
        variables = Variables(site)
        watched = watched_config(site, variables)
        listener = listen_near(host, port)
        here = origin(host, listener.getsockname()[1])
        url = f"{here}{watched.base_path}/"
        develop(
            lambda: dev_config(watched.root, here, variables=variables, drafts=drafts),
            watched,
            ServerOptions(listener, host, url if open_browser else "", verbose),
            debugger=debugger,
            announce=Announcer(site, watched.name, url),
        )


@dataclass(slots=True)
class Announcer:
    """Says in the terminal what each load brought, and after the first where the site is."""

    site: Path
    name: str
    url: str
    ready: bool = False

    def __call__(self, news: News) -> None:
        console.print_faults(news.faults, self.site)
        if news.faults:
            console.say(console.count(len(news.faults), "fault") + ".")
        if not self.ready:
            console.say(f"Serving {self.name} at {self.url} (Ctrl-C stops it).")
        elif not news.faults:
            console.say(f"{_some(sorted(news.paths))} changed; loaded in {news.seconds * 1000:.0f} ms.")
        self.ready = True


def _some(paths: list[str]) -> str:
    if not paths:
        return "The site"
    more = len(paths) - 1
    return paths[0] if not more else f"{paths[0]} and {console.count(more, 'other')}"
