"""Error pages know the error, whatever kind of file they are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Door, Files, Served

GET = "def get({}):\n    return {}\n"
TEMPLATE = "---\nlayout: false\n---\n"


@pytest.mark.parametrize(
    "files",
    [
        {
            "pages/404.py": GET.format("", "{'own': 'own'}"),
            "pages/404.html": TEMPLATE + "{{ error.code }} {{ error.name }} {{ own }}",
        },
        {
            "pages/404.py": "freeze = True\n",
            "pages/404.html": TEMPLATE + "{{ error.code }} {{ error.name }} own",
        },
        {
            "pages/404.py": GET.format("", "{'own': 'own'}"),
            "pages/404.md": "---\nlayout: false\nrender: jinja\n---\n{{ error.code }} {{ error.name }} {{ own }}",
        },
        {"pages/404.py": GET.format("error", "f'{error.code} {error.name} own'")},
        {"pages/404.py": "def handler(error, request):\n    return f'{error.code} {error.name} own'\n"},
        {
            "pages/404.py": (
                "from engine import render_template\n\n\ndef get():\n    return render_template('own.html')\n"
            ),
            "templates/own.html": "{{ error.code }} {{ error.name }} own",
        },
    ],
)
def test_an_error_page_knows_the_error(door: Callable[..., Door], files: Files) -> None:
    answer = door(files).get("/x/")
    assert (answer.status, answer.text.strip()) in [
        (404, "404 Not Found own"),
        (404, "<p>404 Not Found own</p>"),
    ]


def test_the_page_for_500_knows_what_was_raised(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/500.py": GET.format("error", "repr(error.original_exception)"),
            "pages/a.py": GET.format("", "1 / 0"),
        }
    )
    assert door.get("/a/").text == "ZeroDivisionError('division by zero')"


def test_only_an_error_page_gets_an_error(faults: Callable[..., list[str]]) -> None:
    assert faults({"pages/a.py": GET.format("error", "''")}) == [
        "pages/a.py:1: `get()` wants `error`, which is neither a path parameter nor `request`. "
        "Give it a default or remove it."
    ]


def test_an_error_page_gets_nothing_else(faults: Callable[..., list[str]]) -> None:
    assert faults({"pages/404.py": GET.format("errors", "''")}) == [
        "pages/404.py:1: `get()` wants `errors`, which is neither a path parameter nor `request` nor `error`. "
        "Give it a default or remove it."
    ]


def test_a_page_may_have_a_parameter_called_error(served: Callable[..., Served]) -> None:
    door = served({"pages/[error].py": GET.format("error", "error")})
    assert door.get("/x/").text == "x"


@pytest.mark.parametrize("path", ["/api/a%01b/", "/api//x/", "/api/.hidden", "/api/%5Cx"])
def test_a_path_that_nothing_may_have_is_of_the_directory_before_it(
    served: Callable[..., Served], path: str
) -> None:
    hooks = """
        from engine import abort, request

        def before_request():
            if not request.headers.get("Authorization"):
                abort(401)

        def error_handler(error):
            return f"of the directory: {error.code}", error.code
    """
    door = served({"pages/api/_hooks.py": hooks, "pages/api/index.md": "x"})
    assert door.get(path).text == "of the directory: 401"
    assert door.get(path, headers={"Authorization": "x"}).text == "of the directory: 404"


@pytest.mark.parametrize("path", ["//api/x", "/../api/", "/api/" + 300 * "x/"])
def test_a_path_that_is_unsound_from_its_start_is_of_the_root(
    served: Callable[..., Served], path: str
) -> None:
    guard = "from engine import abort\n\ndef before_request():\n    abort(401)\n"
    door = served({"pages/api/_hooks.py": guard, "pages/index.md": "x"})
    assert door.client.open(environ_overrides={"PATH_INFO": path}).status_code == 404
