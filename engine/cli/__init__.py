"""The command `engine`: each module here parses one command, calls one function and prints."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from engine.cli.where import SITE, may_have_commands, site_of

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "new": "engine.cli.new",
    "dev": "engine.cli.dev",
    "serve": "engine.cli.serve",
    "freeze": "engine.cli.freeze",
    "why": "engine.cli.why",
    "host": "engine.cli.host",
    "preview": "engine.cli.preview",
    "deploy": "engine.cli.deploy",
    "routes": "engine.cli.routes",
    "check": "engine.cli.check",
    "config": "engine.cli.config",
    "shell": "engine.cli.shell",
    "completion": "engine.cli.completion",
}
ALIASES = {"build": "freeze", "run": "dev"}
SUMMARIES = {
    "new": "Make a new site in a directory.",
    "dev": "Serve the site for its author: reload, debugger, faults on the page.",
    "serve": "Serve the site for its visitors.",
    "freeze": "Write the site as static files (also: build).",
    "why": "Say why the last freeze made a page, and whether a freeze now would.",
    "host": "Write what a host needs for the frozen site: nginx, netlify, ….",
    "preview": "Serve what `freeze` wrote, as a static host does.",
    "deploy": "Send what `freeze` wrote to where visitors get it: S3, rsync, a git branch.",
    "routes": "List the routes, in the order in which they are tried.",
    "check": "Find every fault of the site without writing anything.",
    "config": "List every setting, where it comes from, and its value.",
    "shell": "Run Python in the context of the site.",
    "completion": "Print what makes bash, zsh or fish complete a command line.",
}


class _Commands(click.Group):
    """Imports a command when it is run, so that `engine --help` does not wait for what it does not need."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return self._command_of_site(ctx, name)
        gc.disable()  # no import leaves garbage, and looking for it takes a tenth of the time
        try:
            command: click.Command = importlib.import_module(COMMANDS[name]).command
        finally:
            gc.enable()
        return command

    def _command_of_site(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command that the site adds; while a line is completed, one that only tells its options."""
        site = site_of(ctx)
        if not may_have_commands(site):
            return None
        own = importlib.import_module("engine.cli.own")
        found: click.Command | None
        found = own.known(site).get(name) if ctx.resilient_parsing else own.command_of(ctx, site, name)
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            name, command, rest = super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # noqa: PLC0415  nobody waits for it who needs none

            site = site_of(ctx)
            if ctx.params.get("site") and not (site / "pages").is_dir():
                raise click.UsageError(f"{error.message} {site} is no site: it has no pages/.", ctx) from None
            own = importlib.import_module("engine.cli.own").known(site) if may_have_commands(site) else ()
            if not (near := get_close_matches(args[0], [*COMMANDS, *ALIASES, *own], 1)):
                raise
            raise click.UsageError(f"{error.message} Did you mean {near[0]!r}?", ctx) from None
        return command.name if command else name, command, rest

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))
        if may_have_commands(site := site_of(ctx)):
            importlib.import_module("engine.cli.own").write_commands(site, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem  # noqa: PLC0415  only a shell needs it

        names = dict(SUMMARIES)
        if may_have_commands(site := site_of(ctx)):
            known = importlib.import_module("engine.cli.own").known(site)
            names |= {name: it.get_short_help_str() for name, it in known.items() if not it.hidden}
        found = [
            CompletionItem(name, help=text) for name, text in names.items() if name.startswith(incomplete)
        ]
        return found or click.Command.shell_complete(self, ctx, incomplete)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(None, "-V", "--version", package_name="pages-engine", prog_name="engine")
@click.option(
    "--site",
    metavar="DIR",
    envvar=SITE,
    is_eager=True,
    help="The site, where a command names none; its own commands are known too.  [env: ENGINE_SITE]",
)
def cli(site: str | None) -> None:
    """A site is a directory of files: route it, serve it, freeze it."""


def main(args: list[str] | None = None) -> None:
    """Run the command line. Exit codes: 0 done, 1 the site is at fault, 2 wrong usage, 130 interrupted."""
    settings: dict[str, Any] = {"color": False} if os.environ.get("NO_COLOR") else {}
    try:
        cli.main(args, prog_name="engine", **settings)
    except KeyboardInterrupt:
        sys.exit(130)
