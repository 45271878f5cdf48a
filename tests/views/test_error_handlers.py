"""Errors are answered by status, by class and by directory, and in JSON for clients that want it."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from doors import Door, Served
from engine import got_request_exception

HOOKS = """
    from engine import errorhandler
    from werkzeug.exceptions import HTTPException


    class Refused(Exception):
        pass


    @errorhandler({kinds})
    def answer(error):
        return f"{{type(error).__name__}}: {{error}}", {status}
"""
RAISES = "def get():\n    raise {}\n"
JSON = {"Accept": "application/json"}


def hooks(kinds: str, status: int = 418) -> str:
    return HOOKS.format(kinds=kinds, status=status)


@pytest.mark.parametrize(
    "kinds, raised, expected",
    [
        ("KeyError", "KeyError('x')", "KeyError: 'x'"),
        ("LookupError", "KeyError('x')", "KeyError: 'x'"),
        ("ValueError, KeyError", "KeyError('x')", "KeyError: 'x'"),
        ("Exception", "KeyError('x')", "KeyError: 'x'"),
    ],
)
def test_an_exception_is_answered_by_the_handler_of_its_class(
    served: Callable[..., Served], kinds: str, raised: str, expected: str
) -> None:
    door = served({"pages/_hooks.py": hooks(kinds), "pages/a.py": RAISES.format(raised)})
    answer = door.get("/a/")
    assert (answer.status, answer.text) == (418, expected)


def test_the_nearest_class_answers(served: Callable[..., Served]) -> None:
    text = """
        from engine import errorhandler

        @errorhandler(Exception)
        def every(error):
            return "every"

        @errorhandler(LookupError)
        def lookup(error):
            return "lookup"
    """
    door = served({"pages/_hooks.py": text, "pages/a.py": RAISES.format("IndexError()")})
    assert door.get("/a/").text == "lookup"


def test_a_handler_may_have_other_decorators(served: Callable[..., Served]) -> None:
    text = """
        from functools import wraps
        from engine import errorhandler

        def loud(function):
            @wraps(function)
            def call(*args):
                return function(*args).upper()
            return call

        @loud
        @errorhandler(KeyError)
        def answer(error):
            return "handled"
    """
    assert (
        served({"pages/_hooks.py": text, "pages/a.py": RAISES.format("KeyError()")}).get("/a/").text
        == "HANDLED"
    )


def test_a_status_goes_before_a_class(served: Callable[..., Served]) -> None:
    text = """
        from engine import errorhandler
        from werkzeug.exceptions import HTTPException, NotFound

        @errorhandler(NotFound, HTTPException)
        def by_class(error):
            return f"class {error.code}", error.code

        @errorhandler(404)
        def by_status(error):
            return "status", 404

        def error_handler(error):
            return "rest", error.code
    """
    door = served({"pages/_hooks.py": text, "pages/a.md": "a"})
    assert door.get("/b/").text == "status"
    assert door.get("/a/", method="POST").text == "class 405"


def test_the_nearest_directory_answers_and_may_leave_it_to_the_next(served: Callable[..., Served]) -> None:
    near = """
        from engine import errorhandler, request

        @errorhandler(Exception)
        def near(error):
            if "pass" not in request.args:
                return "near"
    """
    files = {
        "pages/_hooks.py": hooks("ZeroDivisionError"),
        "pages/d/_hooks.py": near,
        "pages/d/a.py": RAISES.format("ZeroDivisionError('x')"),
    }
    door = served(files)
    assert door.get("/d/a/").text == "near"
    assert door.get("/d/a/?pass").text == "ZeroDivisionError: x"


@pytest.mark.parametrize(
    "text", [hooks("HTTPException"), "def error_handler(error):\n    return 'handled'\n"]
)
def test_a_response_that_ends_the_request_is_no_error_for_handlers(
    served: Callable[..., Served], text: str
) -> None:
    page = "from engine import abort, redirect\n\n\ndef get():\n    abort(redirect('/login/'))\n"
    answer = served({"pages/_hooks.py": text, "pages/a.py": page}).get("/a/")
    assert (answer.status, answer.headers["Location"]) == (303, "/login/")


def test_an_error_that_a_handler_answers_is_not_logged(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    door = served({"pages/_hooks.py": hooks("KeyError"), "pages/a.py": RAISES.format("KeyError('x')")})
    with caplog.at_level(logging.ERROR):
        door.get("/a/")
    assert caplog.records == []


def test_a_handler_may_abort(served: Callable[..., Served]) -> None:
    text = """
        from engine import abort, errorhandler

        @errorhandler(KeyError)
        def missing(error):
            abort(404)
    """
    door = served(
        {"pages/_hooks.py": text, "pages/404.md": "gone", "pages/a.py": RAISES.format("KeyError()")}
    )
    answer = door.get("/a/")
    assert answer.status == 404
    assert "gone" in answer.text


OTHER = """
    from engine import abort, errorhandler
    from werkzeug.exceptions import Conflict, Gone

    @errorhandler(KeyError)
    def taken(error):
        {says} Conflict("Somebody was quicker.")

    @errorhandler(404)
    def gone(error):
        {says} Gone("It was eaten.")

    @errorhandler(403)
    def alike(error):
        {says} error
"""


@pytest.mark.parametrize("says", ["return", "raise"])
@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [("/key/", 409, "Somebody was quicker."), ("/none/", 410, "It was eaten."), ("/shut/", 403, "Shut.")],
)
def test_another_error_that_a_handler_makes_is_told_as_the_client_likes(
    served: Callable[..., Served], says: str, path: str, status: int, detail: str
) -> None:
    pages = {
        "pages/key.py": RAISES.format("KeyError()"),
        "pages/shut.py": "from engine import abort\n\ndef get():\n    abort(403, 'Shut.')\n",
        "pages/409.md": "the page of 409",
    }
    door = served({"pages/_hooks.py": OTHER.format(says=says), **pages})
    told = door.client.get(path, headers=JSON)
    assert (told.status_code, told.content_type) == (status, "application/problem+json")
    assert (told.json["status"], told.json["detail"]) == (status, detail)
    page = door.client.get(path)
    assert (page.status_code, page.mimetype, page.headers["Vary"]) == (status, "text/html", "Accept")
    assert ("the page of 409" in page.text) == (status == 409)


def test_another_error_is_for_its_own_handler_and_none_is_asked_about_what_it_said(
    served: Callable[..., Served],
) -> None:
    text = """
        from engine import abort, errorhandler
        from werkzeug.exceptions import HTTPException

        @errorhandler(404)
        def gone(error):
            abort(410)

        @errorhandler(410)
        def back(error):
            abort(404)

        @errorhandler(HTTPException)
        def every(error):
            return f"every {error.code}", error.code
    """
    answer = served({"pages/_hooks.py": text, "pages/a.md": "a"}).get("/b/")
    assert (answer.status, answer.text) == (404, "every 404")


def test_what_a_handler_says_to_people_is_problem_details_to_programs(served: Callable[..., Served]) -> None:
    text = """
        from engine import errorhandler

        @errorhandler(KeyError)
        def taken(error):
            return f"{error.args[0]} & that is it", 409, {"X-Who": "us"}

        @errorhandler(LookupError)
        def shown(error):
            return "<p>Taken", 410

        @errorhandler(ValueError)
        def fine(error):
            return "It is all right"

        @errorhandler(TypeError)
        def plain(error):
            return "no", 400, {"Content-Type": "text/plain"}
    """
    errors = {
        "key": "KeyError('rye')",
        "lost": "IndexError()",
        "value": "ValueError()",
        "type": "TypeError()",
    }
    pages = {f"pages/{name}.py": RAISES.format(error) for name, error in errors.items()}
    door = served({"pages/_hooks.py": text, **pages})

    def told(name: str, accept: str) -> tuple[int, str, object]:
        answer = door.client.get(f"/{name}/", headers={"Accept": accept})
        return answer.status_code, answer.mimetype, answer.json if answer.is_json else answer.text

    title, kind = "Conflict", "application/problem+json"
    details = {"title": title, "status": 409, "detail": "rye & that is it"}
    assert told("key", "application/json") == (409, kind, details)
    assert told("key", "text/html") == (409, "text/html", "rye & that is it")
    answer = door.client.get("/key/", headers={"Accept": "application/json"})
    assert (answer.headers["X-Who"], answer.headers["Vary"]) == ("us", "Accept")
    assert told("lost", "application/json") == (410, kind, {"title": "Gone", "status": 410, "detail": ""})
    assert told("value", "application/json") == (200, "text/html", "It is all right")
    assert told("type", "application/json") == (400, "text/plain", "no")


def test_what_a_handler_makes_goes_out_as_it_is_to_every_client(served: Callable[..., Served]) -> None:
    text = """
        from engine import errorhandler, make_response

        @errorhandler(404)
        def gone(error):
            return {"gone": True}, 404

        @errorhandler(KeyError)
        def taken(error):
            return make_response("<p>taken", 409)
    """
    door = served({"pages/_hooks.py": text, "pages/a.py": RAISES.format("KeyError()")})
    for accept in ("application/json", "text/html"):
        assert door.client.get("/b/", headers={"Accept": accept}).mimetype == "application/json"
        assert door.client.get("/a/", headers={"Accept": accept}).mimetype == "text/html"


def test_a_handler_that_fails_is_logged_and_answered_500(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    text = """
        from engine import errorhandler

        @errorhandler(Exception)
        def every(error):
            raise RuntimeError("worse")
    """
    door = served({"pages/_hooks.py": text, "pages/a.py": RAISES.format("KeyError()")})
    assert door.get("/a/").status == 500
    assert "worse" in caplog.text


def test_a_handler_that_fails_is_told_to_tests_and_by_the_signal(served: Callable[..., Served]) -> None:
    text = """
        from engine import errorhandler

        ended = []

        @errorhandler(404)
        def gone(error):
            raise LookupError("no words")

        def teardown_request(exception):
            ended.append(exception)
    """
    app = served({"pages/_hooks.py": text, "pages/a.md": "a"}).app
    heard: list[BaseException] = []
    with got_request_exception.connected_to(lambda sender, exception: heard.append(exception), app):
        assert app.test_client(propagate=False).get("/gone/").text == "404 Not Found\n"
        with pytest.raises(LookupError, match="no words"):
            app.test_client().get("/gone/")
    assert list(map(str, heard)) == ["no words"] * 2
    assert app.site.modules.by_path["pages/_hooks.py"].ended == heard


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("_hooks.py", "from engine import errorhandler\n\n@errorhandler(404)\ndef gone(error):"),
        ("_hooks.py", "def error_handler(error):"),
        ("404.py", "def get():"),
    ],
)
def test_a_function_is_asked_about_every_address_that_is_not_there(
    served: Callable[..., Served], path: str, code: str
) -> None:
    count = "asked.append(1)\n    assert len(asked) > 1\n    return str(len(asked)), 404"
    door = served({f"pages/{path}": f"asked = []\n{code}\n    {count}\n", "pages/a.md": "a"})
    assert [door.get("/gone/").text for _ in range(3)] == ["404 Not Found\n", "2", "3"]


def test_the_page_of_a_hook_that_raises_is_that_of_its_error(served: Callable[..., Served]) -> None:
    text = hooks("KeyError") + "\n    def before_request():\n        raise KeyError('hook')\n"
    assert served({"pages/_hooks.py": text, "pages/a.md": "a"}).get("/a/").text == "KeyError: 'hook'"


def test_a_handler_of_404_is_frozen_as_404_html(door: Callable[..., Door]) -> None:
    answer = door({"pages/_hooks.py": hooks("404", 404), "pages/a.md": "a"}).get("/b/")
    assert answer.status == 404
    assert answer.text.startswith("NotFound: 404 Not Found")


@pytest.mark.parametrize(
    "head, what",
    [
        ("@errorhandler(404)\ndef gone():\n    pass\n", "`gone()` does not take what it is called with"),
        ("@errorhandler\ndef gone(error):\n    pass\n", "errorhandler() needs a status or a class"),
        ("@errorhandler()\ndef gone(error):\n    pass\n", "errorhandler() needs a status or a class"),
        ("@errorhandler(200)\ndef gone(error):\n    pass\n", "200 is not the status of an error"),
        (
            "@errorhandler('x')\ndef gone(error):\n    pass\n",
            "takes statuses and classes of exceptions, not 'x'",
        ),
        ("@errorhandler(int)\ndef gone(error):\n    pass\n", "takes classes of exceptions, and int is none"),
    ],
)
def test_a_handler_that_could_never_answer_is_a_fault(
    faults: Callable[..., list[str]], head: str, what: str
) -> None:
    [fault] = faults({"pages/_hooks.py": "from engine import errorhandler\n\n\n" + head, "pages/a.md": "a"})
    assert fault.startswith("pages/_hooks.py:4: ")
    assert what in fault


def test_a_client_of_json_gets_problem_details(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/404.md": "a page",
            "pages/a.py": "from engine import abort\n\ndef get():\n    abort(409, 'Taken.')\n",
        }
    )
    with door.client.get("/a/", headers=JSON) as answer:
        assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
        assert answer.json == {"title": "Conflict", "status": 409, "detail": "Taken."}
        assert answer.headers["Vary"] == "Accept"
    assert door.client.get("/b/", headers=JSON).json["status"] == 404


def test_who_asks_first_does_not_decide_what_others_get(served: Callable[..., Served]) -> None:
    door = served({"pages/404.md": "a page"})
    for _ in range(2):
        assert door.client.get("/b/", headers=JSON).content_type == "application/problem+json"
        page = door.client.get("/b/", headers={"Accept": "text/html,*/*;q=0.8"})
        assert "a page" in page.text
        assert page.headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    "accept",
    ["", "*/*", "text/html", "text/html, application/json;q=0.9", "application/json;q=0", "a;q=json"],
)
def test_others_get_the_page(served: Callable[..., Served], accept: str) -> None:
    assert (
        served({"pages/404.md": "a page"}).client.get("/b/", headers={"Accept": accept}).mimetype
        == "text/html"
    )


def test_the_headers_of_an_error_stay_with_problem_details(served: Callable[..., Served]) -> None:
    answer = served({"pages/a.md": "a"}).client.post("/a/", headers=JSON)
    assert (answer.status_code, answer.json["title"]) == (405, "Method Not Allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("headers", [{}, JSON])
def test_an_error_may_have_one_header_twice(served: Callable[..., Served], headers: dict[str, str]) -> None:
    page = """
        from werkzeug.datastructures import WWWAuthenticate
        from werkzeug.exceptions import Unauthorized

        def get():
            raise Unauthorized(www_authenticate=[WWWAuthenticate("basic"), WWWAuthenticate("bearer")])
    """
    answer = served({"pages/a.py": page}).client.get("/a/", headers=headers)
    assert answer.headers.getlist("WWW-Authenticate") == ["Basic", "Bearer"]


def test_problem_details_of_a_failure_tell_nothing_of_it(served: Callable[..., Served]) -> None:
    answer = served({"pages/a.py": RAISES.format("KeyError('secret')")}).client.get("/a/", headers=JSON)
    assert answer.status_code == 500
    assert "secret" not in answer.text
