"""The response: a Werkzeug response, and the same on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import werkzeug
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from engine.http.outgoing import Defaults, Response

Make = Callable[[type[werkzeug.Response]], werkzeug.Response]


def with_header(name: str, value: str) -> Make:
    def make(cls: type[werkzeug.Response]) -> werkzeug.Response:
        response = text(cls)
        response.headers[name] = value
        return response

    return make


def text(cls: type[werkzeug.Response]) -> werkzeug.Response:
    if issubclass(cls, Response):
        return cls.quick(b"<p>hi", "text/html; charset=utf-8")
    return cls(b"<p>hi", content_type="text/html; charset=utf-8")


def changed(change: Callable[[werkzeug.Response], Any]) -> Make:
    def make(cls: type[werkzeug.Response]) -> werkzeug.Response:
        response = text(cls)
        change(response)
        return response

    return make


MAKERS: dict[str, Make] = {
    "text": text,
    "empty": lambda cls: cls(),
    "str": lambda cls: cls("é", mimetype="text/plain"),
    "list": lambda cls: cls([b"a", "b"], content_type="text/plain"),
    "one in a list": lambda cls: cls([b"a"], content_type="text/plain"),
    "stream": lambda cls: cls(iter(["a", b"b"]), content_type="text/plain"),
    "204": changed(lambda r: setattr(r, "status_code", 204)),
    "304": changed(lambda r: (setattr(r, "status_code", 304), r.set_etag("x"))),
    "404": changed(lambda r: setattr(r, "status_code", 404)),
    "own status": changed(lambda r: setattr(r, "status", "299 Odd")),
    "location": with_header("Location", "/é?a=b c"),
    "lower location": with_header("location", "/é"),
    "content location": with_header("Content-Location", "/é"),
    "cookies": changed(lambda r: (r.set_cookie("a", "1"), r.set_cookie("b", "2"))),
    "new data": changed(lambda r: setattr(r, "data", "longer than before")),
    "new body": changed(lambda r: setattr(r, "response", [b"other"])),
    "no length": changed(lambda r: r.headers.pop("Content-Length")),
    "touched": changed(lambda r: r.headers),
    "cache control": changed(lambda r: setattr(r.cache_control, "max_age", 60)),
    "etag": changed(lambda r: r.add_etag()),
    "written": changed(lambda r: r.stream.write(b"more")),
    "frozen": changed(lambda r: r.freeze()),
    "passed through": lambda cls: cls(iter([b"x"]), content_type="text/plain", direct_passthrough=True),
}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("name", MAKERS)
def test_a_response_is_the_same_on_the_wire_as_werkzeugs(
    name: str, method: str, wire: Any, environ: Any
) -> None:
    ours, theirs = MAKERS[name](Response), MAKERS[name](werkzeug.Response)
    if name == "empty":
        theirs.mimetype = "text/html"
    if name == "204":  # Werkzeug keeps its content type, which the validator does not like
        del theirs.headers["Content-Type"]
    found, expected = wire(ours, environ(method), True), wire(theirs, environ(method), True)
    assert (found.line, sorted(found.headers), found.body) == (
        expected.line,
        sorted(expected.headers),
        expected.body,
    )


def test_a_response_may_be_sent_twice(wire: Any, environ: Any) -> None:
    response = Response.quick(b"x", "text/plain")
    assert wire(response, environ()) == wire(response, environ())


@given(st.binary(max_size=20), st.sampled_from([200, 201, 404, 418, 500, 599]))
def test_a_quick_response_has_every_attribute_of_a_response(body: bytes, status: int) -> None:
    ours = Response.quick(body, "text/html; charset=utf-8", status)
    theirs = werkzeug.Response(body, status, content_type="text/html; charset=utf-8")
    for name in (
        "status",
        "status_code",
        "data",
        "content_length",
        "mimetype",
        "mimetype_params",
        "is_sequence",
    ):
        assert getattr(ours, name) == getattr(theirs, name)
    for name in ("is_streamed", "direct_passthrough", "location", "vary", "is_json"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert list(ours.headers) == list(theirs.headers)
    assert isinstance(ours, werkzeug.Response)
    assert not [name for name in vars(theirs) if not hasattr(ours, name)]


def test_what_was_left_to_do_on_close_is_done(wire: Any, environ: Any) -> None:
    done = []
    response = Response.quick(b"x", "text/plain")
    response.call_on_close(lambda: done.append(1))
    assert wire(response, environ()).body == b"x"
    assert done == [1]


def test_a_stream_is_closed(wire: Any, environ: Any) -> None:
    done = []

    def chunks() -> Iterator[str]:
        try:
            yield "a"
        finally:
            done.append(1)

    assert wire(Response(chunks()), environ()).body == b"a"
    assert done == [1]


class Loud(Response):
    def iter_encoded(self) -> Iterator[bytes]:
        return (chunk.upper() for chunk in super().iter_encoded())


class Marked(Response):
    def get_wsgi_headers(self, environ: Any) -> Any:
        headers = super().get_wsgi_headers(environ)
        headers["X-Marked"] = "yes"
        return headers


class Counted(Marked):
    calls = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        type(self).calls += 1
        return super().__call__(environ, start_response)


def test_a_subclass_keeps_its_own_way_of_being_called(wire: Any, environ: Any) -> None:
    assert wire(Counted.quick(b"x", "text/plain"), environ())["X-Marked"] == "yes"
    assert Counted.calls == 1


def test_a_subclass_that_changes_how_it_is_sent_is_sent_so(wire: Any, environ: Any) -> None:
    assert wire(Loud.quick(b"x", "text/plain"), environ()).body == b"X"
    assert wire(Marked.quick(b"x", "text/plain"), environ())["X-Marked"] == "yes"


CHANGES: dict[str, Callable[[Headers, str, str], Any]] = {
    "set": lambda headers, name, value: headers.__setitem__(name, value),
    "add": lambda headers, name, value: headers.add(name, value),
    "remove": lambda headers, name, value: headers.remove(name),
    "pop": lambda headers, name, value: headers.pop(name, None),
    "pop the last": lambda headers, name, value: headers.popitem() if headers else None,
    "put first": lambda headers, name, value: headers.__setitem__(slice(0, 1), [(name, value)]),
    "set if missing": lambda headers, name, value: headers.setdefault(name, value),
    "set several": lambda headers, name, value: headers.setlist(name, [value, "z"]),
    "update": lambda headers, name, value: headers.update({name: value}),
    "extend": lambda headers, name, value: headers.extend([(name, value)]),
    "clear": lambda headers, name, value: headers.clear(),
    "read": lambda headers, name, value: headers.get(name),
}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(CHANGES)),
            st.sampled_from(["X-A", "x-a", "X-B", "X-C", "Content-Type", "content-length"]),
            st.sampled_from(["1", "2"]),
        ),
        max_size=8,
    )
)
def test_headers_change_as_werkzeugs_and_defaults_stand_in_for_those_that_are_missing(
    changes: list[tuple[str, str, str]],
) -> None:
    response = Response.quick(b"x", "text/plain")
    theirs = Headers([("Content-Type", "text/plain"), ("Content-Length", "1")])
    for change, name, value in changes:
        CHANGES[change](response.headers, name, value)
        CHANGES[change](theirs, name, value)
    sent: list[tuple[str, str]] = []
    response.send(
        {"REQUEST_METHOD": "GET"},
        lambda status, headers, error=None: sent.extend(headers),  # type: ignore[arg-type, misc]
        Defaults([("X-A", "default"), ("x-b", "default")]),
    )
    assert list(response.headers) == list(theirs)
    for name, value in [("Content-Length", "1"), ("X-A", "default"), ("x-b", "default")]:
        theirs.setdefault(name, value)
    assert sorted(sent) == sorted(theirs)
