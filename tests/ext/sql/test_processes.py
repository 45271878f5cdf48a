"""Connections belong to one process and to one load of a site."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from commands import Process, eventually
from doors import write_site
from engine import App, create_app
from sql_tools import MODELS, opened, shop

PIDS = """
    import os

    from models import Loaf, db, select

    freeze = False

    def get():
        return {"pid": os.getpid(), "loaves": list(db.session.scalars(select(Loaf.name)))}
"""
PG_PIDS = """
    from sqlalchemy import text

    from models import db

    freeze = False

    def get():
        return {"backend": db.session.scalar(text("SELECT pg_backend_pid()"))}
"""


def in_a_fork(app: App, path: str) -> object:
    """What a forked process answers."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=lambda: theirs.send(app.test_client().get(path).json))
    process.start()
    answer = ours.recv() if ours.poll(60) else None
    process.join()
    return answer


def test_a_fork_uses_no_connection_of_its_parent(tmp_path: Path, postgres_url: str) -> None:
    app = opened(tmp_path / "site", postgres_url, {"pages/backend.json.py": PG_PIDS})
    client = app.test_client()
    mine = client.get("/backend.json").json
    assert client.get("/backend.json").json == mine
    theirs = in_a_fork(app, "/backend.json")
    assert theirs not in (None, mine)
    assert client.get("/backend.json").json == mine  # it has not ended the connection of its parent either
    app.site.modules.close()


def test_a_fork_of_a_database_in_memory_sees_what_was_there(tmp_path: Path) -> None:
    app = opened(tmp_path / "site", "sqlite://", None, "rye")
    assert in_a_fork(app, "/loaves.json") == ["rye"]
    app.site.modules.close()


def test_two_sites_in_one_process_have_databases_of_their_own(tmp_path: Path) -> None:
    apps = [opened(tmp_path / name, "", None, name) for name in ("one", "two")]
    assert [app.test_client().get("/loaves.json").json for app in apps] == [["one"], ["two"]]
    apps[0].site.modules.close()
    assert apps[1].test_client().get("/loaves.json").json == ["two"]
    apps[1].site.modules.close()


def test_two_loads_of_one_site_have_models_of_their_own(tmp_path: Path) -> None:
    first = opened(tmp_path, "", None, "rye")
    changed = MODELS.replace("loaf_id: ", "grams: Mapped[int]\n        loaf_id: ")
    second = create_app(write_site(tmp_path, {"models.py": changed}))
    assert "grams" in second.extensions["sql"].metadata.tables["crumb"].c
    assert "grams" not in first.extensions["sql"].metadata.tables["crumb"].c
    assert first.extensions["sql"].models.Loaf is not second.extensions["sql"].models.Loaf
    assert (
        first.test_client().get("/loaves.json").json
        == second.test_client().get("/loaves.json").json
        == ["rye"]
    )
    first.site.modules.close()
    second.site.modules.close()


def test_a_load_that_is_dropped_ends_its_connections(tmp_path: Path, postgres_url: str) -> None:
    app = opened(tmp_path / "site", postgres_url, {"pages/backend.json.py": PG_PIDS})
    backend = app.test_client().get("/backend.json").json["backend"]
    other = create_app(tmp_path / "site")
    app.site.modules.close()
    eventually(lambda: backend not in backends(other), "the server has seen it end")
    other.site.modules.close()


def backends(app: App) -> list[int]:
    from sqlalchemy import text

    with app.extensions["sql"].engine.connect() as connection:
        return list(connection.scalars(text("SELECT pid FROM pg_stat_activity")))


def test_a_load_that_is_dropped_hears_of_no_error_any_more(tmp_path: Path) -> None:
    from engine import got_request_exception

    before = len(got_request_exception.receivers)
    app = opened(tmp_path / "site")
    assert len(got_request_exception.receivers) == before + 1
    app.site.modules.close()
    assert len(got_request_exception.receivers) == before


GUNICORN = [
    sys.executable,
    "-m",
    "gunicorn",
    "--preload",
    "--workers",
    "2",
    "--threads",
    "3",
    "--bind",
    "127.0.0.1:0",
]
WARM = """
    from models import Loaf, db, select

    def setup(app):
        db.init_app(app)
        with db.engine.connect() as connection:
            connection.execute(select(Loaf.id)).all()
"""


@contextmanager
def gunicorn(root: Path) -> Iterator[Process]:
    """The site behind two processes that were forked from one that has used its database."""
    with Process([*GUNICORN, "engine.wsgi:app"], ENGINE_SITE=str(root)) as server:
        eventually(
            lambda: "Listening at: http" in server.said or server.process.poll() is not None, server.said
        )
        assert server.process.poll() is None, server.said
        server.port = int(server.said.partition("Listening at: http://127.0.0.1:")[2].partition(" ")[0])
        yield server.answering("/loaves.json")


@contextmanager
def granian(root: Path) -> Iterator[Process]:
    """The site behind `engine serve`."""
    arguments = [sys.executable, "-m", "engine", "serve", str(root), "--port", "0", "--workers", "2"]
    with Process(arguments) as server:
        yield server.ready("/loaves.json")


@pytest.mark.long
@pytest.mark.parametrize("serve", [gunicorn, granian])
def test_processes_and_threads_of_a_server_share_no_connection(
    tmp_path: Path, url: str, serve: Callable[[Path], AbstractContextManager[Process]]
) -> None:
    opened(tmp_path / "site", url, {"pages/pid.json.py": PIDS}, "rye").site.modules.close()
    write_site(tmp_path / "site", {"app.py": WARM})
    with serve(tmp_path / "site") as server, ThreadPoolExecutor(6) as pool:

        def bake(number: int) -> int:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            return server.ask("/loaves.json", "POST", f"name=loaf{number}".encode(), **form).status

        assert set(pool.map(bake, range(60))) == {200}
        answers = [it.text for it in pool.map(lambda _: server.ask("/pid.json"), range(60))]
        assert all("loaf59" in it for it in answers)
        assert server.stop(signal.SIGTERM) == 0


@pytest.mark.long
def test_development_reloads_models_and_watches_no_database(tmp_path: Path) -> None:
    root = shop(tmp_path / "site")
    opened(root, f"sqlite:///{root}/instance/site.db", None, "rye").site.modules.close()
    arguments = [sys.executable, "-m", "engine", "dev", str(root), "--port", "0"]
    with Process(arguments) as server:
        server.ready("/loaves.json")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert server.ask("/loaves.json", "POST", b"name=oat", **form).status == 200
        assert server.ask("/loaves.json").text == '["oat","rye"]'
        said = server.said
        models = (root / "models.py").read_text()
        (root / "models.py").write_text(models.replace("name: Mapped", "title: Mapped", 1))
        page = (root / "pages/loaves.json.py").read_text()
        (root / "pages/loaves.json.py").write_text(page.replace("Loaf.name", "Loaf.id"))
        eventually(lambda: server.ask("/loaves.json").text == "[1,2]", "the new page answers")
        assert "site.db" not in server.said.removeprefix(said)
        assert server.process.poll() is None
        open_files = [
            os.readlink(it) for it in Path(f"/proc/{server.process.pid}/fd").iterdir() if it.is_symlink()
        ]
        assert sum(it.endswith("site.db") for it in open_files) <= 1
