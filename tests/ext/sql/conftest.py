"""A database for each test: a file of SQLite, and one of a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text

from postgresql import postgres as postgres

_numbers = count(1)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The address of a database of PostgreSQL that is empty."""
    name = f"t{next(_numbers)}"
    _say(postgres, f"CREATE DATABASE {name}")
    yield postgres.replace("@/postgres?", f"@/{name}?")
    _say(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, of either kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'test.db'}"


def _say(url: str, statement: str) -> None:
    address = url.replace("postgresql:", "postgresql+psycopg:")
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
