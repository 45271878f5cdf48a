"""Whole HTML pages get the script; what is anything else passes as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from engine.dev.inject import Injector

ELEMENT = b"<script></script>"
PAGE = "<!doctype html><html><body><p>Text</p></body></html>"


def through(app: Any, method: str = "GET") -> Response:
    """What `app` answers behind the injector; `wsgiref` checks both sides of it (PEP 3333)."""
    checked: Any = validator(Injector(validator(app), lambda: ELEMENT))  # type: ignore[arg-type, type-var]
    return Client(checked).open("/", method=method, buffered=True)


def test_a_page_gets_the_element_before_the_end_of_its_body() -> None:
    answer = through(Response(PAGE, mimetype="text/html"))
    assert answer.text == PAGE.replace("</body>", "<script></script></body>")
    assert answer.content_length == len(answer.text)


@pytest.mark.parametrize(
    "page",
    ["<!DOCTYPE html><p>No end tag", "\ufeff<!doctype html><p>A byte order mark", "\n <HTML><p>In capitals"],
)
def test_a_page_without_an_end_tag_gets_it_at_its_end(page: str) -> None:
    assert through(Response(page, mimetype="text/html")).text == page + "<script></script>"


def test_only_the_last_end_tag_counts() -> None:
    page = "<!doctype html><body><pre>&lt;/body> </body></pre></BODY></html>"
    assert through(Response(page, mimetype="text/html")).text == page.replace(
        "</BODY>", "<script></script></BODY>"
    )


@pytest.mark.parametrize(
    "answer",
    [
        Response("<p>A fragment</p>", mimetype="text/html"),
        Response(PAGE, mimetype="text/plain"),
        Response('{"a": 1}', mimetype="application/json"),
        Response(PAGE.encode(), headers={"Content-Type": "text/html", "Content-Encoding": "br"}),
    ],
)
def test_what_is_no_whole_page_passes_as_it_is(answer: Response) -> None:
    answer.headers["ETag"] = '"kept"'
    passed = through(answer)
    assert passed.get_data() == answer.get_data()
    assert dict(passed.headers) == dict(answer.headers)


def test_a_head_request_has_no_body() -> None:
    assert through(Response(PAGE, mimetype="text/html"), "HEAD").get_data() == b""


def test_a_page_is_not_kept_by_the_browser() -> None:
    answer = Response(PAGE, mimetype="text/html", headers={"ETag": '"x"', "Cache-Control": "max-age=60"})
    headers = through(answer).headers
    assert headers.getlist("Cache-Control") == ["no-store"]
    assert "ETag" not in headers


class Stream:
    """A page that is made piece by piece, and that knows when it is closed."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces = pieces
        self.made = 0
        self.closed = 0

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.made += 1
            yield piece

    def close(self) -> None:
        self.closed += 1


def test_a_stream_stays_a_stream() -> None:
    stream = Stream([b"<!doctype html>", b"one", b"two"])
    body = Injector(stream, lambda: ELEMENT)({"REQUEST_METHOD": "GET"}, lambda *args: None)  # type: ignore[arg-type]
    pieces = iter(body)
    assert next(pieces) == b"<!doctype html>"
    assert stream.made == 1
    assert list(pieces) == [b"one", b"two", ELEMENT]


def test_the_body_inside_is_closed_once() -> None:
    for pieces in ([], [b"<!doctype html>", b"x"], [b"x", b"y"]):
        stream = Stream(pieces)
        through(stream)
        assert stream.closed == 1


def test_the_body_inside_is_closed_when_it_fails() -> None:
    def failing() -> Iterator[bytes]:
        raise ZeroDivisionError
        yield b""

    stream = Stream(failing())
    with pytest.raises(ZeroDivisionError):
        Injector(stream, lambda: ELEMENT)({"REQUEST_METHOD": "GET"}, lambda *args: None)  # type: ignore[arg-type]
    assert stream.closed == 1


def test_an_application_may_start_its_answer_anew_after_a_failure() -> None:
    def app(environ: Any, start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            raise ValueError
        except ValueError as error:
            start_response(
                "500 OUCH", [("Content-Type", "text/plain")], (ValueError, error, error.__traceback__)
            )
        return [b"failed"]

    answer = through(app)
    assert answer.status_code == 500
    assert answer.text == "failed"


def test_the_element_is_that_of_the_moment_in_which_the_request_came() -> None:
    """A page that was made before a change must not say that it knows the change."""
    version = [b"<i>1</i>"]

    def app(environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        version[0] = b"<i>2</i>"
        return Response(PAGE, mimetype="text/html")(environ, start_response)

    assert "<i>1</i>" in Client(Injector(app, lambda: version[0])).get("/").text
