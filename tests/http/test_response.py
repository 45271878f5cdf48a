"""What a handler may return, and what it may not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import werkzeug
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from werkzeug.datastructures import Headers
from werkzeug.exceptions import BadRequest, NotFound

from engine.errors import OutsideContext, SiteError
from engine.http.context import Context, current
from engine.http.response import (
    Origin,
    Response,
    is_local,
    jsonify,
    make_response,
    redirect,
    to_response,
)
from engine.trace import Trace

HERE = Origin("pages/a.py", 3, "get")
HTML, JSON = "text/html; charset=utf-8", "application/json"


@dataclass
class Post:
    title: str
    date: date


def stream() -> Iterator[str]:
    yield "a"
    yield "é"


class Theirs(werkzeug.Response):
    pass


class Shouting(werkzeug.Response):
    def iter_encoded(self) -> Iterator[bytes]:
        return (chunk.upper() for chunk in super().iter_encoded())


ANSWERS = {
    "text": ("é", 200, HTML, "é".encode()),
    "markup": (Markup("<p>"), 200, HTML, b"<p>"),
    "bytes": (b"\xff", 200, HTML, b"\xff"),
    "bytearray": (bytearray(b"x"), 200, HTML, b"x"),
    "memoryview": (memoryview(b"x"), 200, HTML, b"x"),
    "dict": ({"b": 1, "a": "é"}, 200, JSON, '{"b":1,"a":"é"}'.encode()),
    "mapping": (MappingProxyType({"a": 1}), 200, JSON, b'{"a":1}'),
    "list": ([1, None], 200, JSON, b"[1,null]"),
    "dataclass": (Post("a", date(2024, 5, 1)), 200, JSON, b'{"title":"a","date":"2024-05-01"}'),
    "dataclasses": ([Post("a", date(2024, 5, 1))], 200, JSON, b'[{"title":"a","date":"2024-05-01"}]'),
    "status": (("x", 201), 200 + 1, HTML, b"x"),
    "status line": (("x", "299 Odd"), 299, HTML, b"x"),
    "json status": (({"a": 1}, 404), 404, JSON, b'{"a":1}'),
    "content type": (("x", {"Content-Type": "text/plain"}), 200, "text/plain", b"x"),
    "both": (("x", 404, [("content-type", "text/plain")]), 404, "text/plain", b"x"),
    "werkzeug headers": (("x", Headers({"Content-Type": "text/plain"})), 200, "text/plain", b"x"),
    "response and status": ((Response("x"), 202), 202, HTML, b"x"),
    "ours": (Response("x"), 200, HTML, b"x"),
    "werkzeug": (werkzeug.Response("x", mimetype="text/html"), 200, HTML, b"x"),
    "subclass": (Theirs("x", mimetype="text/html"), 200, HTML, b"x"),
    "subclass that changes the body": (Shouting("x", mimetype="text/html"), 200, HTML, b"X"),
    "stream": (stream(), 200, HTML, "aé".encode()),
    "iterator": (iter([b"a", "b"]), 200, HTML, b"ab"),
    "lone surrogate": ("a\ud800", 200, HTML, b"a?"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_handler_may_return(name: str, wire: Any, environ: Any) -> None:
    value, status, content_type, body = ANSWERS[name]
    response = to_response(value, HERE)
    assert isinstance(response, Response)
    sent = wire(response, environ())
    assert (sent.status, sent["Content-Type"], sent.body) == (status, content_type, body)


def test_a_response_of_ours_is_handed_on_itself() -> None:
    response = Response("x")
    assert to_response(response, HERE) is response


def test_text_has_the_type_of_the_page_that_returns_it() -> None:
    assert to_response("<feed/>", HERE, "application/xml").content_type == "application/xml"
    assert to_response({}, HERE, "application/xml").content_type == JSON
    assert to_response({}, HERE, "application/manifest+json").content_type == "application/manifest+json"


def test_headers_of_a_tuple_may_repeat(wire: Any, environ: Any) -> None:
    sent = wire(to_response(({}, [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]), HERE), environ())
    assert [value for name, value in sent.headers if name == "Set-Cookie"] == ["a=1", "b=2"]


def hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("203 Fine", [("Content-Type", "text/plain"), ("X-Path", environ["PATH_INFO"])])
    return [b"from WSGI"]


def test_a_wsgi_application_answers_with_the_request_of_the_page(wire: Any, environ: Any) -> None:
    trace = Trace("/site")
    token = current.set(Context(None, environ(path="/a"), trace=trace))  # type: ignore[arg-type]
    try:
        response = to_response(hello, HERE)
    finally:
        current.reset(token)
    sent = wire(response, environ())
    assert (sent.line, sent["X-Path"], sent.body) == ("203 Fine", "/a", b"from WSGI")
    assert "headers" in trace.touches
    with pytest.raises(OutsideContext):
        to_response(hello, HERE)


async def coroutine() -> str:
    return ""


REFUSED = {
    "None": (None, "handler-returned-none", "returned None"),
    "number": (3, "handler-return-type", "3, of the type int"),
    "set": ({1}, "handler-return-type", "of the type set"),
    "class": (dict, "handler-return-type", "of the type type"),
    "coroutine": (coroutine(), "handler-return-type", "a coroutine"),
    "dict of sets": ({"a": {1}}, "handler-return-type", "sorted list"),
    "nan": ([float("nan")], "handler-return-type", "cannot be JSON"),
    "none in a tuple": ((None, 200), "handler-return-type", "whose body is None"),
    "tuple of one": (("x",), "handler-return-type", "a tuple of 1"),
    "tuple of four": (("x", 1, 2, 3), "handler-return-type", "a tuple of 4"),
    "tuple in a tuple": ((("x", 1), 2), "handler-return-type", "a tuple"),
    "no status": (("x", "abc"), "handler-return-type", "status 'abc'"),
    "empty status": (("x", ""), "handler-return-type", "bad status"),
    "low status": (("x", 20), "handler-return-type", "status 20"),
    "long status": (("x", 2000), "handler-return-type", "status 2000"),
    "odd status": (("x", 2.5), "handler-return-type", "bad status"),
    "newline": (("x", {"X": "a\nb"}), "handler-return-type", "newline"),
    "odd headers": (("x", 200, 3), "handler-return-type", "bad headers"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_handler_may_not_return(name: str) -> None:
    value, code, what = REFUSED[name]
    with pytest.raises(SiteError) as caught:
        to_response(value, HERE)
    [fault] = caught.value.faults
    assert (fault.code, fault.file, fault.line) == (code, "pages/a.py", 3)
    assert str(fault).startswith("pages/a.py:3: `get()` returned ")
    assert what in fault.what
    assert fault.hint


def test_an_origin_is_told_from_a_function() -> None:
    origin = Origin.of(hello, str(Path(__file__).parent))
    assert (origin.file, origin.name) == (Path(__file__).name, "hello")
    assert origin.line == hello.__code__.co_firstlineno


# -- files


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(b"0123456789")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_a_path_is_sent_as_its_file(page: Path, wire: Any, environ: Any) -> None:
    sent = wire(to_response(page, HERE), environ())
    assert (sent.status, sent.body, sent["Content-Length"]) == (200, b"0123456789", "10")
    assert sent["Content-Type"] == "text/csv; charset=utf-8"
    assert sent["Last-Modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert (sent["Accept-Ranges"], sent["Cache-Control"]) == ("bytes", "no-cache")


def test_a_path_is_sent_conditionally_and_in_ranges(page: Path, wire: Any, environ: Any) -> None:
    etag = to_response(page, HERE).headers["ETag"]
    assert wire(to_response(page, HERE), environ(HTTP_IF_NONE_MATCH=etag)).status == 304
    part = wire(to_response(page, HERE), environ(HTTP_RANGE="bytes=2-4"))
    assert (part.status, part.body, part["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    head = wire(to_response(page, HERE), environ("HEAD"))
    assert (head.status, head.body, head["Content-Length"]) == (200, b"", "10")
    assert wire(to_response(page, HERE), environ("POST")).body == b"0123456789"


def test_a_file_may_go_with_a_status_headers_and_cookies(page: Path, wire: Any, environ: Any) -> None:
    closed = []
    response = to_response((page, 200, {"Content-Type": "text/plain"}), HERE)
    response.set_cookie("a", "1")
    response.call_on_close(lambda: closed.append(1))
    sent = wire(response, environ())
    assert (sent["Content-Type"], sent["Set-Cookie"], sent.body) == (
        "text/plain",
        "a=1; Path=/",
        b"0123456789",
    )
    assert closed == [1]
    assert wire(to_response((page, 404), HERE), environ(HTTP_RANGE="bytes=0-1")).body == b"0123456789"


def test_a_hook_may_read_and_change_a_file_on_its_way(page: Path, wire: Any, environ: Any) -> None:
    response = to_response(page, HERE)
    response.data = response.get_data().replace(b"0", b"zero")
    assert wire(response, environ()).body == b"zero123456789"


@pytest.mark.parametrize("name", ["missing.txt", "", "table.csv/x", "a" * 300, "nul\0"])
def test_a_path_without_a_file_is_not_found(name: str, page: Path) -> None:
    with pytest.raises(NotFound):
        to_response(page.parent / name, HERE)


# -- words


def test_make_response_takes_what_a_handler_returns() -> None:
    assert make_response().data == b""
    assert make_response("x").data == b"x"
    assert make_response("x", 404, {"A": "b"}).headers["A"] == "b"
    with pytest.raises(TypeError):
        make_response(None)


def test_jsonify_takes_one_value_several_or_named_ones() -> None:
    assert jsonify({"a": 1}).data == b'{"a":1}'
    assert jsonify(1, 2).data == b"[1,2]"
    assert jsonify([]).data == b"[]"
    assert jsonify(a=1).data == b'{"a":1}'
    assert jsonify().data == b"null"
    assert jsonify(0).content_type == JSON
    with pytest.raises(TypeError):
        jsonify(1, a=1)


@pytest.mark.parametrize("location", ["/a", "b?c=d", "https://example.org/", "//cdn.example.org/x", "#top"])
def test_a_redirect_sends_the_location_as_it_is(location: str, wire: Any, environ: Any) -> None:
    sent = wire(redirect(location), environ())
    assert (sent.status, sent["Location"]) == (303, location)
    assert redirect(location, 308).status_code == 308


def test_a_redirect_encodes_what_a_header_cannot_hold(wire: Any, environ: Any) -> None:
    sent = wire(redirect('/é "<x>'), environ())
    assert sent["Location"] == "/%C3%A9%20%22%3Cx%3E"
    assert b"<x>" not in sent.body


@pytest.mark.parametrize("location", ["/a\nb", "/a\r\nX: y", "/\0", "\t//x", "/\x7f", "/\x9f", "/\ud800"])
def test_a_redirect_refuses_a_control_character(location: str) -> None:
    for error in (BadRequest, ValueError):
        with pytest.raises(error):
            redirect(location)


@pytest.mark.parametrize("code", [200, 300, 304, 305, 306])
def test_a_redirect_has_a_status_that_redirects(code: int) -> None:
    with pytest.raises(ValueError):
        redirect("/", code)


@pytest.mark.parametrize("target", ["/", "/a", "/a//b", "/a?next=//x", "/é", "/a#b", "/%2f%2fx", "/.//x"])
def test_a_path_on_this_site_is_local(target: str) -> None:
    assert is_local(target)


OFF_SITE = """
//evil.example ///evil.example ////evil.example /\\evil.example \\\\evil.example \\/evil.example https://evil.example
http:evil.example http:/evil.example https:///evil.example javascript:alert(1) data:text/html,x evil.example
/a\\b ?a #a ./a ../a @evil.example /\\/evil.example ftp://evil.example mailto:a@b blob:x
"""


@pytest.mark.parametrize(
    "target",
    [
        *OFF_SITE.split(),
        None,
        "",
        " /a",
        "/a b",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\n",
        "\x00/a",
        "/\x7f/a",
        "/\x85",
    ],
)
def test_anything_else_is_not_local(target: str | None) -> None:
    assert not is_local(target)


@given(st.text(st.sampled_from("/\\:@.ae \t\n\r\0%?#é"), max_size=8))
def test_a_local_target_never_leaves_by_the_rules_of_browsers(target: str) -> None:
    # What the URL standard does first: strip, drop tabs and newlines, read a backslash as a slash.
    seen = "".join(c for c in target.strip("".join(map(chr, range(33)))) if c not in "\t\n\r").replace(
        "\\", "/"
    )
    if is_local(target):
        assert seen == target
        assert seen.startswith("/")
        assert not seen.startswith("//")
