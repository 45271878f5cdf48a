"""Whole WSGI applications answer below a directory of the site: Flask, Django, another site."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from doors import Files, Served, write_site
from engine import create_app

FLASK = """
    from flask import Flask, abort, redirect, request, session, url_for

    app = Flask(__name__, static_url_path="/static", static_folder={static!r})
    app.secret_key = "a key"
    app.config["SESSION_COOKIE_NAME"] = "old"

    @app.route("/")
    def index():
        return url_for("user", name="ann") + " " + url_for("static", filename="a.css")

    @app.route("/users/<name>", methods=["GET", "POST"])
    def user(name):
        return f"{{request.method}} {{name}} {{request.script_root}} {{request.form.get('x')}}"

    @app.route("/dir/")
    def folder():
        session["n"] = session.get("n", 0) + 1
        return str(session["n"])

    @app.route("/away")
    def away():
        return redirect(url_for("folder"))

    @app.errorhandler(404)
    def missing(error):
        return "Flask has no such page", 404

    @app.route("/broken")
    def broken():
        raise ValueError("in Flask")

    @app.route("/stream")
    def stream():
        return (letter for letter in "abc")
"""
DJANGO = """
    import django
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.http import HttpResponse
    from django.templatetags.static import static
    from django.urls import path, reverse
    from django.views.static import serve

    def user(request, name):
        return HttpResponse(f"{request.method} {name} {reverse('user', args=['bo'])} {request.get_full_path()}")

    def picture(request):
        return HttpResponse(static("a.css"))

    def broken(request):
        raise ValueError("in Django")

    urlpatterns = [
        path("users/<name>/", user, name="user"),
        path("picture/", picture),
        path("broken/", broken),
        path("static/<path:path>", serve, {"document_root": __file__.rpartition("/")[0]}),
    ]
    if not settings.configured:
        settings.configure(
            ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="a key", STATIC_URL="static/", MIDDLEWARE=[
                "django.middleware.common.CommonMiddleware"
            ]
        )
    app = get_wsgi_application()
"""
WSGI = """
    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['SCRIPT_NAME']}|{environ['PATH_INFO']}|{environ['QUERY_STRING']}".encode("latin-1")]
"""


@pytest.fixture
def flask(served: Callable[..., Served], tmp_path: Path) -> Client:
    static = write_site(tmp_path / "theirs", {"a.css": "p {}"})
    files = {"pages/old/[...path].py": FLASK.format(static=str(static)), "pages/index.md": "# Start"}
    return served(files).client


def test_a_flask_app_makes_urls_below_its_own(flask: Client) -> None:
    assert flask.get("/old/").text == "/old/users/ann /old/static/a.css"


def test_a_flask_app_gets_what_is_below_as_it_was_sent(flask: Client) -> None:
    assert flask.get("/old/users/ann").text == "GET ann /old None"
    assert flask.post("/old/users/b%C3%A9", data={"x": "1"}).text == "POST bé /old 1"


def test_an_application_answers_methods_of_its_own(served: Callable[..., Served]) -> None:
    app = """
        from werkzeug import Request, Response

        @Request.application
        def app(request):
            return Response(request.method)
        """
    door = served({"pages/dav/[...path].py": app})
    for method in ("PROPFIND", "MKCOL", "TRACE", "OPTIONS"):
        assert door.get("/dav/notes/", method=method).text == method


def test_its_own_redirects_and_files_are_right(flask: Client) -> None:
    assert flask.get("/old/dir").headers["Location"].endswith("/old/dir/")
    assert flask.get("/old/away").headers["Location"].endswith("/old/dir/")
    with flask.get("/old/static/a.css") as file:
        assert file.text == "p {}"


def test_its_session_is_its_own(flask: Client) -> None:
    assert [flask.get("/old/dir/").text for _ in range(3)] == ["1", "2", "3"]


def test_its_errors_are_its_own(flask: Client) -> None:
    answer = flask.get("/old/nothing")
    assert (answer.status_code, answer.text) == (404, "Flask has no such page")
    assert flask.get("/old/broken").status_code == 500
    assert flask.get("/nothing/").text != "Flask has no such page"


def test_its_streams_are_streamed_and_closed(flask: Client) -> None:
    assert flask.get("/old/stream", buffered=False).text == "abc"


def test_its_start_has_a_slash(flask: Client) -> None:
    answer = flask.get("/old?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/old/?x=1")


def test_the_request_of_another_site_does_not_reach_it(flask: Client) -> None:
    foreign = {"Origin": "https://evil.example"}
    assert flask.post("/old/users/ann", headers=foreign).status_code == 403


@pytest.mark.parametrize(("said", "status"), [("None", 403), ("True", 403), ("False", 200)])
def test_an_application_says_as_a_page_does_whether_it_takes_such_requests(
    served: Callable[..., Served], said: str, status: int
) -> None:
    door = served({"pages/tools/[...path].py": f"{WSGI}\n    csrf = {said}\n"})
    answer = door.client.post("/tools/a", headers={"Origin": "https://evil.example"})
    assert answer.status_code == status


def test_a_setting_of_an_application_that_is_none_is_a_fault(faults: Callable[..., list[str]]) -> None:
    [fault] = faults({"pages/tools/[...path].py": f"{WSGI}\n    csrf = 'no'\n"})
    assert fault == "pages/tools/[...path].py: `csrf` must be True or False, not 'no'."


@pytest.mark.long
def test_a_django_app_has_its_own_urls_errors_and_files(served: Callable[..., Served]) -> None:
    client = served({"pages/shop/[...path].py": DJANGO, "pages/shop/a.css": "p {}"}).client
    assert client.get("/shop/users/ann/?x=1").text == "GET ann /shop/users/bo/ /shop/users/ann/?x=1"
    assert client.get("/shop/users/ann").headers["Location"].endswith("/shop/users/ann/")
    missing, broken = client.get("/shop/nothing/"), client.get("/shop/broken/")
    assert (missing.status_code, "The requested resource was not found" in missing.text) == (404, True)
    assert (broken.status_code, "<h1>Server Error (500)</h1>" in broken.text) == (500, True)
    assert client.get("/shop/picture/").text == "/shop/static/a.css"
    with client.get("/shop/static/a.css") as file:
        assert file.text == "p {}"
    assert client.post("/shop/users/ann/", headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    "path, expected",
    [
        ("/en/tools/", "/en/tools|/|"),
        ("/en/tools/a/b/?c=1", "/en/tools|/a/b/|c=1"),
        ("/tools/a", "/tools|/a|"),
        ("/t%C3%A9/tools/%C3%A9", "/té/tools|/é|"),
    ],
)
def test_an_application_below_parameters_gets_their_part_as_its_root(
    served: Callable[..., Served], path: str, expected: str
) -> None:
    assert served({"pages/[[lang]]/tools/[...path].py": WSGI}).client.get(path).text == expected


def test_the_prefix_of_a_site_belongs_to_the_root_of_the_application(served: Callable[..., Served]) -> None:
    door = served({"pages/tools/[...path].py": WSGI}, base_url="https://example.org/base")
    assert door.get("/base/tools/a").text == "/base/tools|/a|"
    assert door.client.get("/tools/a", base_url="https://example.org/base").text == "/base/tools|/a|"


def test_setup_mounts_an_application(served: Callable[..., Served]) -> None:
    setup = WSGI + "\n    def setup(registry):\n        registry.mount('/tools', app)\n"
    door = served(
        {
            "app.py": setup,
            "pages/_hooks.py": "def after_request(response):\n    response.headers['X'] = 'y'\n    return response\n",
        }
    )
    answer = door.get("/tools/a")
    assert (answer.text, answer.headers["X"]) == ("/tools|/a|", "y")


def test_setup_may_let_other_sites_send_to_it(served: Callable[..., Served]) -> None:
    setup = WSGI + "\n    def setup(registry):\n        registry.mount('/hook', app, csrf=False)\n"
    foreign = {"Origin": "https://elsewhere.example"}
    assert served({"app.py": setup}).client.post("/hook/a", headers=foreign).status_code == 200


def test_a_guard_holds_for_an_application_too(served: Callable[..., Served]) -> None:
    hooks = "from engine import abort\n\n\ndef before_request():\n    abort(401)\n"
    assert (
        served({"pages/tools/[...path].py": WSGI, "pages/tools/_hooks.py": hooks}).get("/tools/a").status
        == 401
    )


def test_a_page_beside_an_application_goes_first(served: Callable[..., Served]) -> None:
    door = served({"pages/tools/[...path].py": WSGI, "pages/tools/own.py": "def get():\n    return 'own'\n"})
    assert door.get("/tools/own/").text == "own"


def test_what_no_page_may_be_called_reaches_no_application(served: Callable[..., Served]) -> None:
    door = served({"pages/tools/[...path].py": WSGI})
    assert [door.get(path).status for path in ("/tools//a", "/tools/.git/x", "/tools/a%00")] == [404] * 3


@pytest.mark.parametrize(
    "files, expected",
    [
        (
            {"pages/tools.py": WSGI},
            "pages/tools.py: an application answers every URL below its own, but the name of this file takes one only. "
            "Move it to the file [...path].py of a directory of its name.",
        ),
        (
            {"app.py": "def setup(app):\n    app.mount('/a/[x', print)\n", "pages/index.md": "a"},
            "app.py:2: ",
        ),
        (
            {
                "app.py": "from boards import add\ndef setup(app):\n    add(app)\n",
                "boards.py": "def add(app):\n    app.mount('/[a', print)\n",
                "pages/index.md": "a",
            },
            "boards.py:2: ",
        ),
        (
            {"app.py": "def setup(app):\n    app.mount('/a', 'wsgi')\n", "pages/index.md": "a"},
            "app.py:2: `setup()` raised TypeError: mount() takes a WSGI application, not 'wsgi'",
        ),
    ],
)
def test_an_application_that_could_not_answer_is_a_fault(
    faults: Callable[..., list[str]], files: Files, expected: str
) -> None:
    [fault] = faults(files)
    assert fault.startswith(expected)


def test_two_for_one_url_are_in_conflict(faults: Callable[..., list[str]]) -> None:
    setup = "def setup(app):\n    app.mount('/tools', print)\n"
    [fault] = faults({"app.py": setup, "pages/tools/[...rest].py": "def get(rest):\n    return ''\n"})
    assert fault.startswith("pages/tools/[...rest].py: answers the same URL as app.py:2 (/tools/[...rest]/).")


def test_two_mounts_in_conflict_are_both_told_with_their_lines(faults: Callable[..., list[str]]) -> None:
    setup = "def setup(app):\n    app.mount('/tools', print)\n    app.mount('/Tools', print)\n"
    [fault] = faults({"app.py": setup, "pages/index.md": "a"})
    assert fault.startswith("app.py:2: its URL /tools/[...path]/ differs only in upper and lower case")
    assert "of app.py:3." in fault


def test_a_site_answers_below_a_flask_app(tmp_path: Path) -> None:
    files = {
        "pages/index.md": "[a](a.py)",
        "pages/a.py": """
            from engine import redirect, url_for

            def get():
                return url_for("/a")

            def post():
                return redirect(url_for("/"))
            """,
        "pages/404.md": "Not in the docs.",
        "static/docs.css": "p {}",
    }
    docs = create_app(write_site(tmp_path / "docs", files), base_url="https://example.org/docs")
    flask = Flask("old")
    flask.add_url_rule("/", "index", lambda: "Flask's own")
    flask.wsgi_app = DispatcherMiddleware(flask.wsgi_app, {"/docs": docs})  # type: ignore[method-assign]
    client = flask.test_client()
    assert client.get("/").text == "Flask's own"
    assert 'href="/docs/a/"' in client.get("/docs/").text
    assert client.get("/docs/a/").text == "/docs/a/"
    assert client.post("/docs/a/").headers["Location"] == "/docs/"
    assert client.get("/docs/a").headers["Location"] == "/docs/a/"
    assert "Not in the docs." in client.get("/docs/nothing/").text
    assert client.get("/docs/docs.css").text == "p {}"


def test_a_site_answers_below_another_application(tmp_path: Path) -> None:
    docs = create_app(
        write_site(tmp_path / "docs", {"pages/index.md": "# Docs", "pages/a.md": "[up](index.md)"}),
        base_url="https://example.org/docs",
    )
    other = create_app(write_site(tmp_path / "other", {"pages/index.md": "# Other"}))
    client = Client(DispatcherMiddleware(other, {"/docs": docs}))
    assert "Other" in client.get("/").text
    assert 'href="/docs/"' in client.get("/docs/a/").text
    assert client.get("/docs/a").headers["Location"] == "/docs/a/"
