"""`engine db`: the migrations of a site's database."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.ext.sql.migrations import Migrated

MESSAGE = click.Option(["-m", "--message"], default="", help="What changes, in a few words.")
EMPTY = click.Option(["--empty"], is_flag=True, help="Write a migration that does nothing yet.")
MINUS = {"ignore_unknown_options": True}  # so that -1 is a revision


def _to(default: str) -> click.Argument:
    return click.Argument(["revision"], default=default)


TABLE: tuple[tuple[str, str, list[click.Parameter]], ...] = (
    ("init", "Make the directory of the migrations.", []),
    ("migrate", "Write a migration for what the models have and the database has not.", [MESSAGE, EMPTY]),
    ("upgrade", "Do the migrations up to REVISION, all by default.", [_to("head")]),
    ("downgrade", "Undo those down to REVISION, the last by default; `base` is all.", [_to("-1")]),
    ("current", "Tell which migration was done last.", []),
    ("history", "List the migrations, the newest first.", []),
    ("stamp", "Note REVISION as the last one that was done, and do nothing.", [_to("head")]),
    ("merge", "Write a migration that joins two that follow the same one.", [MESSAGE]),
    ("check", "Fail where the models have what no migration makes.", []),
)
"""Each command has the name of its function in `migrations.py`, which takes what the parameters say."""


def group(database: Migrated) -> click.Group:
    """The commands for one database."""
    commands = {name: _command(database, name, says, params) for name, says, params in TABLE}
    return click.Group("db", commands, help="Change the tables of the database by migrations.")


def _command(database: Migrated, name: str, says: str, params: list[click.Parameter]) -> click.Command:
    def run(**given: Any) -> None:
        # Alembic is imported by who needs it: a server does not.
        function = getattr(importlib.import_module("engine.ext.sql.migrations"), name)
        for line in function(database, **given):
            click.echo(line)

    return click.Command(name, context_settings=MINUS, callback=run, params=list(params), help=says)
