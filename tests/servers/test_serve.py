"""`engine serve`: a server for visitors, that starts sound or not at all and stops without cutting anybody off."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Process, command, eventually, run
from doors import Answer, write_site

SITE = {
    "pages/index.md": "Hello\n",
    "pages/slow.py": """
        import time

        def get():
            time.sleep(1.2)
            return "slow but whole"
        """,
    "pages/drip.py": """
        import time

        def get():
            def rows():
                for n in range(6):
                    time.sleep(0.2)
                    yield f"{n}\\n"
            return rows()
        """,
    "pages/process.py": """
        import os
        import time

        def get():
            time.sleep(0.05)
            return str(os.getpid())
        """,
    "pages/draft.md": "---\ndraft: true\n---\nSoon\n",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("serve") / "site", SITE)


@pytest.fixture(scope="module")
def server(root: Path) -> Iterator[Process]:
    with Process(command("serve", root, "-p", "0", "-w", "2"), ENGINE_LIMITS__HEADERS="20000") as process:
        yield process.ready()


def test_it_says_where_it_is_and_who_works(server: Process) -> None:
    expected = (
        f"Serving site at {server.origin}: 2 workers of 4 threads each, process {server.process.pid}.\n"
    )
    assert server.err == [expected]


def test_every_worker_answers(server: Process) -> None:
    seen: set[str] = set()

    def two_at_work() -> bool:
        threads = [threading.Thread(target=lambda: seen.add(server.ask("/process/").text)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(seen) == 2

    eventually(two_at_work, "both workers answer")
    assert str(server.process.pid) not in seen


TOO_MANY = "The headers of a request, with its first line, may have 20,000 bytes."


def raw(server: Process, target: str, headers: str) -> tuple[int, str]:
    """The status, and all that came with it."""
    head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{headers}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(head.encode())
        with connection.makefile("rb") as answer:
            return int(answer.readline().split()[1]), answer.read().decode()


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/", f"Cookie: {'a' * 17_000}", 200),
        ("/", f"Cookie: {'a' * 40_000}", 431),
        ("/", "\r\n".join(f"X-{number}: {'a' * 1000}" for number in range(40)), 431),
        ("/", "\r\n".join(f"X-{number}: {'a' * 250}" for number in range(70)), 200),
        (f"/?{'a' * 17_000}", "X-A: a", 200),
        (f"/?{'a' * 40_000}", "X-A: a", 431),
        (f"/{'a' * 40_000}", "X-A: a", 431),
    ],
)
def test_headers_have_a_limit_that_is_told(server: Process, target: str, headers: str, status: int) -> None:
    told = raw(server, target, headers)
    assert told[0] == status
    assert (TOO_MANY in told[1]) == (status == 431)


def test_a_program_is_told_the_limit_in_json(server: Process) -> None:
    _, answer = raw(server, "/", f"Accept: application/json\r\nCookie: {'a' * 40_000}")
    head, _, body = answer.partition("\r\n\r\n")
    assert json.loads(body) == {
        "title": "Request Header Fields Too Large",
        "status": 431,
        "detail": TOO_MANY,
    }
    assert "content-type: application/problem+json" in head
    assert "x-content-type-options: nosniff" in head


@pytest.mark.parametrize(
    "headers",
    [f"Cookie: {'a' * 500_000}", "\r\n".join(f"X-{number}: a" for number in range(101))],
)
def test_what_is_beyond_all_measure_is_refused_by_the_server(server: Process, headers: str) -> None:
    assert raw(server, "/", headers)[0] == 431


def test_each_request_is_a_line_on_stdout(server: Process) -> None:
    server.ask("/?q=1", Cookie="secret=value")
    server.ask("/missing/")
    line = r'127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /\?q=1 HTTP/1\.1" 200 - \d+\.\dms\n'
    eventually(lambda: any(re.fullmatch(line, said) for said in server.out), "the line is there")
    eventually(lambda: any('"GET /missing/ HTTP/1.1" 404' in said for said in server.out), "so is the other")
    assert "secret" not in server.said


def test_a_line_of_the_log_cannot_be_forged(server: Process) -> None:
    server.ask('/a%0A127.0.0.1 - - "GET /forged'.replace(" ", "%20"))
    server.ask("/%1b[2Jend-of-test")
    eventually(lambda: "end-of-test" in server.said, "the lines are there")
    assert not [line for line in server.out if line.startswith('127.0.0.1 - - "GET /forged')]
    assert "\x1b" not in server.said


def test_drafts_are_not_for_visitors(server: Process) -> None:
    assert server.ask("/draft/").status == 404


@pytest.mark.long
@pytest.mark.parametrize("path", ["/slow/", "/drip/"])
def test_a_running_request_is_answered_before_the_server_stops(root: Path, path: str) -> None:
    with Process(command("serve", root, "-p", "0")) as server:
        server.ready()
        answers: list[Answer] = []
        asking = threading.Thread(target=lambda: answers.append(server.ask(path)))
        asking.start()
        time.sleep(0.4)
        start = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - start > 0.3, "it waited"
        asking.join()
        assert answers[0].text == ("slow but whole" if path == "/slow/" else "0\n1\n2\n3\n4\n5\n")
        with pytest.raises(ConnectionRefusedError):
            server.ask("/")
        assert "Traceback" not in server.said


def test_every_fault_is_told_before_a_worker_starts(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"pages/a.html": "{% if %}", "pages/b.py": "def get(:\n"})
    ended = run("serve", root, "-p", "0")
    assert ended.returncode == 1
    assert "a.html:1" in ended.stderr and "b.py:1:9" in ended.stderr
    assert ended.stderr.endswith("2 faults.\n")
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_the_port_may_come_from_the_environment(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with Process(command("serve", root), PORT=str(port)) as server:
        assert server.ready().port == port


def test_a_port_that_another_server_shares_is_busy_too(server: Process, root: Path) -> None:
    """The workers of one server share its port, and the system would let another join them."""
    ended = run("serve", root, "-p", str(server.port))
    assert ended.returncode == 1
    assert (
        ended.stderr
        == f"Port {server.port} is busy: another program listens at it. Choose another with --port.\n"
    )


def test_without_granian_it_says_how_to_get_it(root: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['granian'] = None\n")
    ended = run("serve", root, PYTHONPATH=f"{tmp_path}:{Path(__file__).parents[2]}")
    assert ended.returncode == 1
    assert ended.stderr == '`engine serve` needs granian. Install it: pip install "pages-engine[serve]"\n'


@pytest.mark.long
def test_a_worker_that_dies_is_replaced(root: Path) -> None:
    with Process(command("serve", root, "-p", "0")) as server:
        first = server.ready().ask("/process/").text
        os.kill(int(first), signal.SIGKILL)
        eventually(
            lambda: server.process.poll() is not None or _answered_by_another(server, first), "it is replaced"
        )
        assert server.process.poll() is None
        assert server.stop() == 0


def _answered_by_another(server: Process, first: str) -> bool:
    try:
        return server.ask("/process/", timeout=2).text != first
    except OSError:
        return False


HANG = """
import time

def get():
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
@pytest.mark.long
def test_a_request_that_never_ends_does_not_keep_the_server_for_ever(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"pages/hang.py": HANG})
    with Process(command("serve", root, "-p", "0", "--grace", "1")) as server:
        server.ready("/missing/")
        asking = threading.Thread(target=lambda: _ask_in_vain(server))
        asking.start()
        time.sleep(0.5)
        start = time.monotonic()
        server.stop()
        assert time.monotonic() - start < 10
        asking.join()


def _ask_in_vain(server: Process) -> None:
    with pytest.raises(OSError):
        server.ask("/hang/")
