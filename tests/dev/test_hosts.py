"""A server on an author's machine answers nobody who comes under a stranger's name."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from commands import Process, command
from doors import write_site
from engine.dev.hosts import HostGuard, Hosts, is_loopback


def status(host: str, listening: str = "127.0.0.1", *more: str) -> int:
    """What the guard answers to a `Host`."""
    guarded = HostGuard(Response("the site"), Hosts(listening, more))
    return Client(guarded).get("/", headers={"Host": host}).status_code


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LocalHost:8000",
        "my-site.localhost:8000",
        "127.0.0.1",
        "127.0.0.1:8000",
        "[::1]",
        "[::1]:8000",
    ],
)
def test_this_machine_is_answered(host: str) -> None:
    assert status(host) == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "127.0.0.1.evil.example:8000",
        "xlocalhost",
        "192.168.1.7",
        "0.0.0.0",
        "169.254.169.254",
        "[::ffff:127.0.0.1]",
        "[fe80::1]:8000",
        "2130706433",
        "0x7f.1",
        "xn--lcalhost-n4a.example",
    ],
)
def test_a_stranger_is_refused(host: str) -> None:
    assert status(host) == 403


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "localhost:",
        "localhost:x",
        "localhost:123456",
        "local host",
        "localhost/",
        "localhost#@evil.example",
        "localhost,evil.example",
        "user@localhost",
        "[::1",
        "::1",
        "localhost\\@evil.example",
        "localhost.",
        ".localhost",
        "löcalhost",
        "%6cocalhost",
        "http://localhost",
        "[]",
        "a" * 5000 + ".",
    ],
)
def test_what_is_no_host_is_a_bad_request(host: str) -> None:
    assert status(host) == 400


def test_a_missing_host_is_a_bad_request() -> None:
    started: list[str] = []
    HostGuard(Response("the site"), Hosts("127.0.0.1"))(
        {"REQUEST_METHOD": "GET"},
        lambda line, headers, exc_info=None: started.append(line),  # type: ignore[arg-type, return-value]
    )
    assert started == ["400 BAD REQUEST"]


def test_the_given_host_is_answered_and_those_that_the_site_trusts() -> None:
    assert status("box.lan:8000", "box.lan") == 200
    assert status("shop.example", "127.0.0.1", "shop.example") == 200
    assert status("a.shop.example", "127.0.0.1", ".shop.example") == 200
    assert status("a.shop.example", "127.0.0.1", "shop.example") == 403
    assert status("[fe80::1]", "fe80::1") == 200


def test_a_server_that_listens_everywhere_answers_by_address_but_not_by_name() -> None:
    assert status("192.168.1.7:8000", "0.0.0.0") == 200
    assert status("[fe80::1]", "::") == 200
    assert status("evil.example", "0.0.0.0") == 403


def test_a_refusal_says_the_way_out() -> None:
    guarded = HostGuard(Response("the site"), Hosts("127.0.0.1"))
    answer = Client(guarded).get("/", headers={"Host": "box.lan"})
    assert "--host box.lan" in answer.text and "trusted_hosts" in answer.text


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        *(("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True)),
        *(("0.0.0.0", False), ("::", False), ("192.168.1.7", False), ("box.lan", False)),
    ],
)
def test_loopback_is_what_only_this_machine_reaches(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    root = write_site(tmp_path_factory.mktemp("hosts"), {"pages/index.md": "Hello\n"})
    with Process(command("dev", root, "-p", "0")) as process:
        yield process.ready()


def raw(port: int, request: bytes) -> bytes:
    """What a server answers to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


@pytest.mark.parametrize(
    ("request_bytes", "expected"),
    [
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", b" 403 "),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\nHost: \xff\xfe\x00\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\nHost: [\r\n\r\n", b" 400 "),
        (b"GET / HTTP/1.1\r\n\r\n", b" 400 "),
        (b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n", b" 403 "),
        (b"GET /_engine/events HTTP/1.1\r\nHost: evil.example\r\n\r\n", b" 403 "),
        (b"GET /?__debugger__=yes&cmd=resource&f=style.css HTTP/1.1\r\nHost: evil.example\r\n\r\n", b" 403 "),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    ],
)
def test_hostile_requests_are_refused_and_the_server_lives(
    dev: Process, request_bytes: bytes, expected: bytes
) -> None:
    answer = raw(dev.port, request_bytes)
    assert expected in answer
    assert b"Hello" not in answer
    assert dev.ask().status == 200
    assert "Traceback" not in dev.said
