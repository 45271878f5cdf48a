"""Where the database of a site is: what its code says, else its settings, else a file of SQLite."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from engine import Config
from engine.errors import Fault, SiteError

SETTING = "database_url"
"""The key of `[app]`."""
DEFAULT = "instance/site.db"
POSTGRESQL = ("postgres", "postgresql")
"""What hosts write before an address that says nothing of a driver: it means the third psycopg."""
EXTRAS = {"psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient"}
"""What to install for a driver, where it is called otherwise."""


class Unusable(ValueError):
    """An address that leads to no database. `args` are what is wrong, and the way out."""

    def __str__(self) -> str:
        return ". ".join(self.args)


def parsed(text: str | URL, root: str) -> URL:
    """An address whose driver is there; files of SQLite are those below `root`. Raises `Unusable`, without a secret."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise Unusable(
            "this is no address of a database", "Write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from None
    if url.drivername in POSTGRESQL:
        url = url.set(drivername="postgresql+psycopg")
    try:
        url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        what = f"{url.drivername!r} is no kind of database that SQLAlchemy knows"
        raise Unusable(what, "Write sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    except ModuleNotFoundError as error:
        what = f"{url.drivername} needs {error.name}"
        raise Unusable(
            what, f"Install it: pip install '{EXTRAS.get(error.name or '', error.name)}'"
        ) from None
    name = url.database or ""
    if url.get_backend_name() == "sqlite" and name not in ("", ":memory:") and not name.startswith("file:"):
        url = url.set(database=str(Path(root, name)))
    return url


def url_of(config: Config) -> URL:
    """The address in the settings, else that of a file. Raises `SiteError`."""
    given = _setting(config.app)
    if not given:
        return URL.create("sqlite", database=str(Path(config.root, DEFAULT)))
    try:
        return parsed(given, config.root)
    except Unusable as error:
        file, line, column = config.place_of("app", SETTING)
        what, hint = error.args
        raise SiteError(Fault("sql-url", file, f"`app.{SETTING}`: {what}", hint, line, column)) from None


def _setting(own: Any) -> str:
    """The address in `[app]`, which is a table or a record."""
    value = own.get(SETTING) if isinstance(own, Mapping) else getattr(own, SETTING, None)
    return "" if value is None else str(value)
