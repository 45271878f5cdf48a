"""Kept answers: in memory and from a file, conditional and in ranges (RFC 9110, §13 and §14)."""

from __future__ import annotations

import os
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any
from wsgiref.util import FileWrapper

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import NotFound

from engine.http.outgoing import Response
from engine.http.ready import FileReady, Ready

CONTENT = b"0123456789"
THEN = 1_700_000_000
DATE, EARLIER, LATER = (formatdate(THEN + shift, usegmt=True) for shift in (0, -60, 60))


@pytest.fixture(params=["memory", "file", "response of memory", "response of file"])
def asset(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Any]:
    """The same asset, kept in each way."""
    path = tmp_path / "asset.txt"
    path.write_bytes(CONTENT)
    os.utime(path, (THEN, THEN))
    if request.param.endswith("memory"):
        ready: Ready | FileReady = Ready.asset(CONTENT, "text/plain", THEN)
    else:
        ready = FileReady(path, "text/plain")
    if not request.param.startswith("response"):
        return ready
    return lambda environ, start_response: ready.response(environ)(environ, start_response)


@pytest.fixture
def etag(asset: Any, wire: Any, environ: Any) -> str:
    found = wire(asset, environ())["ETag"]
    assert isinstance(found, str)
    return found


def test_an_asset_is_sent_whole_with_its_validators(asset: Any, wire: Any, environ: Any) -> None:
    sent = wire(asset, environ())
    assert (sent.line, sent.body, sent["Content-Length"]) == ("200 OK", CONTENT, "10")
    assert (sent["Content-Type"], sent["Cache-Control"]) == ("text/plain", "no-cache")
    assert (sent["Last-Modified"], sent["Accept-Ranges"]) == (DATE, "bytes")
    assert sent["ETag"].startswith('"')
    assert wire(asset, environ()) == sent


def test_a_head_has_the_headers_of_the_get(asset: Any, wire: Any, environ: Any) -> None:
    get, head = wire(asset, environ()), wire(asset, environ("HEAD"))
    assert (head.line, head.headers, head.body) == (get.line, get.headers, b"")


# In each row `E` stands for the entity tag that was sent.
CONDITIONS: list[tuple[int, dict[str, str]]] = [
    # If-None-Match: weak comparison (§13.1.2)
    (304, {"IF_NONE_MATCH": "E"}),
    (304, {"IF_NONE_MATCH": "W/E"}),
    (304, {"IF_NONE_MATCH": '"a", E'}),
    (304, {"IF_NONE_MATCH": 'W/"a",W/E ,"b"'}),
    (304, {"IF_NONE_MATCH": "*"}),
    (200, {"IF_NONE_MATCH": '"a"'}),
    (200, {"IF_NONE_MATCH": ""}),
    (200, {"IF_NONE_MATCH": "nonsense, ,;"}),
    # If-Modified-Since, only without If-None-Match (§13.1.3)
    (304, {"IF_MODIFIED_SINCE": DATE}),
    (304, {"IF_MODIFIED_SINCE": LATER}),
    (200, {"IF_MODIFIED_SINCE": EARLIER}),
    (304, {"IF_MODIFIED_SINCE": "Tuesday, 14-Nov-23 22:13:20 GMT"}),
    (304, {"IF_MODIFIED_SINCE": "Tue Nov 14 22:13:20 2023"}),
    (200, {"IF_MODIFIED_SINCE": "yesterday"}),
    (200, {"IF_MODIFIED_SINCE": ""}),
    (200, {"IF_MODIFIED_SINCE": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}),
    (200, {"IF_MODIFIED_SINCE": LATER, "IF_NONE_MATCH": '"a"'}),
    (304, {"IF_MODIFIED_SINCE": EARLIER, "IF_NONE_MATCH": "E"}),
    # If-Match: strong comparison (§13.1.1)
    (200, {"IF_MATCH": "E"}),
    (200, {"IF_MATCH": '"a", E'}),
    (200, {"IF_MATCH": "*"}),
    (412, {"IF_MATCH": "W/E"}),
    (412, {"IF_MATCH": '"a"'}),
    (412, {"IF_MATCH": ""}),
    # If-Unmodified-Since, only without If-Match (§13.1.4)
    (200, {"IF_UNMODIFIED_SINCE": DATE}),
    (200, {"IF_UNMODIFIED_SINCE": LATER}),
    (412, {"IF_UNMODIFIED_SINCE": EARLIER}),
    (200, {"IF_UNMODIFIED_SINCE": "yesterday"}),
    (200, {"IF_UNMODIFIED_SINCE": EARLIER, "IF_MATCH": "E"}),
    (412, {"IF_UNMODIFIED_SINCE": LATER, "IF_MATCH": '"a"'}),
    # Precedence (§13.2.2)
    (412, {"IF_MATCH": '"a"', "IF_NONE_MATCH": "E"}),
    (412, {"IF_UNMODIFIED_SINCE": EARLIER, "IF_NONE_MATCH": "E"}),
    (304, {"IF_MATCH": "E", "IF_NONE_MATCH": "E"}),
    (304, {"IF_UNMODIFIED_SINCE": LATER, "IF_MODIFIED_SINCE": DATE}),
    (304, {"IF_NONE_MATCH": "E", "RANGE": "bytes=0-1"}),
    (412, {"IF_MATCH": '"a"', "RANGE": "bytes=0-1"}),
    # If-Range: strong, or the very date (§13.1.5)
    (206, {"RANGE": "bytes=0-1", "IF_RANGE": "E"}),
    (206, {"RANGE": "bytes=0-1", "IF_RANGE": DATE}),
    (200, {"RANGE": "bytes=0-1", "IF_RANGE": "W/E"}),
    (200, {"RANGE": "bytes=0-1", "IF_RANGE": '"a"'}),
    (200, {"RANGE": "bytes=0-1", "IF_RANGE": LATER}),
    (200, {"RANGE": "bytes=0-1", "IF_RANGE": ""}),
    (200, {"RANGE": "bytes=50-", "IF_RANGE": '"a"'}),
    (200, {"IF_RANGE": "E"}),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(("status", "given_"), CONDITIONS, ids=str)
def test_conditions(
    status: int, given_: dict[str, str], method: str, asset: Any, etag: str, wire: Any, environ: Any
) -> None:
    headers = {
        f"HTTP_{name}": value.replace("E", etag) if name in TAGGED else value
        for name, value in given_.items()
    }
    sent = wire(asset, environ(method, **headers))
    # A range is for GET alone (§14.2).
    assert sent.status == (200 if (status, method) == (206, "HEAD") else status)
    if sent.status == 304:
        assert sent.body == b""
        assert (sent["ETag"], sent["Cache-Control"]) == (etag, "no-cache")
        assert not [name for name, _ in sent.headers if name.lower().startswith("content-")]
    if sent.status == 412:
        assert (sent.body == b"") == (method == "HEAD")


TAGGED = {"IF_NONE_MATCH", "IF_MATCH"} | {"IF_RANGE"}


def test_a_304_says_what_guides_a_cache_and_nothing_of_the_content(wire: Any, environ: Any) -> None:
    headers = [
        *(("Content-Type", "text/plain"), ("Content-Language", "en"), ("Content-Encoding", "gzip")),
        *(("Cache-Control", "max-age=60"), ("Vary", "Accept-Encoding"), ("Expires", LATER)),
        *(("Content-Location", "/a"), ("Content-Disposition", "inline")),
    ]
    ready = Ready(CONTENT, headers, last_modified=THEN, ranges=True)
    sent = wire(ready, environ(HTTP_IF_NONE_MATCH=ready.etag))
    assert {name for name, _ in sent.headers} == {
        *("Cache-Control", "Vary", "Expires", "Content-Location", "ETag", "Last-Modified")
    }


RANGES: list[tuple[str, bytes | None, str | None]] = [
    ("bytes=0-0", b"0", "bytes 0-0/10"),
    ("bytes=2-4", b"234", "bytes 2-4/10"),
    ("bytes=7-", b"789", "bytes 7-9/10"),
    ("bytes=0-", CONTENT, "bytes 0-9/10"),
    ("bytes=8-99", b"89", "bytes 8-9/10"),
    ("bytes=0-" + "9" * 90, CONTENT, "bytes 0-9/10"),
    ("bytes=-3", b"789", "bytes 7-9/10"),
    ("bytes=-99", CONTENT, "bytes 0-9/10"),
    ("BYTES=1-1", b"1", "bytes 1-1/10"),
    ("bytes= 1-1 ", b"1", "bytes 1-1/10"),
    # unsatisfiable
    ("bytes=10-", None, "bytes */10"),
    ("bytes=99-100", None, "bytes */10"),
    ("bytes=" + "9" * 90 + "-", None, "bytes */10"),
    ("bytes=-0", None, "bytes */10"),
    # several, malformed or of another unit: ignored
    *(
        (value, CONTENT, None)
        for value in ("bytes=0-1,3-4", "bytes=0-1,", "bytes=4-2", "bytes=-", "bytes=", "bytes")
    ),
    *(
        (value, CONTENT, None)
        for value in ("lines=0-1", "bytes=a-b", "bytes=1", "bytes=--1", "bytes=+1-2", "")
    ),
    *((value, CONTENT, None) for value in ("bytes=1_0-", "bytes=٣-٤", "bytes=" + "9" * 5000 + "-", "0-1")),
    ("bytes=" + ",".join(["0-"] * 10_000), CONTENT, None),
]


@pytest.mark.parametrize(("wanted", "body", "content_range"), RANGES, ids=[row[0][:20] for row in RANGES])
def test_ranges(
    wanted: str, body: bytes | None, content_range: str | None, asset: Any, wire: Any, environ: Any
) -> None:
    sent = wire(asset, environ(HTTP_RANGE=wanted))
    assert sent.status == (416 if body is None else 206 if content_range else 200)
    assert sent["Content-Range"] == content_range
    if body is not None:
        assert sent.body == body
    assert sent["Content-Length"] == str(len(sent.body))


@pytest.mark.parametrize("wanted", ["bytes=0-", "bytes=-1", "bytes=5-"])
def test_an_empty_content_has_no_ranges(wanted: str, tmp_path: Path, wire: Any, environ: Any) -> None:
    (tmp_path / "empty").write_bytes(b"")
    for ready in (Ready.asset(b"", "text/plain"), FileReady(tmp_path / "empty", "text/plain")):
        sent = wire(ready, environ(HTTP_RANGE=wanted))
        assert (sent.status, sent.body) == (200, b"")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=30), st.integers(0, 40), st.integers(0, 40))
def test_a_range_is_a_slice(wire: Any, environ: Any, content: bytes, first: int, last: int) -> None:
    sent = wire(Ready.asset(content, "text/plain"), environ(HTTP_RANGE=f"bytes={first}-{last}"))
    if sent.status == 206:
        assert sent.body == content[first : last + 1] != b""
    elif sent.status == 416:
        assert first >= len(content)
    else:
        assert sent.body == content
        assert last < first or not content


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_not_allowed(method: str, asset: Any, wire: Any, environ: Any) -> None:
    sent = wire(asset, environ(method), strict=method != "BREW")
    assert (sent.status, sent["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_options_says_what_is_allowed(asset: Any, wire: Any, environ: Any) -> None:
    sent = wire(asset, environ("OPTIONS"), strict=False)
    assert (sent.status, sent["Allow"], sent.body) == (204, "GET, HEAD, OPTIONS", b"")


def test_a_page_is_conditional_but_not_sent_in_ranges(wire: Any, environ: Any) -> None:
    page = Ready(b"<p>hi", [("Content-Type", "text/html; charset=utf-8")])
    sent = wire(page, environ(HTTP_RANGE="bytes=0-1"))
    assert (sent.status, sent.body, sent["Accept-Ranges"], sent["Last-Modified"]) == (
        200,
        b"<p>hi",
        None,
        None,
    )
    assert wire(page, environ(HTTP_IF_NONE_MATCH=page.etag)).status == 304
    assert wire(page, environ(HTTP_IF_MODIFIED_SINCE=LATER)).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "condition",
    [
        *({}, {"HTTP_IF_NONE_MATCH": "*"}, {"HTTP_IF_MATCH": '"a"'}),
        *({"HTTP_RANGE": "bytes=0-1"}, {"HTTP_IF_MODIFIED_SINCE": LATER}),
    ],
)
def test_an_answer_that_is_not_a_200_is_the_same_whatever_is_asked(
    condition: dict[str, str], method: str, wire: Any, environ: Any
) -> None:
    missing = Ready(
        b"<p>Not here", [("Content-Type", "text/html")], status=404, last_modified=THEN, ranges=True
    )
    sent = wire(missing, environ(method, **condition))
    assert (sent.status, sent.body) == (404, b"" if method == "HEAD" else b"<p>Not here")
    assert (sent["ETag"], sent["Accept-Ranges"], sent["Content-Length"]) == (None, None, "11")


def test_the_tag_follows_the_content_and_may_be_given(wire: Any, environ: Any) -> None:
    first, second, other = (Ready(body).etag for body in (b"a", b"a", b"b"))
    assert first == second != other
    weak = Ready(b"a", [("Content-Type", "text/plain"), ("ETag", 'W/"x"')], ranges=True)
    assert weak.etag == 'W/"x"'
    assert wire(weak, environ(HTTP_IF_NONE_MATCH='"x"')).status == 304
    assert wire(weak, environ(HTTP_IF_MATCH='W/"x"')).status == 412
    assert wire(weak, environ(HTTP_IF_MATCH='"x"')).status == 412
    assert wire(weak, environ(HTTP_RANGE="bytes=0-0", HTTP_IF_RANGE='W/"x"')).status == 200


def test_a_response_can_be_kept(wire: Any, environ: Any) -> None:
    response = Response.quick(b"<p>hi", "text/html; charset=utf-8")
    response.cache_control.max_age = 60
    sent = wire(Ready.of(response), environ())
    assert (sent.status, sent.body, sent["Cache-Control"]) == (200, b"<p>hi", "max-age=60")
    moved = Response("", 308)
    moved.headers["Location"] = "/é"
    assert wire(Ready.of(moved), environ())["Location"] == "/%C3%A9"
    assert wire(Ready.of(Response(iter(["a", "b"]))), environ()).body == b"ab"


def test_an_answer_that_sets_a_cookie_is_not_kept() -> None:
    response = Response("x")
    response.set_cookie("a", "1")
    with pytest.raises(ValueError):
        Ready.of(response)


def test_a_hook_can_change_a_kept_answer_without_changing_what_is_kept(wire: Any, environ: Any) -> None:
    ready = Ready.asset(CONTENT, "text/plain")
    response = ready.response(environ())
    response.headers["X-Frame-Options"] = "DENY"
    response.data = b"changed"
    assert wire(response, environ()).body == b"changed"
    assert wire(ready, environ())["X-Frame-Options"] is None
    assert wire(ready, environ()).body == CONTENT


# -- files


def test_a_file_that_changes_is_sent_as_it_is_now(tmp_path: Path, wire: Any, environ: Any) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    ready = FileReady(path, "application/octet-stream")
    before = wire(ready, environ())
    path.write_bytes(b"newer")
    after = wire(ready, environ(HTTP_IF_NONE_MATCH=before["ETag"]))
    assert (after.status, after.body, after["Content-Length"]) == (200, b"newer", "5")


def test_a_file_that_is_gone_is_not_found(tmp_path: Path, wire: Any, environ: Any) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x")
    ready = FileReady(path, "application/octet-stream")
    path.unlink()
    assert wire(ready, environ()).status == 404
    with pytest.raises(NotFound):
        ready.response(environ())
    path.mkdir()
    assert wire(ready, environ()).status == 404


def test_a_link_put_in_the_place_of_a_file_is_not_followed(tmp_path: Path, wire: Any, environ: Any) -> None:
    path, secret = tmp_path / "a.bin", tmp_path / "secret"
    path.write_bytes(b"x")
    secret.write_bytes(b"secret")
    ready = FileReady(path, "application/octet-stream")
    path.unlink()
    path.symlink_to(secret)
    assert wire(ready, environ()).status == 404


def test_a_large_file_comes_in_pieces_and_by_the_servers_wrapper(
    tmp_path: Path, wire: Any, environ: Any
) -> None:
    content = bytes(range(256)) * 1000
    path = tmp_path / "large.bin"
    path.write_bytes(content)
    ready = FileReady(path, "application/octet-stream")
    assert wire(ready, environ()).body == content
    assert wire(ready, environ(HTTP_RANGE="bytes=100-200000")).body == content[100:200001]
    wrapped: list[Any] = []

    def wrapper(file: Any, size: int) -> Any:
        wrapped.append(file)
        return FileWrapper(file, size)

    given_ = {"wsgi.file_wrapper": wrapper}
    assert wire(ready, environ(**given_)).body == content
    assert wire(ready, environ(**given_, HTTP_RANGE="bytes=0-9")).body == content[:10]
    assert len(wrapped) == 1
    assert wrapped[0].closed


def test_a_file_is_closed_when_the_visitor_goes_away(tmp_path: Path, environ: Any) -> None:
    path = tmp_path / "large.bin"
    path.write_bytes(b"x" * 300_000)
    body: Any = FileReady(path, "text/plain")(environ(HTTP_RANGE="bytes=1-"), lambda line, headers: None)
    next(iter(body))
    body.close()
    with pytest.raises(StopIteration):
        next(body)
