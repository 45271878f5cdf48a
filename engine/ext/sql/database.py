"""The extension: the database of one load of a site."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, TypeVarTuple, overload

import sqlalchemy.orm
from sqlalchemy import URL, Engine, MetaData, Row, Select, func, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.orm.exc import ObjectDeletedError, StaleDataError
from werkzeug.exceptions import Conflict, HTTPException, PreconditionFailed

from engine import abort, g, got_request_exception, request, teardown_this_request
from engine.errors import OutsideContext
from engine.ext.sql import commands, testing
from engine.ext.sql.connections import Connections
from engine.ext.sql.model import Models, make_base
from engine.ext.sql.pagination import MOST, Pagination, asked
from engine.ext.sql.urls import parsed, url_of
from engine.extensions import Registry

T = TypeVar("T")
U = TypeVar("U")
Ts = TypeVarTuple("Ts")
OUTSIDE = (
    "`db.session` was used while no request is handled. "
    "Use it in a handler, a hook or a command; elsewhere within `with app.context():`."
)
OVERTAKEN = "Somebody has changed or deleted this meanwhile. Look at it again."
log = logging.getLogger("engine.sql")


def _close(name: str, session: Session, exception: BaseException | None) -> None:
    """Roll back what is left of a session, and give its connection back."""
    g.pop(name, None)
    session.close()


def _overtaken(error: Exception) -> HTTPException:
    """409 where a row is another one than the request has read, or is gone, and 412 where the request names a version.

    Another handler may say something else. It may be a mistake of the site as well, so it is logged.
    """
    log.warning("two requests at once: %s", error)
    mine = f"_{threading.get_ident()}"
    for name in [it for it in g if it.startswith("_session_") and it.endswith(mine)]:
        g.get(name).rollback()  # the error page shall find a sound session
    return (PreconditionFailed if "If-Match" in request.headers else Conflict)(OVERTAKEN)


class SQL:
    """The database of a site: `db = SQL()` in a module of the site, and `db.init_app(app)` in `setup(app)`.

    It is at `url`, else at `database_url` of `[app]`, else in `instance/site.db`. `model` is the base of the site's
    models; without one `db.Model` is a new one. The options are those of `create_engine` and of `Session`.
    """

    Model: Any
    """The base of the models."""

    def __init__(
        self,
        url: str | URL | None = None,
        *,
        model: type[DeclarativeBase] | None = None,
        engine_options: Mapping[str, Any] | None = None,
        session_options: Mapping[str, Any] | None = None,
        migrations: str = "migrations",
    ) -> None:
        self.Model = model or make_base()
        self.migrations = migrations
        self.connections = Connections(engine_options or {})
        self._given = url
        self._session_options = dict(session_options or {})

    if not TYPE_CHECKING:  # to which every name would be one

        def __getattr__(self, name: str) -> NoReturn:
            """Tell who asks for a name of SQLAlchemy, as of Flask-SQLAlchemy, where it is."""
            what = f"{type(self).__name__!r} object has no attribute {name!r}"
            home = next((it.__name__ for it in (sqlalchemy, sqlalchemy.orm) if hasattr(it, name)), None)
            raise AttributeError(f"{what}. Write from {home} import {name}" if home else what)

    def init_app(self, app: Registry) -> None:
        """Belong to the site of `app`. Raises `SiteError` and `ValueError` for an address that leads to no database."""
        if self.connections.root:
            raise ValueError("this SQL() belongs to a site already. Make one in a module of the site")
        if "sql" in app.extensions:
            raise ValueError("the site has a database already. Another one is an engine of SQLAlchemy's own")
        config = app.config
        url = url_of(config) if self._given is None else parsed(self._given, config.root)
        self.connections.move(testing.place_of(config.root) or url)
        self.connections.root = config.root
        app.extensions["sql"] = self
        app.add_command(commands.group(self))
        app.teardown_site(self._leave)
        got_request_exception.connect(self._roll_back, app)
        app.errorhandler(StaleDataError, ObjectDeletedError)(_overtaken)

    @property
    def engine(self) -> Engine:
        """SQLAlchemy's engine, made when it is first asked for. Raises `RuntimeError` before `init_app`."""
        return self.connections.engine

    @property
    def session(self) -> Session:
        """The session of this request and thread, begun when it is first asked for, and closed with the request.

        What was not committed is rolled back. Raises `OutsideContext`.
        """
        name = f"_session_{id(self)}_{threading.get_ident()}"
        try:
            session: Session | None = g.get(name)
        except OutsideContext:
            raise OutsideContext(OUTSIDE) from None
        if session is None:
            session = Session(self.engine, **self._session_options)
            setattr(g, name, session)
            teardown_this_request(partial(_close, name, session))
        return session

    @property
    def metadata(self) -> MetaData:
        """The tables of the models."""
        metadata: MetaData = self.Model.metadata
        return metadata

    @property
    def models(self) -> Models:
        """The models by name, for code that cannot import a module of the site, such as a test: `db.models.Post`."""
        return Models.of(self.Model)

    def create_all(self) -> None:
        """Make the tables that are missing."""
        self.metadata.create_all(self.engine)

    def get_or_404(self, model: type[T], key: Any, **options: Any) -> T:
        """The row of `model` with that primary key; the request is answered with 404 where there is none."""
        found = self._sought(lambda: self.session.get(model, key, **options))
        return abort(404) if found is None else found

    def first_or_404(self, statement: Select[T]) -> T:
        """The first that `statement` finds; 404 where it finds nothing."""
        found: Sequence[T] | None = self._sought(lambda: self._all(statement.limit(1)))
        return found[0] if found else abort(404)

    def one_or_404(self, statement: Select[T]) -> T:
        """The only one that `statement` finds; 404 where it finds nothing, or several."""
        found: Sequence[T] | None = self._sought(lambda: self._all(statement))
        return found[0] if found and len(found) == 1 else abort(404)

    @overload
    def paginate(
        self,
        statement: Select[T],
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int = MOST,
    ) -> Pagination[T]: ...
    @overload
    def paginate(
        self,
        statement: Select[T, U, *Ts],
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int = MOST,
    ) -> Pagination[Row[T, U, *Ts]]: ...
    def paginate(
        self,
        statement: Select[*tuple[Any, ...]],
        *,
        page: int | None = None,
        per_page: int | None = None,
        max_per_page: int = MOST,
    ) -> Pagination[Any]:
        """A page of what `statement` finds: `page`, else that of `?page=` in the request, which may say `?per_page=`.

        A page that there is not is answered with 404; the first is there, if empty.
        """
        page, per_page = asked(page, per_page, max_per_page)
        counted = select(func.count()).select_from(statement.order_by(None).subquery())
        total = self._sought(lambda: self.session.scalar(counted)) or 0
        if page > max(1, -(-total // per_page)):
            abort(404)
        items = self._all(statement.limit(per_page).offset((page - 1) * per_page)) if total else []
        return Pagination(items, page, per_page, total)

    def _sought(self, ask: Callable[[], T]) -> T | None:
        """What `ask` finds, and `None` where it names what no row of the database could hold."""
        try:
            return ask()
        except OverflowError:  # a number for SQLite
            return None
        except DataError as error:  # any of another database, whose transaction has failed by that
            log.info("nothing is found: %s", error.orig)
            self.session.rollback()
            return None

    def _all(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        """What a statement finds: rows where it asks for several things, else the things."""
        found = self.session.execute(statement)
        # Where a row is joined with others of its relations, it comes as often as they are.
        return found.all() if len(statement.column_descriptions) > 1 else found.unique().scalars().all()

    def testing(self, folder: Path) -> AbstractContextManager[None]:
        """Within, the database is one of its own, made for tests, in `folder` or beside that of the settings."""
        return testing.apart(self.connections, self.create_all, folder)

    def fresh(self) -> AbstractContextManager[None]:
        """Within `testing`, a database that has the tables and nothing else."""
        return testing.fresh(self.connections, self.create_all)

    def _leave(self) -> None:
        self.connections.move(None)
        self.connections.root = ""

    def _roll_back(self, sender: Any, **about: Any) -> None:
        """Take back what a request did that has failed, so that its error page finds a sound session."""
        session = g.get(f"_session_{id(self)}_{threading.get_ident()}")
        if session is not None:
            session.rollback()
