"""What stands around the site while it is developed, asked in process."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.test import Client

from doors import write_site
from engine.dev.events import SCRIPT, Channel
from engine.dev.hosts import Hosts
from engine.dev.live import Live
from engine.dev.server import stack
from engine.dev.settings import dev_config

SITE = {
    "pages/index.md": "Hello\n",
    "pages/fails.py": "def get():\n    return 1 / 0\n",
    "pages/echo.py": "def post(request):\n    return request.get_data()\n",
}


@pytest.fixture
def client(tmp_path: Path) -> Client:
    root = write_site(tmp_path, SITE)
    live = Live(lambda: dev_config(str(root), "http://127.0.0.1:8000"))
    assert not live.reload().faults
    return Client(stack(live, Channel(), Hosts("127.0.0.1"), str(root), debugger=True))


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "a.localhost"])
def test_the_debugger_is_there_at_every_name_of_this_machine(client: Client, host: str) -> None:
    page = client.get("/fails/", headers={"Host": host}).text
    assert "EVALEX = true" in page


@pytest.mark.parametrize(
    "path", ["/?__debugger__=yes&cmd=resource&f=debugger.js", "/console", "/fails/", SCRIPT]
)
def test_a_stranger_gets_past_the_guard_by_no_path(client: Client, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert "EVALEX" not in answer.text


def test_there_is_no_console_beside_the_pages(client: Client) -> None:
    assert "EVALEX" not in client.get("/console").text


def test_the_site_reads_what_a_visitor_sends(client: Client) -> None:
    assert client.post("/echo/", data=b"bytes").data == b"bytes"


def test_a_prefetch_and_a_head_pass_as_everywhere(client: Client) -> None:
    assert client.head("/").get_data() == b""
    assert "client.js" in client.get("/").text


@pytest.mark.parametrize("debugger", [True, False])
def test_a_page_at_fault_is_told_as_its_fault_to_whoever_asks(tmp_path: Path, debugger: bool) -> None:
    root = write_site(tmp_path, {"pages/index.md": "Hello\n", "pages/wrong.py": "def get(:\n"})
    live = Live(lambda: dev_config(str(root), "http://127.0.0.1:8000"))
    assert live.reload().faults
    client = Client(stack(live, Channel(), Hosts("127.0.0.1"), str(root), debugger=debugger))
    for accept in ("*/*", "text/html"):
        answer = client.get("/wrong/", headers={"Accept": accept})
        assert answer.status_code == 500
        assert "pages/wrong.py:1:9" in answer.text and "is not Python" in answer.text
        assert "Traceback" not in answer.text and "KeyError" not in answer.text
    assert "Hello" in client.get("/", headers={"Accept": "*/*"}).text


def test_a_page_that_could_not_be_read_is_told_as_its_fault_to_a_program_too(tmp_path: Path) -> None:
    pages = {"pages/index.md": "Hello\n", "pages/wrong.md": "---\ntitle: a: b\n---\n"}
    root = write_site(tmp_path, pages)
    live = Live(lambda: dev_config(str(root), "http://127.0.0.1:8000"))
    live.reload()
    client = Client(stack(live, Channel(), Hosts("127.0.0.1"), str(root), debugger=True))
    answer = client.get("/wrong/", headers={"Accept": "*/*"})
    assert answer.status_code == 500
    assert "pages/wrong.md:2" in answer.text
    assert "Hello" in client.get("/", headers={"Accept": "*/*"}).text


def test_a_suggestion_ends_with_its_question_mark(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"pages/index.html": "{{ 1|uper }}\n"})
    live = Live(lambda: dev_config(str(root), "http://127.0.0.1:8000"))
    live.reload()
    client = Client(stack(live, Channel(), Hosts("127.0.0.1"), str(root), debugger=True))
    assert "Did you mean `upper`?</p>" in client.get("/", headers={"Accept": "text/html"}).text
