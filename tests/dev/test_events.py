"""Pages hear of changes over server-sent events; nobody else does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from engine.dev.events import CLIENT, SCRIPT, STREAM, Channel, Events

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def client(channel: Channel) -> Client:
    return Client(Events(Response("the site"), channel))


def first_events(channel: Channel, client: Client, seen: int, **headers: str) -> Iterator[str]:
    url = f"{STREAM}?t={channel.token}&v={seen}"
    response = client.get(url, headers={**OWN, **{k.replace("_", "-"): v for k, v in headers.items()}})
    assert response.mimetype == "text/event-stream"
    for chunk in response.response:
        yield chunk.decode() if isinstance(chunk, bytes) else chunk


def test_a_page_hears_of_the_next_version(channel: Channel, client: Client) -> None:
    events = first_events(channel, client, 0)
    assert next(events) == "retry: 500\n\n"
    timer = threading.Timer(0.05, channel.publish, args=["reload"])
    timer.start()
    assert next(events) == "id: 1\nevent: reload\ndata: 1\n\n"
    timer.join()


def test_a_page_that_comes_late_hears_what_it_missed(channel: Channel, client: Client) -> None:
    channel.publish("reload")
    channel.publish("styles")
    late, recent = first_events(channel, client, 0), first_events(channel, client, 1)
    next(late), next(recent)
    assert next(late) == "id: 2\nevent: reload\ndata: 2\n\n"
    assert next(recent) == "id: 2\nevent: styles\ndata: 2\n\n"


def test_a_page_that_missed_things_of_two_kinds_is_asked_to_reload(channel: Channel, client: Client) -> None:
    channel.publish("texts")
    events = first_events(channel, client, 0)
    next(events)
    assert next(events) == "id: 1\nevent: texts\ndata: 1\n\n"
    channel.publish("styles")
    late = first_events(channel, client, 0)
    next(late)
    assert next(late) == "id: 2\nevent: reload\ndata: 2\n\n"


def test_a_browser_that_reconnects_goes_on_after_the_last_event(channel: Channel, client: Client) -> None:
    channel.publish("reload")
    channel.publish("styles")
    events = first_events(channel, client, 0, Last_Event_ID="1")
    next(events)
    assert "styles" in next(events)


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 30, "²"])
def test_a_page_of_no_known_version_is_asked_to_reload(channel: Channel, client: Client, seen: str) -> None:
    channel.publish("styles")
    channel.publish("reload")
    response = client.get(f"{STREAM}?t={channel.token}&v={seen}", headers=OWN)
    events = iter(response.response)
    next(events)
    assert b"reload" in next(events)  # type: ignore[operator]


@pytest.mark.parametrize("path", [STREAM, SCRIPT])
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {}),
        ("?t=", {}),
        ("?t=wrong", {}),
        ("?t=%ff%fe", {}),
        ("?t={token}x", {}),
        ("?t={token}", {"Sec-Fetch-Site": "cross-site"}),
        ("?t={token}", {"Sec-Fetch-Site": "same-site"}),
        ("?t={token}", {"Origin": "http://evil.example"}),
        ("?t={token}", {"Origin": "http://localhost:1"}),
        ("?t={token}", {"Origin": "null"}),
    ],
)
def test_a_stranger_is_refused(
    channel: Channel, client: Client, path: str, query: str, headers: dict[str, str]
) -> None:
    answer = client.get(path + query.format(token=channel.token), headers=headers)
    assert answer.status_code == 403
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_it_can_only_be_read(channel: Channel, client: Client) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = client.open(f"{STREAM}?t={channel.token}", method=method, headers=OWN)
        assert answer.status_code == 405


def test_no_answer_lets_another_origin_read_it(channel: Channel, client: Client) -> None:
    answer = client.get(f"{SCRIPT}?t={channel.token}", headers={**OWN, "Origin": "http://localhost"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


def test_everything_else_is_for_the_site(client: Client) -> None:
    assert client.get("/_engine/").text == "the site"
    assert client.get("/x").text == "the site"


def test_each_process_has_a_token_of_its_own() -> None:
    assert len({Channel().token for _ in range(50)}) == 50


def test_the_script_is_small() -> None:
    assert Path(CLIENT).stat().st_size <= 2304
