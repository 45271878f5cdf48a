"""`engine config`: every setting, where it comes from, and its value."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import click

from engine.cli import console
from engine.config import DEV, PRODUCTION, SETTINGS, Config, load_config
from engine.content.schema import is_record, values_of
from engine.dev.variables import FILE as DOTENV
from engine.dev.variables import Variables
from engine.errors import SiteError
from engine.extensions.setup import registry_of
from engine.freeze.secrets import secrets_of
from engine.settings.origins import Origin
from engine.settings.record import SECRET, is_secret

HIDDEN = "(set, hidden)"
LOGIN = re.compile(
    rf"://[^/@\s]*:[^/@\s]+@|[?&;][^=&;\s]*(?:{SECRET.pattern})[^=&;\s]*=[^&;\s\"]", re.IGNORECASE
)
"""A password in an address: beside a name, or in its query."""


class Row(NamedTuple):
    """One setting as it is printed; `origin` is a file with its line, a variable, an option, or `default`."""

    name: str
    value: Any
    origin: str


@click.command("config")
@console.SITE
@click.option("--dev", is_flag=True, help="As `engine dev` reads them: with .env and site.dev.toml.")
@click.option("-b", "--base-url", help="As with this option of a command.")
@console.DRAFTS
@click.option("--json", "as_json", is_flag=True, help="Print the settings as JSON.")
def command(site: Path, dev: bool, base_url: str | None, drafts: bool | None, as_json: bool) -> None:
    """List every setting, where it comes from, and its value. Secrets are not printed."""
    with console.site_faults(site):
        variables = Variables(site)
        if dev:
            variables.update()
        config = load_config(site, env=DEV if dev else PRODUCTION, base_url=base_url, drafts=drafts)
    rows = list(_rows(replace(config, app=_app_of(config)), variables.lines))
    if as_json:
        console.print_json([{"name": it.name, "value": _plain(it.value), "from": it.origin} for it in rows])
        return
    for line in console.aligned([[it.name, it.origin, _written(it.value)] for it in rows]):
        click.echo(line)


def _app_of(config: Config) -> Mapping[str, Any]:
    """`[app]` with the defaults that the site gives it in `app.py`; without them where that is at fault."""
    try:
        with redirect_stdout(sys.stderr):  # what the site prints is no setting
            own = registry_of(config).config.app
    except SiteError:
        return config.app_table
    return _with_defaults(config.app_table, own) if is_record(type(own)) else config.app_table


def _with_defaults(table: Mapping[str, Any], record: Any) -> Mapping[str, Any]:
    filled = dict(table)
    for name, value in values_of(record).items():
        if is_record(type(value)):
            filled[name] = _with_defaults(table.get(name, {}), value)
        else:
            filled.setdefault(name, value)
    return filled


def _rows(config: Config, lines: Mapping[str, int]) -> Iterator[Row]:
    """Every setting in the order of the reference. `lines` are those of `.env`, by the name of the variable."""
    secrets = [spelling for secret in secrets_of(config) for spelling in secret.spellings]
    for path in SETTINGS.paths():
        value: Any = config
        for name in path:
            value = getattr(value, name)
        for key, each in _leaves(path, value):
            is_hidden = each not in ("", ()) and _is_hidden(key, each, config, secrets)
            yield Row(".".join(key), HIDDEN if is_hidden else each, _said(config.origins.of(*key), lines))


def _leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What stands in a table, by path; a table with nothing in it is one value."""
    if not isinstance(value, Mapping) or not value:
        yield path, value
        return
    for key, each in value.items():
        yield from _leaves((*path, key), each)


def _is_hidden(path: tuple[str, ...], value: Any, config: Config, secrets: list[bytes]) -> bool:
    """Whether a value is a secret: by its name, by `freeze.secrets`, or because it holds one."""
    name = ".".join(path)
    if path[0] == "app" and any(map(is_secret, (*path[1:], *_keys(value)))):
        return True
    if (
        path[0] in ("secret_key", "secret_key_fallbacks")
        or name.removeprefix("app.") in config.freeze.secrets
    ):
        return True
    text = json.dumps(_plain(value), ensure_ascii=False)
    return LOGIN.search(text) is not None or any(secret in text.encode() for secret in secrets)


def _keys(value: Any) -> Iterator[str]:
    """The keys of the tables within a list."""
    if isinstance(value, Mapping):
        yield from value
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _keys(each)


def _said(origin: Origin, lines: Mapping[str, int]) -> str:
    if line := lines.get(origin.source):
        return f"{DOTENV}:{line}"
    return ":".join(str(part) for part in origin[:2] if part) or "default"


def _plain(value: Any) -> Any:
    """A value as JSON has it; dates and times as texts."""
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _written(value: Any) -> str:
    """A value as TOML writes it, near enough."""
    return value if value == HIDDEN else json.dumps(_plain(value), ensure_ascii=False)
