"""`engine db`: migrations are written from the models, done, undone, and at fault in one line."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect, text

from doors import write_site
from engine.cli import cli
from engine.ext.sql.urls import parsed
from sql_tools import MODELS, shop

MORE = """
    class Oven(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        heat: Mapped[int]
"""
UNIQUE = "name: Mapped[str] = mapped_column(unique=True)"
CHANGED = MODELS.replace(UNIQUE, "name: Mapped[str]\n        grams: Mapped[int | None]")


def revision_of(script: Path) -> str:
    return script.read_text().partition("revision = '")[2][:12]


class Bakery:
    """The shop with migrations, at one database."""

    def __init__(self, root: Path, url: str) -> None:
        self.root, self.url = shop(root, url), url

    def run(self, *args: str) -> Result:
        with contextlib.chdir(self.root):
            return CliRunner().invoke(cli, ["db", *args], prog_name="engine")

    def says(self, *args: str) -> str:
        """What a command prints that succeeds."""
        done = self.run(*args)
        assert (done.exit_code, done.stderr) == (0, ""), done.output
        return done.stdout

    def fault(self, *args: str) -> str:
        """The one line of a command that fails."""
        done = self.run(*args)
        fault, count, rest = done.stderr.split("\n")
        assert (done.exit_code, done.stdout, count, rest) == (1, "", "1 fault.", ""), done.output
        return fault

    def models(self, source: str) -> None:
        write_site(self.root, {"models.py": source})

    def scripts(self) -> Mapping[str, Path]:
        """The migrations by what their files are called after."""
        paths = (self.root / "migrations" / "versions").glob("*.py")
        return {path.stem.split("_", 2)[2]: path for path in paths}

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        engine = create_engine(parsed(self.url, str(self.root)))
        with engine.begin() as connection:
            done = connection.execute(text(statement))
            rows = [tuple(row) for row in done] if done.returns_rows else []
        engine.dispose()
        return rows

    def tables(self) -> dict[str, set[str]]:
        """The tables with their columns."""
        engine = create_engine(parsed(self.url, str(self.root)))
        seen = inspect(engine)
        found = {it: {str(c["name"]) for c in seen.get_columns(it)} for it in seen.get_table_names()}
        engine.dispose()
        found.pop("alembic_version", None)
        return found


@pytest.fixture
def bakery(tmp_path: Path, url: str) -> Bakery:
    """The shop before its first migration."""
    bakery = Bakery(tmp_path / "site", url)
    assert bakery.says("init") == "Wrote migrations/env.py\nWrote migrations/script.py.mako\n"
    return bakery


@pytest.fixture
def baked(bakery: Bakery) -> Bakery:
    """The shop after its first migration."""
    bakery.says("migrate", "-m", "first loaves")
    bakery.says("upgrade")
    return bakery


@pytest.fixture
def small(tmp_path: Path) -> Bakery:
    """The shop after its first migration, in SQLite."""
    bakery = Bakery(tmp_path / "site", f"sqlite:///{tmp_path / 'test.db'}")
    bakery.says("init")
    bakery.says("migrate", "-m", "first loaves")
    bakery.says("upgrade")
    return bakery


def test_the_first_migration_makes_the_tables(bakery: Bakery) -> None:
    assert bakery.says("current") == "None was done.\n"
    assert bakery.says("migrate", "-m", "First loaves").startswith("Wrote migrations/versions/")
    assert list(bakery.scripts()) == ["first_loaves"]
    assert bakery.tables() == {}
    said = bakery.says("upgrade")
    assert said.startswith("Did ")
    assert said.endswith(" First loaves.\n")
    assert bakery.tables() == {"loaf": {"id", "name"}, "crumb": {"id", "loaf_id"}}
    assert bakery.says("current").endswith(" (head)\n")
    assert bakery.says("upgrade") == "There was nothing to do.\n"


def test_models_that_are_as_they_were_need_no_migration(baked: Bakery) -> None:
    assert baked.says("migrate") == "The database has all that the models have.\n"
    assert baked.says("check") == "The migrations make all that the models have.\n"
    assert len(baked.scripts()) == 1


@pytest.mark.long
def test_a_column_is_added_another_loses_its_constraint_and_all_is_undone(baked: Bakery) -> None:
    baked.sql("INSERT INTO loaf (id, name) VALUES (1, 'rye')")
    baked.sql("INSERT INTO crumb (id, loaf_id) VALUES (1, 1)")
    baked.models(CHANGED)
    assert baked.fault("check") == (
        "migrations: the models have what no migration makes. Run `engine db migrate`."
    )
    baked.says("migrate", "-m", "grams")
    baked.says("upgrade")
    assert baked.tables()["loaf"] == {"id", "name", "grams"}
    baked.sql("INSERT INTO loaf (id, name) VALUES (2, 'rye')")
    baked.sql("DELETE FROM loaf WHERE id = 2")
    assert baked.sql("SELECT loaf_id FROM crumb") == [(1,)]
    assert baked.says("downgrade").startswith("Undid ")
    assert baked.tables()["loaf"] == {"id", "name"}
    assert baked.says("downgrade", "base").endswith(" first loaves.\n")
    assert baked.tables() == {}
    assert baked.says("downgrade", "base") == "There was nothing to undo.\n"
    assert baked.says("upgrade").count("Did ") == 2


CHOICES = """
    from enum import Enum
    from typing import Literal

    from sqlalchemy import select
    from sqlalchemy.orm import Mapped, mapped_column

    from engine.ext.sql import SQL

    db = SQL()

    class Kind(Enum):
        rye = 1

    class Loaf(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        kind: Mapped[Kind]
"""
MORE_CHOICES = CHOICES.replace("rye = 1", "rye = 1\n        dark_pumpernickel = 2").replace(
    "name: Mapped[str]",
    'name: Mapped[str]\n        size: Mapped[Literal["small", "large"] | None]\n        other: Mapped[Kind | None]',
)


def test_choices_come_grow_and_go(bakery: Bakery) -> None:
    bakery.models(CHOICES)
    for message in ("first", "more choices"):
        bakery.says("migrate", "-m", message)
        bakery.says("upgrade")
        bakery.says("downgrade", "base")
        bakery.says("upgrade")
        bakery.says("check")
        bakery.models(MORE_CHOICES)
    bakery.sql("INSERT INTO loaf (id, name, kind, size) VALUES (1, 'big', 'dark_pumpernickel', 'large')")


def test_a_migration_that_fails_is_undone_and_those_before_it_stand(baked: Bakery) -> None:
    baked.models(MODELS + MORE)
    baked.says("migrate", "-m", "ovens")
    baked.says("upgrade")
    baked.says("migrate", "--empty", "-m", "heat")
    script = baked.scripts()["heat"]
    body = 'op.execute("INSERT INTO oven (id, heat) VALUES (1, 200)")\n    op.drop_table("crumb")\n    1 / 0'
    script.write_text(script.read_text().replace("    pass", f"    {body}", 1))
    baked.says("downgrade")
    line = script.read_text().split("\n").index("    1 / 0") + 1
    assert baked.fault("upgrade") == (
        f"migrations/versions/{script.name}:{line}: raised ZeroDivisionError: division by zero."
    )
    assert baked.sql("SELECT * FROM oven") == []
    assert "crumb" in baked.tables()
    assert baked.says("current") != ""


def test_what_the_database_refuses_is_told_at_the_line_of_the_migration(baked: Bakery) -> None:
    baked.says("migrate", "--empty", "-m", "wrong")
    script = baked.scripts()["wrong"]
    script.write_text(script.read_text().replace("    pass", '    op.execute("DROP TABLE nothing")', 1))
    fault = baked.fault("upgrade")
    assert fault.startswith(f"migrations/versions/{script.name}:")
    assert ": the database says: " in fault
    assert "nothing" in fault


def test_a_migration_that_is_not_python_is_told_at_its_line(small: Bakery) -> None:
    small.says("migrate", "--empty", "-m", "wrong")
    script = small.scripts()["wrong"]
    script.write_text("def upgrade(:\n")
    assert (
        small.fault("upgrade") == f"migrations/versions/{script.name}:1: raised SyntaxError: invalid syntax."
    )


def test_a_migration_leaves_no_row_that_refers_to_none(small: Bakery) -> None:
    small.sql("INSERT INTO loaf (id, name) VALUES (1, 'rye')")
    small.sql("INSERT INTO crumb (id, loaf_id) VALUES (1, 1)")
    small.says("migrate", "--empty", "-m", "eaten")
    script = small.scripts()["eaten"]
    script.write_text(script.read_text().replace("    pass", '    op.execute("DELETE FROM loaf")', 1))
    assert "1 foreign keys lead nowhere, as one from crumb to loaf." in small.fault("upgrade")
    assert small.sql("SELECT name FROM loaf") == [("rye",)]


def test_two_branches_are_merged(small: Bakery) -> None:
    small.says("migrate", "--empty", "-m", "one")
    small.says("upgrade")
    first, second = small.scripts()["first_loaves"], small.scripts()["one"]
    other = second.with_name("2026-01-01_abc_other.py")
    text = second.read_text()
    other.write_text(text.replace(revision_of(second), "abc", 1))
    assert small.fault("upgrade").endswith("Run `engine db merge` to join them.")
    assert small.says("merge").startswith("Wrote migrations/versions/")
    assert small.says("upgrade").count("Did ") == 2
    assert first.exists()
    assert "(head)" in small.says("history")


def test_what_is_undone_of_two_branches_must_be_said(small: Bakery) -> None:
    small.says("migrate", "--empty", "-m", "one")
    first, second = (revision_of(small.scripts()[name]) for name in ("first_loaves", "one"))
    one = small.scripts()["one"]
    one.with_name("2026-01-01_abc_other.py").write_text(one.read_text().replace(second, "abc", 1))
    hint = "Name the revision to go back to, of those that `engine db history` lists."
    small.says("upgrade", "heads")
    assert small.fault("downgrade").endswith(hint)
    assert small.says("downgrade", first).count("Undid ") == 2
    small.says("merge")
    small.says("upgrade")
    assert small.fault("downgrade").endswith(hint)
    assert small.says("downgrade", first).count("Undid ") == 3


def test_a_database_that_has_the_tables_can_be_said_to(small: Bakery) -> None:
    small.sql("DROP TABLE alembic_version")
    assert small.says("stamp") == "The database is noted to be at head.\n"
    assert small.says("upgrade") == "There was nothing to do.\n"


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["init"], "migrations/env.py: this is here already. Run `engine db migrate`."),
        (
            ["upgrade", "xyz"],
            "migrations: can't locate revision identified by 'xyz'. `engine db history` lists",
        ),
        (
            ["downgrade", "-7"],
            "migrations: relative revision -7 didn't produce 7 migrations. `engine db current`",
        ),
    ],
)
def test_what_cannot_be_done_is_a_fault(small: Bakery, args: list[str], says: str) -> None:
    assert small.fault(*args).startswith(says)


def test_a_migration_is_written_only_for_a_database_that_is_up_to_date(small: Bakery) -> None:
    small.says("downgrade")
    says = "migrations: target database is not up to date. Run `engine db upgrade` first."
    assert small.fault("migrate") == says


def test_without_migrations_the_command_that_makes_them_is_named(tmp_path: Path) -> None:
    bakery = Bakery(tmp_path / "site", f"sqlite:///{tmp_path / 'test.db'}")
    assert bakery.fault("upgrade") == "migrations: there are no migrations. Run `engine db init`."


def test_a_site_without_models_gets_no_migration_that_drops_its_tables(small: Bakery) -> None:
    small.models("from engine.ext.sql import SQL\n\ndb = SQL()\n")
    write_site(small.root, {"pages/loaves.json.py": "def get():\n    return []\n"})
    (small.root / "pages" / "loaf" / "[id=int].py").unlink()
    assert small.fault("migrate") == (
        "app.py: no model was imported. Import the module that defines them in app.py."
    )


def test_a_server_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    bakery = Bakery(tmp_path / "site", f"postgresql://u:tr0ub4dor@/n?host={tmp_path}")
    bakery.says("init")
    fault = bakery.fault("upgrade")
    assert fault.startswith("migrations: the database says: connection ")
    assert "tr0ub4dor" not in fault


def test_the_environment_of_alembic_takes_options(small: Bakery) -> None:
    env = small.root / "migrations" / "env.py"
    only = "run_migrations(include_object=lambda thing, name, *about: name != 'oven')"
    env.write_text(env.read_text().replace("run_migrations()", only))
    small.models(MODELS + MORE)
    assert small.says("migrate") == "The database has all that the models have.\n"


def test_a_directory_with_odd_characters_is_one(tmp_path: Path) -> None:
    bakery = Bakery(tmp_path / "100% of it: a site", f"sqlite:///{tmp_path / 'test.db'}")
    bakery.says("init")
    bakery.says("migrate", "-m", "100%: a name")
    assert bakery.says("upgrade").endswith("100%: a name.\n")
