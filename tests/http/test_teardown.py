"""What a request leaves for its end is done, whatever happens: `teardown_this_request`."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from doors import Files, Served
from engine import create_app, teardown_this_request

LOG = """
    log = []
"""
PAGE = """
    from engine import g, request, stream_with_context, teardown_this_request
    from log import log

    freeze = False

    def note(word):
        @teardown_this_request
        def end(exception):
            log.append(f"{word} of {request.path} {type(exception).__name__}")

    def get():
        note("first")
        note("second")
        if "fail" in request.args:
            raise LookupError
        if "stream" in request.args:
            return rows()
        return {"log": log}

    @stream_with_context
    def rows():
        yield "row"
        log.append("a row")
"""
SITE: Files = {
    "log.py": LOG,
    "pages/page.py": PAGE,
    "pages/log.py": "from log import log\n\nfreeze = False\n\n\ndef get():\n    return log\n",
}


@pytest.fixture
def door(served: Callable[..., Served]) -> Served:
    return served(SITE)


def logged(door: Served) -> list[str]:
    return list(door.app.test_client().get("/log/").json)


def test_the_last_is_done_first_while_the_request_is_still_there(door: Served) -> None:
    door.get("/page/")
    assert logged(door) == ["second of /page/ NoneType", "first of /page/ NoneType"]


def test_it_is_told_what_was_raised(door: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    assert door.get("/page/?fail=1").status == 500
    assert logged(door)[0] == "second of /page/ LookupError"


def test_it_waits_for_a_stream(door: Served) -> None:
    assert door.get("/page/?stream=1").text == "row"
    assert logged(door) == ["a row", "second of /page/ NoneType", "first of /page/ NoneType"]


def test_it_comes_after_the_hooks(served: Callable[..., Served]) -> None:
    hooks = "from log import log\n\n\ndef teardown_request(exception):\n    log.append('hook')\n"
    door = served({**SITE, "pages/_hooks.py": hooks})
    door.get("/page/")
    assert logged(door)[:2] == ["hook", "second of /page/ NoneType"]


def test_it_is_done_though_a_hook_of_the_end_fails(served: Callable[..., Served]) -> None:
    door = served({**SITE, "pages/_hooks.py": "def teardown_request(exception):\n    1 / 0\n"})
    with pytest.raises(ZeroDivisionError):
        door.app.test_client().get("/page/?stream=1").get_data()
    log = door.app.test_client(propagate=False).get("/log/").json
    assert log == ["a row", "second of /page/ NoneType", "first of /page/ NoneType"]


def test_a_freeze_does_it_too(served: Callable[..., Served]) -> None:
    door = served(SITE)
    with door.app.test_request_context("/page/") as context:
        response, _ = door.app.observe(context.environ)
    assert response.status_code == 200
    assert len(logged(door)) == 2


def test_outside_of_a_request_it_is_done_at_the_end_of_the_context(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    app, done = served(SITE).app, []
    with app.context():
        teardown_this_request(done.append)
        teardown_this_request(lambda exception: 1 / 0)
        assert done == []
    assert done == [None]
    assert "teardown_this_request failed" in caplog.text


def test_a_test_that_looks_at_the_request_leaves_things_for_its_end_as_well(door: Served) -> None:
    done: list[str] = []
    with create_app(door.app.root).test_client() as client:
        client.get("/page/")
        teardown_this_request(lambda exception: done.append("end"))
        assert done == []
    assert done == ["end"]
