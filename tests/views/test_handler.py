"""A page module answers by functions named after methods; they get the parameters by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Files, Served, freeze_site, write_site

Find = Callable[..., list[str]]


def test_the_request_is_given_to_a_function_that_names_it(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/[a]/[b].py": """
                def get(request, b, a):
                    return f"{request.args['q']} {a} {b} {request.view_args}"


                def post(*, a, **rest):
                    return f"{a} {rest}"


                def put(a, b, c="own"):
                    return f"{a} {b} {c}"
            """
        }
    )
    assert door.get("/x/y/?q=1").text == "1 x y {'a': 'x', 'b': 'y'}"
    assert door.get("/x/y/", method="POST").text == "x {'b': 'y'}"
    assert door.get("/x/y/", method="PUT").text == "x y own"


def test_a_default_holds_where_the_url_leaves_an_optional_parameter_out(
    served: Callable[..., Served],
) -> None:
    door = served(
        {
            "pages/a/[[page=int]].py": "def get(page=1):\n    return f'{page!r}'\n",
            "pages/b/[[page=int]].py": "def get(page):\n    return f'{page!r}'\n",
            "pages/c/[[page=int]].py": "def get(request, page=1):\n    return f'{page!r} {request.path}'\n",
            "pages/d/[...rest].py": "def get(rest='none'):\n    return f'{rest!r}'\n",
        }
    )
    assert [door.get(path).text for path in ("/a/", "/a/2/", "/b/", "/c/", "/c/2/", "/d/")] == [
        *("1", "2", "None", "1 /c/", "2 /c/2/", "''"),
    ]


def test_functions_may_be_decorated_and_imported(served: Callable[..., Served]) -> None:
    door = served(
        {
            "decorators.py": """
                from functools import wraps


                def loud(function):
                    @wraps(function)
                    def inner(**params):
                        return function(**params).upper()

                    return inner
            """,
            "pages/[a].py": "from decorators import loud\n\n\n@loud\ndef get(a):\n    return a\n",
            "pages/object/index.py": (
                "class Answer:\n    def __call__(self):\n        return 'object'\n\n\nget = Answer()\n"
            ),
        }
    )
    assert (door.get("/x/").text, door.get("/object/").text) == ("X", "object")


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("x = 1\n", (
            "pages/[a].py: has no function that answers a request. Define get(), post(), … or handler(); a module "
            "that is no page begins with _."
        )),
        ("\ndef gett(a):\n    return ''\n", (
            "pages/[a].py:2: has no function that answers a request. Did you mean get() by this gett()?"
        )),
        ("def get():\n    return ''\n", "pages/[a].py:1: `get()` does not take the path parameter `a`. Write get(a)."),
        ("\n\ndef post(b, a):\n    return ''\n", (
            "pages/[a].py:3: `post()` wants `b`, which is neither a path parameter nor `request`. Give it a "
            "default or remove it."
        )),
        ("def get(request):\n    return ''\n", (
            "pages/[a].py:1: `get()` does not take the path parameter `a`. Write "
            "get(a)."
        )),
        ("def get(a, /):\n    return ''\n", (
            "pages/[a].py:1: `get()` takes `a` by position, but path parameters arrive by name. Remove "
            "the `/`."
        )),
        ("freeze = 1\n\n\ndef get(a):\n    return ''\n", "pages/[a].py: `freeze` must be True or False, not 1."),
    ],
)  # fmt: skip
def test_a_function_that_could_not_be_called_is_a_fault_at_load(faults: Find, code: str, fault: str) -> None:
    assert faults({"pages/[a].py": code.encode()}) == [fault]


def test_none_is_refused_by_the_name_of_the_function(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    door = served({"pages/a.py": b"\n\ndef get():\n    pass\n"})
    assert door.get("/a/").status == 500
    assert "pages/a.py:3: `get()` returned None. " in caplog.text


def test_a_failing_handler_is_logged_with_its_traceback_and_shows_nothing(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    door = served({"pages/a.py": "def get():\n    raise ValueError('the secret')\n"})
    answer = door.get("/a/")
    assert answer.status == 500
    assert "secret" not in answer.text
    assert "ValueError: the secret" in caplog.text


def test_a_handler_is_imported_once_and_not_for_each_request(served: Callable[..., Served]) -> None:
    door = served(
        {"pages/a.py": "import random\n\nNUMBER = str(random.random())\n\n\ndef get():\n    return NUMBER\n"}
    )
    assert door.get("/a/").text == door.get("/a/").text


def test_the_answer_of_a_handler_is_not_kept(served: Callable[..., Served]) -> None:
    door = served(
        {"pages/a.py": "calls = []\n\n\ndef get():\n    calls.append(1)\n    return str(len(calls))\n"}
    )
    assert [door.get("/a/").text for _ in range(3)] == ["1", "2", "3"]


def test_a_template_beside_a_handler_may_be_streamed_through_other_answers(
    served: Callable[..., Served],
) -> None:
    door = served(
        {
            "pages/a.py": """
                from engine import redirect


                def get(request):
                    what = request.args.get("what")
                    if what == "away":
                        return redirect("/b/")
                    if what == "headers":
                        return {"name": "Ada"}, {"X-Own": "yes"}
                    if what == "both":
                        return {"name": "Ada"}, 418, {"X-Own": "yes"}
                    return {"name": "<Ada>"}
            """,
            "pages/a.html": "---\nlayout: false\n---\n{{ name }}",
        }
    )
    assert door.get("/a/").text == "&lt;Ada&gt;"
    assert door.get("/a/?what=away").status == 303
    headers = door.get("/a/?what=headers")
    assert (headers.status, headers.text, headers.headers["X-Own"], headers.type) == (
        200,
        "Ada",
        "yes",
        "text/html; charset=utf-8",
    )
    both = door.get("/a/?what=both")
    assert (both.status, both.text, both.headers["X-Own"]) == (418, "Ada", "yes")


def test_an_error_page_may_be_a_handler(tmp_path: Path) -> None:
    files: Files = {
        "pages/404.py": "def get():\n    return '<p>by Python</p>'\n",
        "pages/500.py": "def get():\n    return {'sorry': 'Sorry'}\n",
        "pages/500.html": "---\nlayout: false\n---\n{{ sorry }}",
        "pages/broken.py": "freeze = False\n\n\ndef get():\n    1 / 0\n",
    }
    root = write_site(tmp_path / "site", files)
    door = Served(root)
    for method in ("GET", "POST", "DELETE"):
        answer = door.get("/x/", method=method)
        assert (answer.status, answer.text) == (404, "<p>by Python</p>")
    assert (door.get("/broken/").status, door.get("/broken/").text) == (500, "Sorry")
    assert freeze_site(root, tmp_path / "dist").faults == ()
    assert (tmp_path / "dist/404.html").read_text() == "<p>by Python</p>"


def test_an_error_page_that_fails_does_not_hide_the_error(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/404.html": "{{ 1 / 0 }}",
            "pages/500.html": "{{ 1 / 0 }}",
            "pages/a.py": "def get():\n    1 / 0\n",
        }
    )
    assert (door.get("/x/").status, door.get("/x/").text) == (404, "404 Not Found\n")
    assert (door.get("/a/").status, door.get("/a/").text) == (500, "500 Internal Server Error\n")
