"""What a server logs says which request it belongs to, as lines or as JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import Process, command, eventually
from doors import Served, write_site
from engine.http.logs import JSONFormatter, RequestFilter

PAGE = """
    import logging
    from engine import request

    log = logging.getLogger("bakery")

    def get():
        log.warning("no flour", extra={"shelf": 3})
        return request.id
"""
BROKEN = "def get():\n    return 1 / 0\n"


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.handler.addFilter(RequestFilter())
    return caplog


def test_a_record_says_which_request_it_belongs_to(
    served: Callable[..., Served], logs: pytest.LogCaptureFixture
) -> None:
    door = served({"pages/a.py": PAGE})
    ids = [door.get("/a/").text for _ in range(2)]
    assert [(it.request_id, it.method, it.path) for it in logs.records] == [(id, "GET", "/a/") for id in ids]  # type: ignore[attr-defined]
    assert ids[0] != ids[1]
    assert all(len(id) == 32 for id in ids)


def test_a_path_is_logged_as_it_was_sent(
    served: Callable[..., Served], logs: pytest.LogCaptureFixture
) -> None:
    hooks = "import logging\n\n\ndef before_request():\n    logging.getLogger('bakery').warning('came')\n"
    door = served({"pages/_hooks.py": hooks})
    for path in ("/caf%C3%A9/", "/a%0AERROR%20forged"):
        door.get(path)
    assert [it.path for it in logs.records] == ["/caf%C3%A9/", "/a%0AERROR%20forged"]  # type: ignore[attr-defined]


def test_outside_of_a_request_there_is_none(logs: pytest.LogCaptureFixture) -> None:
    logging.getLogger("bakery").warning("closed")
    assert logs.records[0].request_id == "-"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "proxies", "is_taken"),
    [("abc-1.2:3_4", 1, True), ("abc", 0, False), ("a b", 1, False), ("x" * 129, 1, False), ("é", 1, False)],
)
def test_a_trusted_proxy_may_have_named_the_request(
    served: Callable[..., Served], given: str, proxies: int, is_taken: bool
) -> None:
    door = served({"pages/a.py": PAGE}, trusted_proxies=proxies)
    answer = door.client.get("/a/", environ_overrides={"HTTP_X_REQUEST_ID": given})
    assert (answer.text == given) is is_taken


def test_a_visitor_of_a_failure_is_told_the_id_that_is_logged(
    served: Callable[..., Served], logs: pytest.LogCaptureFixture
) -> None:
    answer = served({"pages/a.py": BROKEN}).get("/a/")
    assert answer.status == 500
    assert [it.request_id for it in logs.records] == [answer.headers["X-Request-ID"]]  # type: ignore[attr-defined]


def test_json_has_a_line_for_each_record_with_what_it_was_given(
    served: Callable[..., Served], logs: pytest.LogCaptureFixture
) -> None:
    door = served({"pages/a.py": PAGE, "pages/b.py": BROKEN})
    door.get("/a/")
    door.get("/b/")
    lines = [JSONFormatter().format(record) for record in logs.records]
    assert not any("\n" in line for line in lines)
    warned, failed = map(json.loads, lines)
    assert (warned["level"], warned["logger"], warned["message"]) == ("WARNING", "bakery", "no flour")
    assert (warned["shelf"], warned["path"]) == (3, "/a/")
    assert warned["time"].endswith("+00:00")
    assert failed["exception"].endswith("ZeroDivisionError: division by zero")


@pytest.mark.long
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_server_writes_in_the_form_of_the_settings(tmp_path: Path, form: str) -> None:
    settings = f'[logging]\nformat = "{form}"\n'
    root = write_site(tmp_path / "site", {"pages/a.py": PAGE, "pages/b.txt": "b", "site.toml": settings})
    with Process(command("serve", root, "-p", "0")) as process:
        server = process.ready("/b.txt")
        id = server.ask("/a/").text
        eventually(lambda: any("no flour" in line for line in server.err), "the record is there")
        eventually(lambda: any("/a/" in line for line in server.out), "so is the access")
        line = next(line for line in server.err if "no flour" in line)
        access = next(line for line in server.out if "/a/" in line)
    if form == "text":
        assert line == f"WARNING [{id}] no flour\n"
        assert '"GET /a/ HTTP/1.1" 200' in access
    else:
        assert json.loads(line)["request_id"] == id
        assert (json.loads(access)["path"], json.loads(access)["status"]) == ("/a/", 200)
