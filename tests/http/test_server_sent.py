"""Server-sent events reach a page as the HTML standard writes them, and end when it goes."""

from __future__ import annotations

import inspect
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from werkzeug.serving import make_server

from doors import Served
from engine import ServerSentEvent
from engine.freeze.freeze import FreezeOptions, freeze

PAGE = """
    import threading
    from engine import ServerSentEvent, event_stream, g, request

    ended = threading.Event()

    def get():
        return event_stream(events(), heartbeat={heartbeat})

    {kind} events():
        try:
{body}
        finally:
            ended.set()
"""


def page(*lines: str, heartbeat: float = 0.02, kind: str = "def") -> str:
    body = "\n".join(f"            {line}" for line in lines)
    return PAGE.format(heartbeat=heartbeat, kind=kind, body=body)


@pytest.mark.parametrize(
    "event, expected",
    [
        (ServerSentEvent("a"), "data: a\n\n"),
        (ServerSentEvent(""), "data: \n\n"),
        (ServerSentEvent("a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent({"a": [1]}), 'data: {"a":[1]}\n\n'),
        (ServerSentEvent("a", event="news", id="7", retry=50), "event: news\nid: 7\nretry: 50\ndata: a\n\n"),
        (ServerSentEvent("a", id=0), "id: 0\ndata: a\n\n"),
        (ServerSentEvent(event="ping"), "event: ping\n\n"),
    ],
)
def test_an_event_is_written_as_the_standard_says(event: ServerSentEvent, expected: str) -> None:
    assert event.encode().decode().replace(" ", "") == expected.replace(" ", "")


@pytest.mark.parametrize("field", ["event", "id"])
@pytest.mark.parametrize("text", ["a\nb", "a\rdata: b", "a\0"])
def test_no_field_can_begin_another(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"the {field} of a server-sent event cannot hold a line break"):
        ServerSentEvent("x", **{field: text}).encode()


def test_each_thing_that_is_yielded_is_an_event(served: Callable[..., Served]) -> None:
    answer = served(
        {
            "pages/a.py": page(
                "yield 'text'", "yield None", "yield {'n': 1}", "yield ServerSentEvent('x', id='1')"
            )
        }
    ).client.get("/a/")
    assert answer.content_type == "text/event-stream; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Length" not in answer.headers
    lines = [line for line in answer.text.split("\n") if line and line != ":"]
    assert lines == ["data: text", 'data: {"n":1}', "id: 1", "data: x"]


def test_asynchronous_generators_too(served: Callable[..., Served]) -> None:
    door = served({"pages/a.py": page("yield 'a'", "yield 'b'", kind="async def")})
    assert door.get("/a/").text.replace(":\n\n", "") == "data: a\n\ndata: b\n\n"


def test_the_request_works_within(served: Callable[..., Served]) -> None:
    text = page("yield request.headers['Last-Event-ID']", "g.seen = request.path", "yield g.seen")
    answer = served({"pages/a.py": text}).client.get("/a/", headers={"Last-Event-ID": "7"})
    assert "data: 7\n\n" in answer.text
    assert "data: /a/\n\n" in answer.text


def test_a_silent_stream_says_that_it_is_there(served: Callable[..., Served]) -> None:
    door = served({"pages/a.py": page("ended.wait()", "yield 'never'")})
    with door.client.get("/a/", buffered=False) as answer:
        assert next(iter(answer.response)) == b":\n\n"


def test_what_a_generator_raises_ends_the_stream(served: Callable[..., Served]) -> None:
    door = served({"pages/a.py": page("yield 'a'", "raise ValueError('in the midst')", heartbeat=60)})
    with door.client.get("/a/", buffered=False) as answer:
        parts = iter(answer.response)
        assert next(parts) == b"data: a\n\n"
        with pytest.raises(ValueError, match="in the midst"):
            next(parts)


def test_a_head_request_starts_nothing(served: Callable[..., Served]) -> None:
    answer = served({"pages/a.py": page("raise ValueError", "yield")}).client.head("/a/")
    assert (answer.status_code, answer.text) == (200, "")


@pytest.mark.parametrize("kind", ["def", "async def"])
def test_a_generator_is_closed_and_the_request_torn_down_when_the_visitor_goes(
    served: Callable[..., Served], kind: str
) -> None:
    hooks = """
        import threading

        torn_down = threading.Event()

        def teardown_request(exception):
            torn_down.set()
    """
    door = served(
        {
            "pages/_hooks.py": hooks,
            "pages/a.py": page("while True:", "    yield 'a'", heartbeat=60, kind=kind),
        }
    )
    answer = door.client.get("/a/", buffered=False)
    parts = iter(answer.response)
    assert [next(parts) for _ in range(3)] == [b"data: a\n\n"] * 3
    [teardown] = door.app.site.hooks["pages"].teardown_request
    torn_down = inspect.unwrap(teardown).__globals__["torn_down"]
    assert not torn_down.is_set()
    answer.close()
    assert torn_down.wait(30)
    assert door.app.site.views["/a"].module.ended.is_set()


@pytest.fixture
def address(tmp_path: object, served: Callable[..., Served]) -> Iterator[tuple[Served, int]]:
    door = served({"pages/a.py": page("while True:", "    yield ended.wait(0.01) or None")})
    server = make_server("127.0.0.1", 0, door.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield door, server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_server_notices_that_a_visitor_has_gone(address: tuple[Served, int]) -> None:
    door, port = address
    with socket.create_connection(("127.0.0.1", port)) as visitor:
        visitor.sendall(b"GET /a/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while b":\n\n" not in visitor.recv(4096):
            pass
    assert door.app.site.views["/a"].module.ended.wait(30)


def test_a_stream_of_events_is_not_frozen(tmp_path: object, served: Callable[..., Served]) -> None:
    door = served({"pages/a.py": page("yield 'a'"), "pages/index.md": "a"})
    report = freeze(door.app, FreezeOptions(str(door.app.root + "/dist"), jobs=1))
    assert [str(fault) for fault in report.faults] == [
        "pages/a.py: a stream of events has no end that could be frozen. Say `freeze = False`."
    ]
