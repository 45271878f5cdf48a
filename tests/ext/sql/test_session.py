"""`db.session`: one for each request, closed at its end, and committed by nobody but the site."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from doors import Files
from engine import App
from engine.errors import OutsideContext
from sql_tools import opened

Open = Callable[..., App]


@pytest.fixture
def site(tmp_path: Path, url: str) -> Iterator[Open]:
    """Opens the shop at an empty database, with more files and loaves."""
    apps = []

    def make(*names: str, files: Files | None = None) -> App:
        apps.append(opened(tmp_path / "site", url, files, *names))
        return apps[-1]

    yield make
    for app in apps:
        app.site.modules.close()


def connections(app: App) -> int:
    """How many connections are in use."""
    return int(app.extensions["sql"].engine.pool.checkedout())


def loaves(app: App) -> list[str]:
    answer = app.test_client().get("/loaves.json")
    assert answer.status_code == 200
    return list(answer.json)


def test_what_is_committed_is_there_for_the_next_request(site: Open) -> None:
    app = site()
    client = app.test_client()
    assert client.post("/loaves.json", data={"name": "rye"}).text == "ok"
    assert loaves(app) == ["rye"]
    assert connections(app) == 0


def test_what_is_not_committed_is_taken_back(site: Open) -> None:
    app = site("rye")
    assert app.test_client().post("/loaves.json", data={"name": "oat", "forget": "1"}).text == "ok"
    assert loaves(app) == ["rye"]
    assert connections(app) == 0


def test_so_is_what_a_request_did_that_failed(site: Open, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    app = site("rye")
    client = app.test_client(propagate=False)
    assert client.post("/loaves.json", data={"name": "oat", "fail": "1"}).status_code == 500
    assert loaves(app) == ["rye"]
    assert connections(app) == 0


FAILING = """
    from models import Loaf, db

    freeze = False

    def get():
        db.session.add(Loaf(name="rye"))
        db.session.flush()
"""
ERROR = """
    from models import Loaf, db, select

    def get(error):
        return str(db.session.scalars(select(Loaf.name)).all())
"""


def test_the_error_page_of_a_failed_request_can_read_the_database(
    site: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    app = site("rye", files={"pages/fail.py": FAILING, "pages/500.py": ERROR})
    answer = app.test_client(propagate=False).get("/fail/")
    assert (answer.status_code, answer.text) == (500, "['rye']")


def test_a_request_that_needs_no_database_opens_no_session(site: Open) -> None:
    app = site(files={"pages/plain.py": "from engine import g\n\n\ndef get():\n    return f'{list(g)}'\n"})
    connections = app.extensions["sql"].connections
    connections.move(connections.url)
    assert app.test_client().get("/plain/").text == "[]"
    assert not connections.is_open


def test_no_hook_stands_before_pages_that_are_kept_ready(site: Open) -> None:
    app = site(files={"pages/about.md": "About us"})
    assert "/about/" not in app._found
    app.test_client().get("/about/")
    assert "/about/" in app._found


LAZY = """
    from models import Loaf, db, select

    freeze = False

    def get():
        return {"loaves": db.session.scalars(select(Loaf)).all()}
"""


def test_a_template_may_follow_relations(site: Open) -> None:
    page = "---\nlayout: false\n---\n{% for loaf in loaves %}{{ loaf.name }} {{ loaf.crumbs|length }}{% endfor %}"
    app = site("rye", files={"pages/all.py": LAZY, "pages/all.html": page})
    assert app.test_client().get("/all/").text.strip() == "rye 0"
    assert connections(app) == 0


STREAM = """
    from engine import stream_with_context
    from models import Loaf, db, select

    freeze = False

    @stream_with_context
    def get():
        for name in db.session.scalars(select(Loaf.name).order_by(Loaf.name)):
            yield name + "\\n"
"""


def test_a_stream_keeps_its_session_to_its_end(site: Open) -> None:
    app = site("oat", "rye", files={"pages/rows.txt.py": STREAM})
    with app.test_client().get("/rows.txt") as answer:
        assert connections(app) == 1
        assert answer.text == "oat\nrye\n"
    assert connections(app) == 0


def test_one_that_the_visitor_leaves_gives_its_connection_back(site: Open) -> None:
    app = site("oat", "rye", files={"pages/rows.txt.py": STREAM})
    app.test_client().get("/rows.txt").close()
    assert connections(app) == 0


ASYNC = """
    from models import Loaf, db, select

    freeze = False

    async def get():
        return [it.name for it in db.session.scalars(select(Loaf))]
"""


def test_an_asynchronous_handler_has_the_session_of_its_request(site: Open) -> None:
    app = site("rye", files={"pages/later.json.py": ASYNC})
    assert app.test_client().get("/later.json").json == ["rye"]
    assert connections(app) == 0


THREAD = """
    import threading

    from engine import copy_current_request_context
    from models import db

    freeze = False

    def get():
        seen = [db.session]
        def look():
            seen.append(db.session)
        thread = threading.Thread(target=copy_current_request_context(look))
        thread.start()
        thread.join()
        return str(seen[0] is seen[1])
"""


def test_a_thread_of_a_request_has_a_session_of_its_own(site: Open) -> None:
    app = site(files={"pages/thread.py": THREAD})
    assert app.test_client().get("/thread/").text == "False"
    assert connections(app) == 0


def test_many_threads_write_at_once(site: Open) -> None:
    app = site()
    barrier = threading.Barrier(8)

    def bake(number: int) -> int:
        client = app.test_client()
        barrier.wait()
        return sum(
            client.post("/loaves.json", data={"name": f"{number}-{it}"}).status_code == 200 for it in range(5)
        )

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(bake, range(8))) == 40
    assert len(loaves(app)) == 40
    assert connections(app) == 0


READS_FIRST = """
    from engine import request
    from models import Loaf, db
    from sqlalchemy import func, select

    freeze = False

    def post():
        count = db.session.scalar(select(func.count()).select_from(Loaf))
        db.session.add(Loaf(name=request.form["name"]))
        db.session.commit()
        return str(count)
"""


def test_one_that_has_read_can_write_though_others_have_written_since(site: Open) -> None:
    app = site(files={"pages/bake.py": READS_FIRST})
    barrier = threading.Barrier(6)

    def bake(number: int) -> int:
        client = app.test_client()
        barrier.wait()
        return sum(
            client.post("/bake/", data={"name": f"{number}-{it}"}).status_code == 200 for it in range(5)
        )

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(bake, range(6))) == 30


VERSIONED = """
    from threading import Barrier
    from sqlalchemy.orm import Mapped, mapped_column
    from models import db

    class Oven(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        heat: Mapped[int]
        version: Mapped[int] = mapped_column(default=1)
        __mapper_args__ = {"version_id_col": version}

    both_have_read = Barrier(2, timeout=120)
"""
OVEN = """
    from engine import request
    from ovens import Oven, both_have_read, db

    freeze = False

    def get():
        return [it.heat for it in db.session.query(Oven)]

    def put():
        oven = db.get_or_404(Oven, 1)
        both_have_read.wait()
        oven.heat = int(request.form["heat"])
        db.session.commit()
        return str(oven.heat)

    def delete():
        oven = db.get_or_404(Oven, 1)
        both_have_read.wait()
        db.session.delete(oven)
        db.session.commit()
        return "gone"
"""


OVENS: Files = {
    "ovens.py": VERSIONED,
    "pages/oven.json.py": OVEN,
    "pages/409.html": "---\nlayout: false\n---\novens left: {{ count() }}",
    "pages/412.html": "---\nlayout: false\n---\novens left: {{ count() }}",
    "app.py": """
        from ovens import Oven, db

        def setup(app):
            db.init_app(app)
            app.add_names({"count": lambda: db.session.query(Oven).count()})
    """,
}


@pytest.mark.parametrize(
    ("first", "second", "named", "status"),
    [
        ("PUT", "PUT", {}, 409),
        ("PUT", "DELETE", {}, 409),
        ("DELETE", "DELETE", {}, 409),
        ("PUT", "PUT", {"If-Match": '"1"'}, 412),
    ],
)
def test_of_two_that_change_a_row_at_once_one_is_told(
    site: Open, first: str, second: str, named: dict[str, str], status: int
) -> None:
    app = site(files=OVENS)
    db = app.extensions["sql"]
    with app.context():
        db.session.add(db.models.Oven(heat=180))
        db.session.commit()

    def ask(number: int) -> tuple[int, str]:
        method, accept = (first, second)[number], ("text/html", "application/json")[number]
        options = {"data": {"heat": f"20{number}"}, "headers": {"Accept": accept, **named}}
        answer = app.test_client().open("/oven.json", method=method, **options)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(2) as pool:
        (good, _), (bad, told) = sorted(pool.map(ask, range(2)))
    assert (good, bad) == (200, status)
    assert "ovens left: " in told or "Somebody has changed or deleted this meanwhile." in told
    assert connections(app) == 0


def test_outside_of_a_request_it_is_an_error_that_says_the_way_out(site: Open) -> None:
    db = site().extensions["sql"]
    with pytest.raises(OutsideContext, match=r"`db.session` was used .* within `with app.context\(\):`"):
        _ = db.session


def test_code_that_runs_for_the_site_has_one_for_its_context(site: Open) -> None:
    app = site("rye")
    db = app.extensions["sql"]
    with app.context():
        first = db.session
        assert first is db.session
        first.add(db.models.Loaf(name="oat"))
        first.flush()
        assert app.test_client().get("/loaves.json").json == ["rye"]  # which has its own
    with app.context():
        assert db.session is not first
    assert loaves(app) == ["rye"]
    assert connections(app) == 0


def test_a_test_that_looks_at_the_last_request_leaves_no_connection_open(site: Open) -> None:
    app = site("rye")
    db = app.extensions["sql"]
    with app.test_client() as client:
        client.get("/loaf/1/")
        assert db.session.get(db.models.Loaf, 1).name == "rye"
    assert connections(app) == 0


def test_a_row_that_is_not_there_is_a_404(site: Open) -> None:
    app = site("rye")
    client = app.test_client()
    assert client.get("/loaf/1/").text == "rye"
    # The last two no database could hold.
    assert {client.get(f"/loaf/{id}/").status_code for id in ("2", "99999999999", "9" * 30)} == {404}
    assert connections(app) == 0


ONE = """
    from models import Loaf, db, select

    freeze = False

    def get(how, name):
        found = select(Loaf).where(Loaf.name.startswith(name)).order_by(Loaf.name)
        if how == "limited":
            return db.one_or_404(found.limit(1)).name
        return (db.one_or_404 if how == "one" else db.first_or_404)(found).name
"""


def test_the_first_and_the_only_one_of_a_query_or_404(site: Open) -> None:
    client = site("oat", "rye", "rye 2", files={"pages/[how]/[name].py": ONE}).test_client()
    assert client.get("/first/rye/").text == "rye"
    assert client.get("/one/oat/").text == "oat"
    statuses = [client.get(path).status_code for path in ("/first/spelt/", "/one/spelt/", "/one/rye/")]
    assert statuses == [404, 404, 404]
    assert client.get("/limited/rye/").text == "rye"


BY_NUMBER = """
    from models import Loaf, db, select

    freeze = False

    def get(how, id):
        return (db.one_or_404 if how == "one" else db.first_or_404)(select(Loaf).where(Loaf.id == id)).name
"""


@pytest.mark.parametrize("how", ["first", "one"])
def test_a_query_for_what_no_row_could_hold_finds_nothing(site: Open, how: str) -> None:
    app = site("rye", files={"pages/[how]/[id=int].py": BY_NUMBER})
    client = app.test_client()
    assert client.get(f"/{how}/1/").text == "rye"
    assert {client.get(f"/{how}/{id}/").status_code for id in ("2", "99999999999", "9" * 30)} == {404}
    assert connections(app) == 0


PAGE_BY_NUMBER = """
    from models import Loaf, db, select

    freeze = False

    def get(id):
        found = db.paginate(select(Loaf.name).where(Loaf.id == id))
        return [*found, found.total, len(db.session.scalars(select(Loaf)).all())]
"""


def test_a_page_of_what_no_row_could_hold_is_empty(site: Open) -> None:
    app = site("rye", files={"pages/page/[id=int].json.py": PAGE_BY_NUMBER})
    client = app.test_client()
    assert client.get("/page/1.json").json == ["rye", 1, 1]
    for id in ("99999999999", "9" * 30):
        assert client.get(f"/page/{id}.json").json == [0, 1]
        assert client.get(f"/page/{id}.json?page=2").status_code == 404
    assert connections(app) == 0
