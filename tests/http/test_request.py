"""The request: Werkzeug's, attribute by attribute, over many environs."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import MethodType
from typing import Any

import pytest
import werkzeug
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.test import EnvironBuilder

from engine.http.request import Request

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "json-test-suite" / "test_parsing"
CLASS_SETTINGS = {"form_data_parser_class", "json_module", "max_content_length"}
ATTRIBUTES = sorted(
    {name for name in dir(werkzeug.Request) if name[0] != "_"}
    | {"method", "scheme", "server", "root_path", "path", "query_string", "headers", "remote_addr", "shallow"}
)

latin = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=12)
wild = st.sampled_from(
    [
        *(
            "text/html;q=0.5, */*",
            "gzip, br;q=0",
            "da, en-gb;q=0.8",
            'W/"a", "b"',
            "*",
            "bytes=0-4",
            "bytes=-",
        ),
        *("Sun, 06 Nov 1994 08:49:37 GMT", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Bearer x", "a=1; b=2; a=3"),
        *(
            'a="x; session=y"; session=z',
            "=__Host-a=b",
            "max-age=0, no-cache",
            "10.0.0.1, 10.0.0.2",
            "example.org",
        ),
        *(
            "example.org:8080",
            "[::1]:80",
            "a b",
            "application/json",
            "text/plain; charset=latin1",
            "12",
            "-1",
        ),
    ]
)
HEADERS = (
    "ACCEPT ACCEPT_CHARSET ACCEPT_ENCODING ACCEPT_LANGUAGE AUTHORIZATION CACHE_CONTROL COOKIE DATE HOST IF_MATCH "
    "IF_MODIFIED_SINCE IF_NONE_MATCH IF_RANGE IF_UNMODIFIED_SINCE MAX_FORWARDS ORIGIN PRAGMA RANGE REFERER "
    "USER_AGENT X_FORWARDED_FOR ACCESS_CONTROL_REQUEST_METHOD ACCESS_CONTROL_REQUEST_HEADERS CONTENT_ENCODING"
)
header_sets = st.dictionaries(
    st.sampled_from([f"HTTP_{name}" for name in HEADERS.split()]), latin | wild, max_size=6
)
paths = st.text(st.characters(max_codepoint=255), max_size=12)
queries = st.text(st.characters(max_codepoint=126, min_codepoint=32), max_size=20) | st.sampled_from(
    ["a=1&b=2&a=3", "a=%ff&b=%C3%A9", "a+b=c+d", "a", "&&=&a=", "%", "a=%zz"]
)
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; '
    b'name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n'
)
bodies = st.one_of(
    st.tuples(st.just("application/x-www-form-urlencoded"), queries.map(str.encode)),
    st.tuples(st.just("application/x-www-form-urlencoded; charset=utf-8"), queries.map(str.encode)),
    st.tuples(st.just("application/x-www-form-urlencoded"), st.binary(max_size=30)),
    st.tuples(
        st.just("application/json"),
        st.sampled_from([b'{"a":[1,2.5,null]}', b"[", b"", b"\xff", b'"\\ud800"']),
    ),
    st.tuples(st.just("text/plain"), st.binary(max_size=30)),
    st.tuples(
        st.just("multipart/form-data; boundary=x"),
        st.just(MULTIPART),
    ),
    st.just((None, b"")),
)


@st.composite
def environs(draw: st.DrawFn) -> dict[str, Any]:
    kind, body = draw(bodies)
    environ = {
        "REQUEST_METHOD": draw(st.sampled_from(["GET", "POST", "put", "HEAD"])),
        "SCRIPT_NAME": draw(st.sampled_from(["", "/app", "/app/", "/\xc3\xa9"])),
        "PATH_INFO": draw(st.just("/a/b") | paths),
        "QUERY_STRING": draw(queries),
        "SERVER_NAME": draw(st.sampled_from(["localhost", "::1", "/run/site.sock"])),
        "SERVER_PORT": draw(st.sampled_from(["80", "8000", ""])),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.url_scheme": draw(st.sampled_from(["http", "https"])),
        "wsgi.input": body,
        **draw(header_sets),
    }
    if kind is not None:
        environ |= {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body))}
    for name in draw(st.sets(st.sampled_from(["SCRIPT_NAME", "QUERY_STRING", "SERVER_NAME", "REMOTE_ADDR"]))):
        del environ[name]
    if draw(st.booleans()):
        environ["wsgi.input_terminated"] = True
    return environ


def plain(value: Any) -> Any:
    """A value in a form that can be compared."""
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, FileStorage):
        return value.filename, value.content_type, value.read()
    if isinstance(value, MultiDict):
        return type(value).__name__, [(key, [plain(item) for item in items]) for key, items in value.lists()]
    if isinstance(value, io.IOBase):
        return value.read()
    if isinstance(value, MethodType):
        return value.__name__
    if type(value).__module__.startswith("werkzeug"):
        return type(value).__name__, str(value)
    return value


def read(request: werkzeug.Request, name: str) -> Any:
    try:
        return plain(getattr(request, name))
    except HTTPException as error:
        return error.code, error.description
    except (OverflowError, ValueError) as error:  # as of `If-Range: 0"`
        return type(error)


def fresh(environ: dict[str, Any], cls: type[werkzeug.Request]) -> werkzeug.Request:
    request = cls({**environ, "wsgi.input": io.BytesIO(environ["wsgi.input"])})
    request.max_content_length = 16 * 1024 * 1024
    return request


@pytest.mark.long
@given(environs(), st.lists(st.sampled_from(ATTRIBUTES), min_size=1, max_size=6))
@settings(max_examples=400, deadline=None)
def test_attributes_are_werkzeugs_in_whatever_order_they_are_read(
    environ: dict[str, Any], names: list[str]
) -> None:
    ours, theirs = fresh(environ, Request), fresh(environ, werkzeug.Request)
    for name in names:
        if name in CLASS_SETTINGS:
            continue
        expected, found = read(theirs, name), read(ours, name)
        if name == "environ":
            (
                expected.pop("werkzeug.request"),
                expected.pop("wsgi.input"),
                (found := dict(found)).pop("wsgi.input"),
            )
        if expected not in (OverflowError, UnicodeDecodeError):
            assert found == expected, name
    ours.close(), theirs.close()


@pytest.mark.parametrize("name", sorted(set(ATTRIBUTES) - CLASS_SETTINGS - {"environ"}))
def test_an_attribute_is_werkzeugs(name: str) -> None:
    builder = EnvironBuilder(
        "/a/b?x=1&y=é",
        "https://example.org:8443/app",
        method="POST",
        data={"field": "value"},
        headers={"Cookie": "a=1", "Accept": "text/html", "User-Agent": "test", "Authorization": "Bearer t"},
    )
    ours, theirs = Request(builder.get_environ()), werkzeug.Request(builder.get_environ())
    assert read(ours, name) == read(theirs, name)


def test_an_attribute_may_be_set() -> None:
    request = Request(EnvironBuilder("/a").get_environ())
    request.path = "/b"
    assert request.path == "/b"


def test_the_environ_does_not_hold_the_request_unless_it_is_asked_to() -> None:
    environ = EnvironBuilder("/").get_environ()
    Request(environ)
    assert "werkzeug.request" not in environ
    assert Request(environ, populate_request=True) is environ["werkzeug.request"]


def test_a_shallow_request_does_not_read_the_body() -> None:
    builder = EnvironBuilder("/", method="POST", data={"a": "1"})
    with pytest.raises(RuntimeError):
        Request(builder.get_environ(), shallow=True).form


@pytest.mark.parametrize(("name", "value"), [("args", [("a", ["%FF"])]), ("full_path", "/?a=%FF")])
def test_a_query_of_bytes_that_are_not_utf_8_is_read(name: str, value: Any) -> None:
    request = Request({**EnvironBuilder("/").get_environ(), "QUERY_STRING": "a=\xff"})
    found = getattr(request, name)
    assert (list(found.lists()) if name == "args" else found) == value


@pytest.mark.parametrize("name", ["date", "if_modified_since", "if_unmodified_since"])
def test_a_date_with_an_endless_year_is_no_date(name: str) -> None:
    date = "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"
    request = Request({f"HTTP_{name.upper()}": date, "HTTP_IF_RANGE": date})
    assert getattr(request, name) is None
    assert request.if_range.date is None


# -- JSON


def posted(body: bytes) -> Request:
    return Request(
        EnvironBuilder("/", method="POST", data=body, content_type="application/json").get_environ()
    )


@pytest.mark.parametrize(
    "body",
    [
        b"NaN",
        b"[Infinity]",
        b"-Infinity",
        b"1e999",
        b"[" * 100_000,
        b'[{"":' * 50_000,
        b"1" * 5000,
        b"\xff",
        b"",
    ],
)
def test_what_is_not_json_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        posted(body).json
    assert posted(body).get_json(silent=True) is None


def test_a_body_that_does_not_say_that_it_is_json_is_refused() -> None:
    builder = EnvironBuilder("/", method="POST", data=b"{}", content_type="text/plain")
    with pytest.raises(UnsupportedMediaType):
        Request(builder.get_environ()).json


@pytest.mark.skipif(not SUITE.is_dir(), reason="the JSON test suite is not beside the project")
def test_json_test_suite_is_answered_without_a_mistake() -> None:
    wrong = []
    for file in sorted(SUITE.glob("*.json")):
        try:
            posted(file.read_bytes()).json
            verdict = "y"
        except BadRequest:
            verdict = "n"
        if file.name[0] in "yn" and file.name[0] != verdict:
            wrong.append(file.name)
    assert not wrong


# -- forms and their limits


class Slow(io.BytesIO):
    """A body that comes in small pieces, as it does over a network."""

    def read(self, size: int | None = -1) -> bytes:  # type: ignore[override]
        return super().read(min(7, size) if size and size > 0 else 7)


def form(body: bytes, stream: Any = None, **extra: Any) -> Request:
    environ = EnvironBuilder("/", method="POST").get_environ()
    environ |= {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}
    return Request({**environ, "wsgi.input": stream or io.BytesIO(body), **extra})


CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
KINDS = pytest.mark.parametrize(
    "extra",
    [{}, {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}, CHUNKED],
    ids=["short", "parser", "chunked"],
)


@KINDS
def test_a_form_that_comes_in_pieces_is_read_to_its_end(extra: dict[str, Any]) -> None:
    body = b"&".join(b"field%d=%d" % (n, n) for n in range(100))
    request = form(body, Slow(body), **extra)
    assert request.form["field99"] == "99"
    assert len(request.form) == 100
    assert request.data == b""


@pytest.mark.parametrize("extra", [{}, {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=utf-8"}])
def test_a_form_that_breaks_off_is_a_bad_request(extra: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        form(b"a=1&b=2", io.BytesIO(b"a=1"), **extra).form


def test_a_form_whose_body_was_read_before_is_no_broken_one() -> None:
    request = form(b"a=1", **{"wsgi.input_terminated": True})
    assert request.input_stream.read() == b"a=1"
    assert not request.form


@KINDS
@pytest.mark.parametrize("limit", ["max_content_length", "max_form_memory_size"])
def test_a_form_may_be_as_large_as_the_limit_and_no_larger(limit: str, extra: dict[str, Any]) -> None:
    body = b"a=" + b"x" * 998
    request = form(body, **extra)
    setattr(request, limit, 1000)
    assert len(request.form["a"]) == 998
    request = form(body, **extra)
    setattr(request, limit, 999)
    with pytest.raises(RequestEntityTooLarge):
        request.form


@KINDS
def test_a_form_may_have_as_many_fields_as_the_limit_and_no_more(extra: dict[str, Any]) -> None:
    for fields, fits in ((1000, True), (1001, False)):
        request = form(b"&".join([b"a=1"] * fields), **extra)
        if fits:
            assert len(request.form.getlist("a")) == fields
        else:
            with pytest.raises(RequestEntityTooLarge):
                request.form


@pytest.mark.parametrize("name", ["data", "json", "stream"])
def test_a_chunked_body_over_the_limit_is_refused_and_not_cut(name: str) -> None:
    for length, fits in ((1000, True), (1001, False), (200_000, False)):
        request = form(b"1" * length, **CHUNKED, CONTENT_TYPE="application/json")
        request.max_content_length = 1000
        if fits:
            assert len(request.get_data()) == 1000
        else:
            with pytest.raises(RequestEntityTooLarge):
                getattr(request, name).read() if name == "stream" else getattr(request, name)


def test_the_limits_are_there_by_default() -> None:
    assert (Request.max_content_length, Request.max_form_memory_size, Request.max_form_parts) == (
        16 * 2**20,
        500_000,
        1000,
    )
    for body, name in ((b"x" * (16 * 2**20 + 1), "data"), (b"a=" + b"x" * 500_000, "form")):
        with pytest.raises(RequestEntityTooLarge):
            getattr(form(body), name)


def test_a_multipart_form_of_too_many_parts_is_too_large() -> None:
    builder = EnvironBuilder(
        "/", method="POST", data={f"f{n}": "x" for n in range(1001)}, content_type="multipart/form-data"
    )
    with pytest.raises(RequestEntityTooLarge):
        Request(builder.get_environ()).form


def test_a_limit_may_be_lifted() -> None:
    request = form(b"&".join([b"a=1"] * 2000) + b"&b=" + b"x" * 600_000)
    request.max_form_parts = request.max_form_memory_size = None  # type: ignore[assignment]
    assert len(request.form.getlist("a")) == 2000


def test_the_body_of_a_form_that_was_read_before_is_still_its_form() -> None:
    request = form(b"a=1")
    assert request.get_data() == b"a=1"
    assert request.form["a"] == "1"


def test_a_length_that_is_a_lie_of_many_digits_is_not_believed() -> None:
    with pytest.raises(RequestEntityTooLarge):
        form(b"a=1", CONTENT_LENGTH="9" * 18).form
    with pytest.raises(HTTPException):
        form(b"a=1", CONTENT_LENGTH="9" * 4000).form


@given(st.text(st.sampled_from("ab=&+%4C3A9é \t;"), max_size=30))
def test_the_arguments_are_those_of_the_standard_library(text: str) -> None:
    raw = text.encode()
    ours = Request({"QUERY_STRING": raw.decode("latin1")})
    theirs = werkzeug.Request(
        {"QUERY_STRING": raw.decode("latin1"), "REQUEST_METHOD": "GET", "wsgi.url_scheme": "http"}
    )
    assert list(ours.args.items(multi=True)) == list(theirs.args.items(multi=True))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )
)
def test_json_that_was_sent_is_what_is_read(value: Any) -> None:
    assert posted(json.dumps(value).encode()).json == value
