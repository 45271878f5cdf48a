"""Databases for tests: one for the run, and for each test that wants it one that has the tables and nothing else.

A test commits, and so does the site: other threads, a live server and the workers of a freeze see what is there. So no
transaction is rolled back around a test; it gets a database of its own, which is a copy of an empty one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from engine.ext.sql.connections import Connections

ALLOW = (
    "Tests make databases beside that of the settings. Let its user do that, or name another server for tests"
)
WORKER = "PYTEST_XDIST_WORKER"
"""Is set in the processes among which pytest-xdist divides the tests."""
_numbers = count(1)
_places: dict[str, URL] = {}
"""Where the databases of sites under test are now, by the directory of the site: a command loads its site by itself."""


def place_of(root: str) -> URL | None:
    """Where the database of the site at `root` is, if that is under test."""
    return _places.get(root)


def _move(database: Connections, url: URL) -> None:
    database.move(url)
    _places[database.root] = url


@contextmanager
def apart(database: Connections, make_tables: Callable[[], None], folder: Path) -> Iterator[None]:
    """Within, `database` is one for tests, made with its tables. That of the settings is not touched."""
    settings = database.url
    base = _named(settings, folder, "test")
    _drop(base)
    _make(base)
    _move(database, base)
    try:
        make_tables()
        yield
    finally:
        database.move(settings)
        del _places[database.root]
        _drop(base)


@contextmanager
def fresh(database: Connections, make_tables: Callable[[], None]) -> Iterator[None]:
    """Within, `database` is a copy of that for tests as it was made."""
    base = database.url
    copy = _beside(base, next(_numbers))
    database.move(base)  # so that nobody is in it
    _drop(copy)
    is_copied = _make(copy, base)
    _move(database, copy)
    try:
        if not is_copied:
            make_tables()
        yield
    finally:
        _move(database, base)
        _drop(copy)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _named(url: URL, folder: Path, name: str) -> URL:
    if _is_sqlite(url):
        return url.set(database=str(folder / f"{name}.db"), query={})
    parts = (url.database or "site", name, os.environ.get(WORKER, ""))
    return url.set(database="_".join(filter(None, parts)))


def _beside(url: URL, number: int) -> URL:
    """The address of a copy."""
    if _is_sqlite(url):
        path = Path(url.database or "")
        return url.set(database=str(path.with_name(f"{path.stem}-{number}.db")))
    return url.set(database=f"{url.database}_{number}")


def _make(url: URL, source: URL | None = None) -> bool:
    """Make a database, and say whether it holds what is in `source`."""
    if _is_sqlite(url):
        if source is not None:
            shutil.copyfile(str(source.database), str(url.database))
        return source is not None
    can_copy = source is not None and url.get_backend_name() == "postgresql"
    like = f" TEMPLATE {_quoted(source)}" if source is not None and can_copy else ""
    _administer(url, f"CREATE DATABASE {_quoted(url)}{like}")
    return can_copy


def _drop(url: URL) -> None:
    if _is_sqlite(url):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{url.database}{suffix}").unlink(missing_ok=True)
        return
    force = " WITH (FORCE)" if url.get_backend_name() == "postgresql" else ""
    _administer(url, f"DROP DATABASE IF EXISTS {_quoted(url)}{force}")


def _quoted(url: URL) -> str:
    return url.get_dialect()().identifier_preparer.quote(str(url.database))


def _administer(url: URL, statement: str) -> None:
    """Say something to the server that no transaction may hold, from another of its databases."""
    home = "postgres" if url.get_backend_name() == "postgresql" else None
    engine = create_engine(url.set(database=home), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    except SQLAlchemyError as error:
        error.add_note(ALLOW)
        raise
