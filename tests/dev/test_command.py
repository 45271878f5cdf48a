"""The options of `engine dev`, each in a process."""

from __future__ import annotations

import json
import signal
import socket
from pathlib import Path

import pytest

from commands import Process, command, eventually, run
from doors import write_site

SITE = {
    "pages/index.md": "Hello\n",
    "pages/draft.md": "---\ndraft: true\n---\nSoon\n",
    "pages/fails.py": "def get():\n    secret = 'in the frame'\n    return 1 / 0\n",
    "pages/count.py": "from engine import session\n\n\ndef get():\n    session['n'] = 1\n    return 'kept'\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


@pytest.fixture
def busy() -> socket.socket:
    """A port that somebody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield taken  # type: ignore[misc]


@pytest.mark.long
def test_a_port_that_was_asked_for_and_is_busy_is_told_in_one_line(root: Path, busy: socket.socket) -> None:
    port = str(busy.getsockname()[1])
    for name in ("dev", "serve"):
        ended = run(name, root, "-p", port)
        assert ended.returncode == 1
        assert (
            ended.stderr
            == f"Port {port} is busy: another program listens at it. Choose another with --port.\n"
        )
        assert ended.stdout == ""


def test_an_address_that_is_not_ours_is_told_in_one_line(root: Path) -> None:
    ended = run("dev", root, "--host", "203.0.113.1", "-p", "0")
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Cannot listen at 203.0.113.1" in ended.stderr


def test_what_is_no_site_is_told_in_one_line(tmp_path: Path) -> None:
    ended = run("dev", tmp_path)
    assert ended.returncode == 1
    assert "there is no pages/ directory here" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_asked_to_stop_has_not_failed(root: Path, how: signal.Signals) -> None:
    with Process(command("dev", root, "-p", "0")) as dev:
        dev.ready()
        assert dev.stop(how) == 0
        assert "Traceback" not in dev.said


def test_drafts_are_shown_to_who_asks_for_them_and_requests_too(root: Path) -> None:
    with Process(command("dev", root, "-p", "0", "--drafts", "--verbose")) as dev:
        assert "Soon" in dev.ready().ask("/draft/").text
        eventually(lambda: '"GET /draft/ HTTP/1.1" 200' in dev.said, "the request is told")
        dev.ask("/a%1b[2J")
        assert "\x1b" not in dev.said


@pytest.mark.parametrize("options", [["--no-debugger"], ["--host", "0.0.0.0"]])
def test_no_code_can_be_run_where_the_debugger_is_off(root: Path, options: list[str]) -> None:
    """A server that others reach has no debugger unless it is asked for."""
    with Process(command("dev", root, "-p", "0", *options)) as dev:
        page = dev.ready().browse("/fails/")
        assert page.status == 500
        for word in ("EVALEX", "in the frame", "ZeroDivisionError", "fails.py"):
            assert word not in page.text
        assert "client.js" in page.text, "it hears of the mend"
        eventually(lambda: "ZeroDivisionError" in dev.said, "the terminal says what failed")
        assert "__debugger__" not in dev.ask("/?__debugger__=yes&cmd=resource&f=debugger.js").text


@pytest.mark.long
def test_sessions_outlive_a_restart(root: Path) -> None:
    with Process(command("dev", root, "-p", "0")) as dev:
        cookie = dev.ready().ask("/count/").headers["Set-Cookie"].partition(";")[0]
    (root / "pages/count.py").write_text(
        "from engine import session\n\n\ndef get():\n    return {'n': session.get('n')}\n"
    )
    with Process(command("dev", root, "-p", "0")) as dev:
        assert json.loads(dev.ready().ask("/count/", Cookie=cookie).text) == {"n": 1}


def test_a_site_that_is_broken_from_the_start_is_served_when_it_is_mended(root: Path) -> None:
    (root / "site.toml").write_text("nonsense\n")
    with Process(command("dev", root, "-p", "0")) as dev:
        dev.ready()
        assert dev.browse().status == 500
        assert "site.toml:1" in dev.browse().text
        assert "site.toml:1" in dev.ask("/").text, "nothing stands that could be shown instead"
        (root / "site.toml").write_text("")
        eventually(lambda: dev.browse().status == 200, "it is served")


def test_a_change_while_the_site_is_loaded_is_not_lost(root: Path) -> None:
    late = "from pathlib import Path\n\n(Path(__file__).parent / 'pages/index.md').write_text('Late')\n"
    (root / "app.py").write_text(late)
    with Process(command("dev", root, "-p", "0")) as dev:
        dev.ready()
        eventually(lambda: "Late" in dev.browse().text, "the change is seen")


def test_a_site_below_a_prefix_is_announced_there(root: Path) -> None:
    (root / "site.toml").write_text('base_url = "https://example.org/docs"\n')
    with Process(command("dev", root, "-p", "0")) as dev:
        dev.ready("/docs/")
        assert f"{dev.origin}/docs/" in dev.said
        assert dev.browse("/docs/").status == 200


@pytest.mark.long
def test_the_next_port_is_taken_where_none_was_asked_for(root: Path) -> None:
    with Process(command("dev", root)) as first:
        first.ready()
        with Process(command("dev", root)) as second:
            second.ready()
            assert second.port > first.port
            assert f"is busy; port {second.port} is free." in second.said
