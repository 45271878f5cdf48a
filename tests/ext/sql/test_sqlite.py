"""SQLite is set up for a server, and its transactions can be taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from engine import App
from sql_tools import opened


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = opened(tmp_path / "site", "", None, "rye")
    yield app
    app.site.modules.close()


@pytest.fixture
def db(app: App) -> Any:
    return app.extensions["sql"]


def test_it_writes_ahead_and_keeps_foreign_keys(db: Any) -> None:
    with db.engine.connect() as connection:
        for pragma, value in {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_row_cannot_refer_to_none(app: App, db: Any) -> None:
    with app.context():
        db.session.add(db.models.Crumb(loaf_id=7))
        with pytest.raises(IntegrityError):
            db.session.commit()


def test_what_is_tried_can_be_taken_back_alone(app: App, db: Any) -> None:
    with app.context():
        db.session.add(db.models.Loaf(name="oat"))
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(db.models.Loaf(name="rye"))
        db.session.commit()
        assert db.session.query(db.models.Loaf).count() == 2


def test_all_is_taken_back_with_what_was_tried_first(app: App, db: Any) -> None:
    with app.context():
        with db.session.begin_nested():
            db.session.add(db.models.Loaf(name="oat"))
        db.session.rollback()
        assert db.session.query(db.models.Loaf).count() == 1


def test_the_definition_of_a_table_can_be_taken_back(db: Any) -> None:
    with pytest.raises(LookupError), db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE oven (id INTEGER)"))
        raise LookupError
    with db.engine.connect() as connection, pytest.raises(OperationalError, match="no such table: oven"):
        connection.execute(text("SELECT * FROM oven"))


@pytest.mark.parametrize(
    "statement",
    [
        "WITH x AS (SELECT 1) INSERT INTO loaf (name) SELECT 'oat' FROM x",
        "  insert into loaf (name) values ('oat')",
    ],
)
def test_sql_by_hand_that_writes_is_taken_back(db: Any, statement: str) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM loaf").scalar() == 1


def test_who_reads_does_not_hold_up_who_writes(app: App, db: Any) -> None:
    with db.engine.connect() as reader:
        rows = reader.exec_driver_sql("SELECT name FROM loaf")
        with db.engine.begin() as writer:
            writer.exec_driver_sql("INSERT INTO loaf (name) VALUES ('oat')")
        assert rows.all() == [("rye",)]
        assert (
            reader.exec_driver_sql("SELECT count(*) FROM loaf").scalar() == 2
        )  # what was committed meanwhile


def test_statements_can_be_committed_one_by_one(db: Any) -> None:
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("INSERT INTO loaf (name) VALUES ('oat')")
        connection.rollback()
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM loaf").scalar() == 2
        connection.exec_driver_sql("DELETE FROM loaf")
        connection.rollback()
        assert connection.exec_driver_sql("SELECT count(*) FROM loaf").scalar() == 2


def test_one_in_memory_is_the_same_for_all_threads(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    app = opened(tmp_path / "site", "sqlite://", None, "rye")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: app.test_client().get("/loaves.json").json).result() == ["rye"]
    app.site.modules.close()


def test_the_end_of_a_load_closes_its_file(app: App, db: Any, tmp_path: Path) -> None:
    app.test_client().get("/loaves.json")
    app.site.modules.close()
    assert not (tmp_path / "site" / "instance" / "site.db-wal").exists()  # the last connection takes it along
    with closing(sqlite3.connect(tmp_path / "site" / "instance" / "site.db")) as file:
        assert file.execute("SELECT name FROM loaf").fetchall()
