"""What SQLite needs to be a database like others: WAL, foreign keys, patience, and transactions that are some."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, StaticPool, event

PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers do not wait for a writer
    "PRAGMA synchronous=NORMAL",  # in WAL safe against all but a loss of the last commits with the power
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
)
READING = re.compile(r"\s*\(?\s*(?:SELECT|PRAGMA|EXPLAIN|VALUES|BEGIN|ATTACH|DETACH|VACUUM)\b", re.IGNORECASE)
OURS = "*\n"
"""The `.gitignore` of a directory that holds a database: none of it is for a repository."""


def is_in_memory(url: URL) -> bool:
    """Whether this database of SQLite ends with its connection."""
    return url.database in (None, "", ":memory:") or url.query.get("mode") == "memory"


def options_of(url: URL) -> dict[str, Any]:
    """What `create_engine` needs to know: a database in memory has one connection, which all threads share."""
    if is_in_memory(url):
        return {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    return {}


def make_directory(url: URL, root: str) -> None:
    """Make the directory of a database in the site, where it is missing. Raises `OSError`."""
    folder = Path(url.database or "").parent
    if not is_in_memory(url) and folder.is_relative_to(root) and not folder.is_dir():
        folder.mkdir(parents=True)
        (folder / ".gitignore").write_text(OURS, "utf-8")


def prepare(engine: Engine) -> None:
    """Have every connection of `engine` set up, and every transaction begun when it first writes.

    Python's driver begins none before a SAVEPOINT or the definition of a table, so that these could not be taken back.
    One that has begun by reading could not write once another one has, whatever its patience. So each statement that
    reads sees what is committed, as is usual in PostgreSQL, until the first that writes takes the lock.
    """
    event.listen(engine, "connect", _connected)
    event.listen(engine, "before_cursor_execute", _before)


def _connected(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # no transaction that nobody has begun
    for pragma in PRAGMAS:
        connection.execute(pragma)


def _before(
    connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    if _only_reads(statement, context):
        return
    raw: Any = connection.connection.dbapi_connection
    if not raw.in_transaction and connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _only_reads(statement: str, context: Any) -> bool:
    if READING.match(statement):
        return True
    invoked = getattr(context, "invoked_statement", None)  # one that begins with WITH may be either
    return invoked is not None and getattr(invoked, "is_select", False)
