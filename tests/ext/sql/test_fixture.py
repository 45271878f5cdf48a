"""The fixture `db`: each test has a database of its own, which the app under test uses too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from doors import Files, write_site
from engine.ext.sql.urls import parsed
from pytest_tools import failures, run_pytest, summary
from sql_tools import opened, shop

TESTS = """
    import threading
    from urllib.request import urlopen

    import pytest

    def names(client):
        return client.get("/loaves.json").json

    @pytest.mark.parametrize("number", range(3))
    def test_each_has_a_clean_one(db, client, number):
        assert names(client) == []
        loaf = db.models.Loaf(name="rye")
        db.session.add(loaf)
        db.session.commit()
        assert names(client) == ["rye"]
        assert loaf.id == 1

    def test_the_site_commits_for_the_test_to_see(db, client):
        client.post("/loaves.json", data={"name": "oat"})
        assert [it.name for it in db.session.query(db.models.Loaf)] == ["oat"]

    def test_a_server_sees_it_too(db, live_server):
        db.session.add(db.models.Loaf(name="spelt"))
        db.session.commit()
        assert urlopen(live_server.url + "/loaves.json").read() == b'["spelt"]'

    def test_threads_see_it(db, client):
        db.session.add(db.models.Loaf(name="spelt"))
        db.session.commit()
        seen = []
        thread = threading.Thread(target=lambda: seen.append(names(client)))
        thread.start()
        thread.join()
        assert seen == [["spelt"]]

    def test_a_command_works_on_it(db, runner):
        assert runner.invoke(args=["bake", "oat"]).output == "1\\n"
        assert [it.name for it in db.session.query(db.models.Loaf)] == ["oat"]

    def test_the_frozen_site_was_made_of_an_empty_one(frozen_site):
        assert frozen_site.read("/count.txt") == "0"

    def test_without_it_one_is_shared_that_is_nobodys(client):
        assert names(client) == []

    def test_a_session_that_failed_is_no_harm(db, client):
        with pytest.raises(Exception, match="UNIQUE|unique"):
            db.session.add_all([db.models.Loaf(name="rye"), db.models.Loaf(name="rye")])
            db.session.commit()

    def test_one_that_is_left_open_is_none_either(db):
        db.session.query(db.models.Loaf).all()
        db.engine.connect()
"""
BAKE = """
    import click
    from models import Loaf, db

    def setup(app):
        db.init_app(app)

        @app.command()
        @click.argument("name")
        def bake(name):
            loaf = Loaf(name=name)
            db.session.add(loaf)
            db.session.commit()
            click.echo(loaf.id)
"""
FILES: Files = {
    "app.py": BAKE,
    "pages/count.txt.py": """
        from models import Loaf, db, select

        freeze = True

        def get():
            return str(len(db.session.scalars(select(Loaf)).all()))
    """,
    "tests/test_loaves.py": TESTS,
}


@pytest.fixture
def root(tmp_path: Path, url: str) -> Path:
    """The shop with tests, and a loaf in the database that its settings name."""
    opened(tmp_path / "site", url, FILES, "of the author").site.modules.close()
    write_site(tmp_path / "site", FILES)
    return tmp_path / "site"


def databases(url: str) -> list[str]:
    """Those of the server."""
    engine = create_engine(parsed(url, "/"))
    with engine.connect() as connection:
        found = list(connection.exec_driver_sql("SELECT datname FROM pg_database ORDER BY 1").scalars())
    engine.dispose()
    return [str(it) for it in found]


@pytest.mark.long
def test_a_test_has_a_database_of_its_own(root: Path, url: str) -> None:
    ended = run_pytest("--rootdir", ".", "tests", cwd=root)
    assert summary(ended) == "11 passed", ended.stdout
    engine = create_engine(parsed(url, str(root)))
    with engine.connect() as connection:
        assert list(connection.exec_driver_sql("SELECT name FROM loaf").scalars()) == ["of the author"]
    engine.dispose()


@pytest.mark.long
def test_nothing_of_it_is_left(tmp_path: Path, postgres_url: str) -> None:
    root = shop(tmp_path / "site", postgres_url, FILES)
    before = databases(postgres_url)
    assert summary(run_pytest("--rootdir", ".", "tests", cwd=root)) == "11 passed"
    assert databases(postgres_url) == before


@pytest.mark.long
def test_processes_of_one_run_have_their_own(root: Path) -> None:
    ended = run_pytest("--rootdir", ".", "tests", "-n", "2", cwd=root, plugins="xdist.plugin")
    assert summary(ended) == "11 passed", ended.stdout


@pytest.mark.long
def test_the_tests_of_pages_ask_what_the_settings_name(root: Path) -> None:
    ended = run_pytest("--site", ".", "-k", "count or clean", "-v", cwd=root)
    assert summary(ended) == "4 passed, 10 deselected", ended.stdout


@pytest.mark.long
def test_a_site_without_a_database_says_so(tmp_path: Path) -> None:
    test = "def test_a(db):\n    pass\n"
    root = write_site(tmp_path, {"pages/index.md": "x", "tests/test_a.py": test})
    ended = run_pytest("--rootdir", ".", cwd=root)
    assert failures(ended) == []
    assert "the site has no database: nothing says SQL().init_app(app) in its app.py" in ended.stdout


@pytest.mark.long
def test_the_directory_of_the_site_is_left_alone(tmp_path: Path) -> None:
    root = opened(tmp_path / "site", "", FILES).root
    write_site(Path(root), {**FILES, "site.toml": ""})
    assert not inspect(create_engine(f"sqlite:///{root}/instance/other.db")).get_table_names()
    before = sorted(os.listdir(f"{root}/instance"))
    assert summary(run_pytest("--rootdir", ".", "tests", cwd=Path(root))) == "11 passed"
    assert sorted(os.listdir(f"{root}/instance")) == before
