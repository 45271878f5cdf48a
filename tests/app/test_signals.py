"""Signals tell what happens while a page is answered, in Flask's words and order."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

import engine
from doors import Files, Served, freeze_site, write_site

NAMES = (
    *("request_started", "request_finished", "request_tearing_down", "got_request_exception"),
    *("before_render_template", "template_rendered", "message_flashed"),
)
FILES: Files = {
    "pages/hello.py": "def get():\n    return {'name': 'Ada'}\n",
    "pages/hello.html": "---\nlayout: false\n---\nHello {{ name }}",
    "pages/text.py": "from engine import flash\n\n\ndef get():\n    flash('saved', 'info')\n    return 'text'\n",
    "pages/broken.py": "def get():\n    1 / 0\n",
    "pages/gone.py": "from engine import abort\n\n\ndef get():\n    abort(410)\n",
    "pages/500.py": "def get():\n    return 'sorry'\n",
    "pages/410.py": "def get():\n    return 'gone'\n",
    "pages/same.md": "the same for all",
    "static/a.txt": "asset",
}
Trail = list[tuple[str, Any, dict[str, Any]]]


@pytest.fixture
def trail() -> Iterator[Trail]:
    """What was sent: the name of the signal, the sender, the rest."""
    found: Trail = []

    def receiver(name: str) -> Callable[..., None]:
        return lambda sender, **what: found.append((name, sender, what))

    with ExitStack() as stack:
        for name in NAMES:
            stack.enter_context(getattr(engine, name).connected_to(receiver(name)))
        yield found


@pytest.fixture
def door(served: Callable[..., Served]) -> Served:
    return served(FILES, secret_key="x")


def names(trail: Trail) -> list[str]:
    return [name for name, _, _ in trail]


def test_a_page_tells_its_beginning_its_templates_and_its_end(door: Served, trail: Trail) -> None:
    assert door.get("/hello/").text == "Hello Ada"
    assert names(trail) == [
        *("request_started", "before_render_template", "template_rendered", "request_finished"),
        "request_tearing_down",
    ]
    assert {sender for _, sender, _ in trail} == {door.app}
    whats = {name: what for name, _, what in trail}
    assert whats["template_rendered"]["template"].name == "pages/hello.html"
    assert whats["template_rendered"]["context"]["name"] == "Ada"
    assert whats["request_finished"]["response"].status_code == 200
    assert whats["request_tearing_down"] == {"exc": None}


def test_a_flashed_message_is_told(door: Served, trail: Trail) -> None:
    door.get("/text/")
    assert ("message_flashed", door.app, {"message": "saved", "category": "info"}) in trail
    [finished] = [what["response"] for name, _, what in trail if name == "request_finished"]
    assert finished.headers["Set-Cookie"].startswith("session=")


def test_an_exception_is_told_and_an_http_error_is_none(door: Served, trail: Trail) -> None:
    assert door.get("/broken/").text == "sorry"
    assert names(trail) == [
        *("request_started", "got_request_exception", "request_finished", "request_tearing_down"),
    ]
    assert isinstance(trail[1][2]["exception"], ZeroDivisionError)
    assert trail[3][2] == {"exc": trail[1][2]["exception"]}
    trail.clear()
    assert door.get("/gone/").text == "gone"
    assert names(trail) == ["request_started", "request_finished", "request_tearing_down"]


def test_every_answer_is_told_while_somebody_listens(door: Served, trail: Trail) -> None:
    for path in ("/same/", "/a.txt", "/no-such-page/"):
        for _ in range(2):
            trail.clear()
            status = door.get(path).status
            assert names(trail)[0] == "request_started"
            assert names(trail)[-2:] == ["request_finished", "request_tearing_down"]
            assert trail[-2][2]["response"].status_code == status


def test_a_kept_answer_stays_the_same_when_a_listener_comes(door: Served) -> None:
    first = door.get("/same/")
    with engine.request_started.connected_to(lambda sender: None):
        assert door.get("/same/").body == first.body


def test_a_freeze_tells_too(site: Callable[[Files], Path], trail: Trail, tmp_path: Path) -> None:
    freeze_site(site({"pages/hello.html": "Hello"}), tmp_path / "dist")
    assert "request_finished" in names(trail)


def failing(sender: Any, **what: Any) -> None:
    raise RuntimeError("the receiver")


@pytest.mark.parametrize(
    "name", ["request_started", "request_finished", "before_render_template", "template_rendered"]
)
def test_a_receiver_that_raises_is_as_a_page_that_raises(
    door: Served, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with getattr(engine, name).connected_to(failing):
        answer = door.get("/hello/")
    assert (answer.status, answer.text) == (500, "sorry")
    assert "RuntimeError: the receiver" in caplog.text


def test_a_receiver_that_raises_at_the_end_spoils_neither_the_answer_nor_the_rest(
    door: Served, trail: Trail, caplog: pytest.LogCaptureFixture
) -> None:
    ends = [getattr(engine, name) for name in ("request_tearing_down", "appcontext_tearing_down")]
    popped: list[object] = []
    with ExitStack() as stack:
        for signal in ends:
            stack.enter_context(signal.connected_to(failing))
        stack.enter_context(engine.appcontext_popped.connected_to(popped.append))
        assert door.get("/hello/").text == "Hello Ada"
        assert popped == [door.app]
        with pytest.raises(RuntimeError, match="the receiver"):
            door.app.test_client().get("/hello/")
    assert "a receiver of request-tearing-down failed" in caplog.text


def test_a_receiver_may_end_the_request(door: Served) -> None:
    def closed(sender: Any) -> None:
        engine.abort(410)

    with engine.request_started.connected_to(closed):
        assert [door.get(path).text for path in ("/hello/", "/same/", "/a.txt")] == ["gone"] * 3


def test_a_receiver_that_raises_is_a_fault_of_the_frozen_page(
    site: Callable[[Files], Path], tmp_path: Path
) -> None:
    with engine.request_started.connected_to(failing):
        report = freeze_site(site({"pages/hello.html": "Hello"}), tmp_path / "dist")
    assert "the receiver" in str(report.faults[0])


def test_a_receiver_may_give_a_template_more_names(door: Served) -> None:
    def rename(sender: Any, template: Any, context: dict[str, Any]) -> None:
        context["name"] = "Grace"

    with engine.before_render_template.connected_to(rename):
        assert door.get("/hello/").text == "Hello Grace"


def told_by(name: str, connect: str) -> Files:
    """A site whose page fails, and that keeps who has failed in `app.extensions`."""
    setup = f"""
        from engine import got_request_exception

        def setup(app):
            told = app.extensions["told"] = []
            def tell(sender, exception):
                told.append((sender.config.title, str(exception)))
            {connect}
    """
    page = f"def get():\n    raise LookupError({name!r})\n"
    return {"site.toml": f"title = {name!r}\n", "app.py": setup, "pages/index.py": page}


@pytest.mark.parametrize(
    "connect",
    [
        "got_request_exception.connect(tell, app)",
        "got_request_exception.connect_via(app)(tell)",
        "got_request_exception.connect(tell, sender=app, weak=False)",
    ],
)
def test_who_connects_with_the_app_of_setup_hears_of_this_site_alone(tmp_path: Path, connect: str) -> None:
    before = dict(engine.got_request_exception.receivers)
    doors = [Served(write_site(tmp_path / name, told_by(name, connect))) for name in ("ada", "eve")]
    gc.collect()
    for door in doors:
        assert door.get("/").status == 500
    assert [door.app.extensions["told"] for door in doors] == [[("ada", "ada")], [("eve", "eve")]]
    assert doors[0].app.afresh().test_client(propagate=False).get("/").status_code == 500
    assert [len(door.app.extensions["told"]) for door in doors] == [2, 1]
    for door in doors:
        door.app.site.modules.close()
    assert engine.got_request_exception.receivers == before


def test_a_receiver_of_two_sites_outlives_one_of_them(tmp_path: Path) -> None:
    heard = []

    def hear(sender: Any) -> None:
        heard.append(sender.config.title)

    ada, eve = (Served(write_site(tmp_path / name, told_by(name, "pass"))) for name in ("ada", "eve"))
    for door in (ada, eve):
        engine.request_started.connect(hear, door.app.registry)
    ada.app.site.modules.close()
    for door in (ada, eve):
        door.get("/")
    assert heard == ["eve"]
    eve.app.site.modules.close()
    assert hear not in engine.request_started.receivers.values()


def test_who_connects_with_an_app_hears_of_it(tmp_path: Path) -> None:
    ada, eve = (Served(write_site(tmp_path / name, told_by(name, "pass"))) for name in ("ada", "eve"))
    heard = []
    with engine.request_started.connected_to(heard.append, ada.app):
        for door in (eve, ada):
            door.get("/")
    assert heard == [ada.app]


CONTEXTS = ("appcontext_pushed", "appcontext_tearing_down", "appcontext_popped")


def test_a_context_tells_its_beginning_and_its_end(door: Served) -> None:
    heard: list[tuple[str, Any]] = []

    def receiver(name: str) -> Callable[..., None]:
        return lambda sender, **what: heard.append((name, what.get("exc", "no word")))

    with ExitStack() as stack:
        for name in (*CONTEXTS, "request_started", "request_tearing_down"):
            stack.enter_context(getattr(engine, name).connected_to(receiver(name), door.app))
        with door.app.context():
            assert [name for name, _ in heard] == ["appcontext_pushed"]
        assert [name for name, _ in heard] == [*CONTEXTS]
        del heard[:]
        door.get("/hello/")
        assert [name for name, _ in heard] == [
            *("appcontext_pushed", "request_started"),
            *("request_tearing_down", "appcontext_tearing_down", "appcontext_popped"),
        ]
        del heard[:]
        failure = ZeroDivisionError()
        with pytest.raises(ZeroDivisionError), door.app.test_request_context("/hello/"):
            raise failure
        told = [("request_tearing_down", failure), ("appcontext_tearing_down", failure)]
        assert heard == [("appcontext_pushed", "no word"), *told, ("appcontext_popped", "no word")]
