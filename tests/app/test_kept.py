"""What does not depend on the visitor is answered from ready bytes, once it was asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import create_environ

from doors import Served

SITE = {
    "site.toml": '[redirects]\n"/old/" = "/page/"\n',
    "pages/page.md": "# Page\n",
    "pages/table.html": "---\ntitle: Table\n---\n{{ page.title }}\n",
    "pages/note.txt": "An asset\n",
    "pages/name.py": "def get():\n    return 'made anew'\n",
    "static/style.css": "p { color: red }\n",
}
MADE = (
    "engine.http.request.__init__",
    "engine.http.context",
    "engine.rendering",
    "engine.views",
    "jinja2",
    "markdown_it",
)


def calls_of(call: Callable[[], Any]) -> set[str]:
    """The functions that run during `call`, with their modules."""
    found: set[str] = set()

    def note(frame: Any, event: str, argument: Any) -> None:
        found.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


def asked(served: Served, path: str, **options: Any) -> tuple[str, set[str]]:
    """The status of an answer, and what ran to make it."""
    environ, status = create_environ(path, **options), []

    def call() -> None:
        list(served.app(environ, lambda line, *more: status.append(line) or (lambda data: None)))  # type: ignore[arg-type,func-returns-value]

    ran = calls_of(call)
    return status[0], ran


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/page/", "200"),
        ("/table/", "200"),
        ("/note.txt", "200"),
        ("/style.css", "200"),
        ("/nothing/here", "404"),
        ("/page", "308"),
        ("/old/", "308"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_second_answer_needs_no_request_no_view_and_no_template(
    served: Callable[..., Served], path: str, status: str, method: str
) -> None:
    site = served(SITE)
    asked(site, path)
    line, ran = asked(site, path, method=method)
    assert line.startswith(status)
    assert [name for name in sorted(ran) if name.startswith(MADE)] == []


def test_a_visitor_who_has_the_page_is_told_so_from_what_is_ready(served: Callable[..., Served]) -> None:
    site = served(SITE)
    tag = site.get("/page/").headers["ETag"]
    line, ran = asked(site, "/page/", headers={"If-None-Match": tag})
    assert line.startswith("304")
    assert [name for name in sorted(ran) if name.startswith(MADE)] == []


def test_a_handler_is_called_each_time(served: Callable[..., Served]) -> None:
    site = served(SITE)
    asked(site, "/name/")
    _, ran = asked(site, "/name/")
    assert "engine.views.handler.__call__" in ran


def test_a_kept_redirect_is_the_same_for_every_method_and_query(served: Callable[..., Served]) -> None:
    site = served(SITE)
    answers = [site.get("/old/", method=method) for method in ("GET", "GET", "HEAD", "POST")]
    answers.append(site.get("/old/?a=b", headers={"If-None-Match": "*"}))
    assert {(answer.status, answer.headers["Location"]) for answer in answers} == {(308, "/page/")}


@pytest.mark.parametrize("kind, answered", [("OSError", [200, 404]), ("HTTPException", [200, 200])])
def test_the_answer_to_an_error_of_a_page_is_not_kept(
    served: Callable[..., Served], kind: str, answered: list[int]
) -> None:
    files = {
        "app.py": """
            from engine import abort

            calls = []

            def setup(app):
                @app.template_global()
                def price():
                    calls.append(1)
                    if len(calls) == 1:
                        raise OSError("no line to the bakery")
                    if len(calls) == 2:
                        abort(404)
                    return 7
        """,
        "pages/_hooks.py": f"""
            from engine import errorhandler
            from werkzeug.exceptions import HTTPException

            @errorhandler({kind})
            def later(error):
                return "Try again"
        """,
        "pages/index.html": "---\nlayout: false\n---\n{{ price() }}",
    }
    site = served(files)
    assert [site.get("/").status for _ in range(2)] == answered
    assert site.get("/").text == "7"
