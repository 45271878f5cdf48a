"""Answers that several processes share in a Redis; each app here stands for a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from commands import Process, command
from doors import Files, Served, write_site
from engine import App, create_app
from hosts_tools import free_port
from redis_tools import Server, needs_server

redis = pytest.importorskip("redis")

UNIQUE = """
from uuid import uuid4
from engine import Cache, request
cache = Cache("10m", stale="1m", tags=["news"], vary=["X-Kind"])
def get():
    return uuid4().hex + request.args.get("x", "") + request.headers.get("X-Kind", "")
"""
SITE = {"pages/n.py": UNIQUE, "pages/m.py": UNIQUE.replace("news", "other")}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


Share = Callable[..., list[App]]


@pytest.fixture
def sharing(server: Server, tmp_path: Path) -> Iterator[Share]:
    """Opens a site twice, with one Redis behind both."""
    opened: list[App] = []

    def open_sites(files: Files = SITE, **settings: Any) -> list[App]:
        root = write_site(tmp_path / "site", files)
        both = [create_app(root, **{"cache__store": server.address, **settings}) for _ in range(2)]
        opened.extend(both)
        return both

    yield open_sites
    with redis.Redis.from_url(server.address) as client:
        client.flushall()
    for app in opened:
        for store in (app.cache._store, getattr(app.session_store, "_shelf", None)):
            if store is not None:
                store._redis.close()


def ask(app: App, path: str = "/n/", **options: Any) -> Any:
    return app.test_client().get(path, **options)


@needs_server
def test_what_one_process_makes_the_other_sends(sharing: Share) -> None:
    one, other = sharing()
    made, sent = ask(one), ask(other)
    assert (sent.status_code, sent.text) == (200, made.text)
    assert dict(sent.headers) == dict(made.headers)
    assert ask(other, headers={"If-None-Match": made.headers["ETag"]}).status_code == 304


@needs_server
def test_what_tells_answers_apart_does_so_for_all(sharing: Share) -> None:
    one, other = sharing()
    asked: list[dict[str, Any]] = [{}, {"query_string": "x=1"}, {"headers": {"X-Kind": "a"}}]
    for options in asked:
        ask(one, **options)
    answers = [ask(one, **options).text for options in asked]
    assert answers == [ask(other, **options).text for options in asked]
    assert len(set(answers)) == 3


@needs_server
@pytest.mark.parametrize(
    ("purged", "stays"),
    [
        ({"tag": "news"}, [False, True]),
        ({"path": "/m/"}, [True, False]),
        ({"everything": True}, [False, False]),
        ({"tag": "nothing"}, [True, True]),
    ],
)
def test_a_purge_reaches_every_process(sharing: Share, purged: Any, stays: list[bool]) -> None:
    one, other = sharing()
    before = [ask(one, path).text for path in ("/n/", "/m/")]
    other.cache.purge(**purged)
    after = [ask(one, path).text for path in ("/n/", "/m/")]
    assert [a == b for a, b in zip(before, after, strict=True)] == stays


CHANGES = {
    "its page": ("pages/n.py", UNIQUE + "# changed\n"),
    "a template": ("templates/base.html", "changed"),
    "data": ("data/loaves.yaml", "- White\n"),
    "a module that it imports": ("names.py", "NAME = 'changed'\n"),
    "a setting": ("site.toml", 'title = "Changed"\n'),
}


@needs_server
@pytest.mark.parametrize("file, text", CHANGES.values(), ids=CHANGES)
def test_what_was_made_of_another_source_is_not_sent(
    sharing: Share, tmp_path: Path, file: str, text: str
) -> None:
    files = {
        **SITE,
        "pages/n.py": "import names\n" + UNIQUE,
        "names.py": "NAME = 'one'\n",
        "data/loaves.yaml": "- Rye\n",
    }
    before, other = sharing(files)
    made = ask(before).text
    assert ask(other).text == made
    [after, _] = sharing({file: text})
    assert ask(after).text != made
    assert ask(before).text == made
    after.cache.purge(path="/n/")
    assert ask(before).text != made


@needs_server
def test_what_was_made_by_another_version_of_a_package_is_not_sent(
    sharing: Share, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "bakery_shop-1.0.dist-info"
    package.mkdir(parents=True)
    monkeypatch.syspath_prepend(str(package.parent))
    before, _ = sharing()
    made = ask(before).text
    package.rename(package.with_name("bakery_shop-1.1.dist-info"))
    after, other = sharing()
    assert ask(after).text != made
    assert ask(other).text == ask(after).text


@needs_server
def test_sites_with_prefixes_of_their_own_keep_apart(sharing: Share) -> None:
    (one, _), (star, _) = sharing(cache__prefix="a"), sharing(cache__prefix="*")
    first, second = ask(one).text, ask(star).text
    assert first != second
    star.cache.purge(everything=True)
    assert (ask(one).text, ask(star).text == second) == (first, False)


@needs_server
def test_of_many_processes_one_makes_an_answer(sharing: Share) -> None:
    apps = sharing() * 3
    gate = threading.Barrier(len(apps))

    def together(app: App) -> str:
        gate.wait()
        return str(ask(app).text)

    with ThreadPoolExecutor(len(apps)) as pool:
        assert len(set(pool.map(together, apps))) == 1


@pytest.mark.long
@needs_server
def test_two_servers_and_their_workers_send_one_answer(server: Server, tmp_path: Path) -> None:
    root = write_site(tmp_path, SITE)
    with ExitStack() as stack:
        asks = []
        for _ in range(2):
            port = free_port()
            arguments = command("serve", "--port", str(port), "--workers", "2", root)
            own = Process(arguments, ENGINE_CACHE__STORE=server.address, ENGINE_CACHE__PREFIX="servers")
            process = stack.enter_context(own)
            process.port = port
            asks.append(process.answering().ask)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda number: asks[number % 2]("/n/").text, range(40)))
        assert len(answers[0]) == len(uuid4().hex)
        assert len(set(answers)) == 1


@needs_server
def test_what_another_process_purges_while_it_is_made_is_not_kept(sharing: Share) -> None:
    purging = """
    from uuid import uuid4
    from engine import current_app
    cache = "10m"
    def get():
        current_app.cache.purge(tag="x")
        return uuid4().hex
    """
    one, other = sharing({"pages/n.py": purging})
    assert ask(one).text != ask(other).text


@needs_server
def test_a_stale_answer_is_made_anew_for_all(sharing: Share) -> None:
    one, other = sharing()
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False) as clock:
        first = ask(one).text
        clock.shift(600)
        assert ask(other).text == first
        for thread in threading.enumerate():
            if thread.name == "engine-renew":
                thread.join()
        second = ask(one).text
        assert second != first
        assert ask(other).text == second


@needs_server
def test_redis_forgets_what_is_too_old(sharing: Share, server: Server) -> None:
    ask(sharing()[0])
    with redis.Redis.from_url(server.address) as client:
        left = {key.split(b":")[1]: client.ttl(key) for key in client.scan_iter()}
    assert left.keys() == {b"answer", b"tag", b"needs"}
    assert all(0 < left[kind] <= 660 for kind in (b"answer", b"tag"))
    assert left[b"needs"] > 0


@needs_server
def test_what_a_purge_looks_at_outlives_every_answer(sharing: Share, server: Server) -> None:
    files = {f"pages/{ttl}.py": UNIQUE.replace("10m", ttl) for ttl in ("1h", "5m")}
    one, _ = sharing(files)
    for path in ("/1h/", "/5m/"):
        ask(one, path)
    with redis.Redis.from_url(server.address) as client:
        ends = {key: client.pexpiretime(key) for key in client.scan_iter()}
    answers = [end for key, end in ends.items() if b":answer:" in key]
    [tag] = [end for key, end in ends.items() if key.endswith(b":tag:tag:news")]
    assert tag >= max(answers) > min(answers) + 3_000_000


@needs_server
def test_what_cannot_be_read_is_made_anew(sharing: Share, server: Server) -> None:
    one, other = sharing()
    ask(one)
    with redis.Redis.from_url(server.address) as client:
        for key in client.scan_iter("*:answer:*"):
            client.set(key, b"of another version")
    assert ask(other).text == ask(one).text


@needs_server
def test_a_site_is_served_when_its_redis_goes_away(tmp_path: Path) -> None:
    server = Server(tmp_path)
    app = create_app(write_site(tmp_path / "site", SITE), cache__store=server.address)
    assert ask(app).text == ask(app).text
    server.stop()
    assert [ask(app).status_code for _ in range(3)] == [200, 200, 200]
    assert ask(app).text != ask(app).text
    app.cache._store._redis.close()  # type: ignore[attr-defined]


def test_without_its_redis_a_site_keeps_nothing_and_says_so_once(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    site = served(SITE, cache__store=f"unix://{tmp_path}/nowhere.sock")
    answers = [site.get("/n/") for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert len({answer.text for answer in answers}) == 3
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 1
    assert said[0].startswith("neither answers nor sessions are kept, because Redis fails: ")


def test_a_purge_that_does_not_reach_redis_is_an_error(served: Callable[..., Served], tmp_path: Path) -> None:
    site = served(SITE, cache__store=f"unix://{tmp_path}/nowhere.sock")
    with pytest.raises(redis.ConnectionError):
        site.app.cache.purge(tag="news")


def test_an_address_that_is_none_is_a_fault_that_tells_no_password(faults: Callable[..., list[str]]) -> None:
    files = {"site.toml": '[cache]\nstore = "http://me:pass@localhost"\n'}
    assert faults(files) == [
        'site.toml:2:1: `cache.store` must be "memory" or like redis://localhost:6379/0.'
    ]


def test_a_redis_needs_its_package(faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.config.REDIS_NEEDS", "nothing_of_that_name")
    assert faults({"site.toml": '[cache]\nstore = "redis://localhost"\n'}) == [
        "site.toml:2:1: `cache.store` is the address of a Redis, which needs nothing_of_that_name. "
        "Install it: pip install 'pages-engine[redis]'."
    ]


# Sessions


VISIT = """
from engine import request, session
def get():
    return session.get("name", "nobody")
def post():
    what = request.args["do"]
    if what == "enter":
        session["name"] = request.args["name"]
    elif what == "rotate":
        session.rotate()
    elif what == "big":
        session["big"] = "x" * 10_000
    else:
        session.clear()
    return "done"
"""
ON_SERVER: dict[str, Any] = {"session__store": "cache", "secret_key": "a key for these tests"}


@pytest.fixture
def visited(sharing: Share) -> tuple[App, App]:
    """Two processes of a site that keeps its sessions in Redis."""
    one, other = sharing({"pages/v.py": VISIT}, **ON_SERVER)
    return one, other


def copied(client: Any, app: App) -> Any:
    """Another browser that has the same cookie."""
    cookie = client.get_cookie("session")
    other = app.test_client()
    if cookie is not None:
        other.set_cookie("session", cookie.value)
    return other


def do(client: Any, what: str, name: str = "") -> Any:
    return client.post(f"/v/?do={what}&name={name}")


@needs_server
def test_a_session_on_the_server_is_the_same_for_every_process(visited: tuple[App, App]) -> None:
    one, other = visited
    visitor = one.test_client()
    do(visitor, "enter", "Ada")
    assert (visitor.get("/v/").text, copied(visitor, other).get("/v/").text) == ("Ada", "Ada")
    assert one.test_client().get("/v/").text == "nobody"


@needs_server
def test_the_cookie_holds_no_more_than_an_id(visited: tuple[App, App]) -> None:
    visitor = visited[0].test_client()
    do(visitor, "enter", "Ada")
    before = visitor.get_cookie("session").value  # type: ignore[union-attr]
    do(visitor, "big")
    assert len(before) < 100
    assert visitor.get("/v/").text == "Ada"


@needs_server
def test_who_signs_out_ends_the_session_for_copies_of_the_cookie(visited: tuple[App, App]) -> None:
    one, other = visited
    visitor = one.test_client()
    do(visitor, "enter", "Ada")
    copy = copied(visitor, other)
    do(visitor, "leave")
    assert [it.get("/v/").text for it in (visitor, copy)] == ["nobody", "nobody"]


@needs_server
def test_a_rotated_session_is_not_opened_by_its_old_id(visited: tuple[App, App]) -> None:
    one, other = visited
    visitor = one.test_client()
    do(visitor, "enter", "Ada")
    copy = copied(visitor, other)
    do(visitor, "rotate")
    assert [it.get("/v/").text for it in (visitor, copy)] == ["Ada", "nobody"]


@needs_server
def test_a_session_that_has_ended_is_not_brought_back(visited: tuple[App, App]) -> None:
    one, other = visited
    visitor = one.test_client()
    do(visitor, "enter", "Ada")
    with visitor.session_transaction() as session:  # a slow request, during which another one signs out
        do(copied(visitor, other), "leave")
        session["name"] = "Eve"
    assert visitor.get("/v/").text == "nobody"


@needs_server
def test_an_id_that_was_not_signed_opens_nothing(visited: tuple[App, App], server: Server) -> None:
    do(visited[0].test_client(), "enter", "Ada")
    with redis.Redis.from_url(server.address) as client:
        id = next(client.scan_iter("*:session:*")).decode().rpartition(":")[2]
    stranger = visited[0].test_client()
    stranger.set_cookie("session", id)
    assert stranger.get("/v/").text == "nobody"


@needs_server
def test_a_session_ends_with_its_lifetime(sharing: Share, server: Server) -> None:
    app = sharing({"pages/v.py": VISIT}, session__lifetime=60, **ON_SERVER)[0]
    visitor = app.test_client()
    do(visitor, "enter", "Ada")
    with redis.Redis.from_url(server.address) as client:
        assert 0 < client.ttl(next(client.scan_iter("*:session:*"))) <= 60
    with time_machine.travel(time.time() + 61):
        assert visitor.get("/v/").text == "nobody"


@needs_server
def test_a_purge_of_everything_leaves_sessions(visited: tuple[App, App]) -> None:
    visitor = visited[0].test_client()
    do(visitor, "enter", "Ada")
    visited[1].cache.purge(everything=True)
    assert visitor.get("/v/").text == "Ada"


@needs_server
def test_a_session_outlives_a_redis_that_was_away(visited: tuple[App, App], tmp_path: Path) -> None:
    one = visited[0]
    away = create_app(one.root, cache__store=f"unix://{tmp_path}/nowhere.sock", **ON_SERVER)
    visitor = one.test_client()
    do(visitor, "enter", "Ada")
    lost = copied(visitor, away)
    assert lost.get("/v/").text == "nobody"
    assert "Set-Cookie" not in do(lost, "enter", "Eve").headers
    assert visitor.get("/v/").text == "Ada"


@needs_server
def test_who_signs_out_while_redis_is_away_is_not_signed_in_once_it_is_back(
    visited: tuple[App, App], tmp_path: Path
) -> None:
    one = visited[0]
    away = create_app(one.root, cache__store=f"unix://{tmp_path}/nowhere.sock", **ON_SERVER)
    visitor = one.test_client()
    do(visitor, "enter", "Ada")
    lost = copied(visitor, away)
    with lost.session_transaction() as session:
        session.clear()
        session.rotate()
        session["said"] = "You have signed out."
    assert lost.get_cookie("session") is None


def test_sessions_in_the_cookie_can_be_rotated_too(served: Callable[..., Served]) -> None:
    visitor = served({"pages/v.py": VISIT}, secret_key="a key").app.test_client()
    do(visitor, "enter", "Ada")
    do(visitor, "rotate")
    assert visitor.get("/v/").text == "Ada"


def test_sessions_on_the_server_need_a_redis(faults: Callable[..., list[str]]) -> None:
    assert faults({"site.toml": '[session]\nstore = "cache"\n'}) == [
        'site.toml:2:1: `session.store` is "cache", which needs a Redis in `cache.store`. '
        "What one process keeps no other would know."
    ]
