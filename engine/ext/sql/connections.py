"""The connections of one load of a site to its database: made when needed, and never shared by two processes."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Engine, ExceptionContext, StaticPool, create_engine, event

from engine import touch
from engine.ext.sql import sqlite

NOWHERE = "this SQL() belongs to no site. Call db.init_app(app) in setup(app) of app.py"
LACKING = re.compile("no such table|no such column|has no column named")
"""What SQLite says of a table or a column that there is not."""
LACKING_STATES = ("42P01", "42703")
"""The same of PostgreSQL (appendix A of its manual)."""
WAY_OUT = (
    "The database lacks a table or a column. "
    "Run `engine db upgrade`, and `engine db migrate` before it if the models changed"
)


class Connections:
    """SQLAlchemy's engine for the address `url`. `options` are those of `create_engine`; `root` is that of the site."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.root = ""
        self._options = dict(options)
        self._url: URL | None = None
        self._engine: Engine | None = None
        self._making = threading.Lock()
        _alive.add(self)

    @property
    def url(self) -> URL:
        """Where the database is. Raises `RuntimeError` where nobody has said it."""
        if self._url is None:
            raise RuntimeError(NOWHERE)
        return self._url

    def move(self, url: URL | None) -> None:
        """Be at another address from now on, or at none. Connections that are in use end with that."""
        with self._making:
            engine, self._engine, self._url = self._engine, None, url
        if engine is not None:
            engine.dispose()

    @property
    def is_open(self) -> bool:
        """Whether anybody has asked for the engine."""
        return self._engine is not None

    @property
    def engine(self) -> Engine:
        """The engine, made when it is first asked for."""
        engine = self._engine
        if engine is None:
            with self._making:
                engine = self._engine = self._engine or self._make()
        return engine

    def _make(self) -> Engine:
        if self.url.get_backend_name() == "sqlite":
            sqlite.make_directory(self.url, self.root)
            engine = create_engine(self.url, **{**sqlite.options_of(self.url), **self._options})
            sqlite.prepare(engine)
        else:
            # One that the server has closed meanwhile, as when it was restarted, is replaced.
            engine = create_engine(self.url, **{"pool_pre_ping": True, **self._options})
        event.listen(engine, "before_cursor_execute", lambda *about: touch("the database"))
        event.listen(engine, "handle_error", _note_what_lacks)
        return engine

    def leave_to_parent(self) -> None:
        """After a fork: let the other process keep the connections that it has opened."""
        self._making = threading.Lock()
        # One in memory is no connection to anything, and the copy of it is whole.
        if self._engine is not None and not isinstance(self._engine.pool, StaticPool):
            self._engine.dispose(close=False)


_alive: WeakSet[Connections] = WeakSet()
"""All of this process."""


def _after_fork() -> None:
    for connections in list(_alive):
        connections.leave_to_parent()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _note_what_lacks(context: ExceptionContext) -> None:
    """Say the way out where the database has not what the models have."""
    error = context.original_exception
    if LACKING.search(str(error)) or getattr(error, "sqlstate", "") in LACKING_STATES:
        noted = context.sqlalchemy_exception or error
        noted.add_note(WAY_OUT)
