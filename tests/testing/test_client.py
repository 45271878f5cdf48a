"""`app.test_client()` and `app.test_request_context()`: what Flask's do, on a site of files."""

from __future__ import annotations

import datetime
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from doors import Files
from engine import (
    App,
    EngineError,
    create_app,
    current_app,
    g,
    got_request_exception,
    has_request_context,
    request,
    session,
    url_for,
)
from engine.errors import OutsideContext

VISITS = """
    from engine import g, redirect, request, session, url_for

    freeze = False

    def get():
        g.count = session["count"] = session.get("count", 0) + 1
        return {"count": g.count, "query": request.args.get("q")}

    def post():
        file = request.files.get("file")
        return {"json": request.get_json(silent=True), "form": request.form, "file": file and file.read().decode()}
"""
FILES: Files = {
    "pages/index.md": "# Home",
    "pages/visits.py": VISITS,
    "pages/old.py": """
        from engine import redirect, url_for

        freeze = False

        def get():
            return redirect(url_for("/visits", _query={"q": "moved"}))
    """,
    "pages/[name].py": """
        from engine import session

        def get(name):
            raise LookupError(name)
    """,
    "pages/500.html": "---\nlayout: false\n---\nSorry: {{ error.original_exception }}",
    "pages/_hooks.py": """
        from engine import current_app

        done = []

        def teardown_request(exception):
            done.append(exception)
            current_app.__dict__["torn_down"] = done
    """,
}


@pytest.fixture
def app(site: Callable[[Files], Path]) -> App:
    return create_app(site(FILES), secret_key="only for tests")


def torn_down(app: App) -> Any:
    return app.__dict__["torn_down"]


# Asking


def test_the_client_keeps_cookies_that_are_secure(app: App) -> None:
    client = app.test_client()
    assert [client.get("/visits/").json["count"] for _ in range(3)] == [1, 2, 3]
    assert app.test_client().get("/visits/").json["count"] == 1, "each client is another visitor"
    assert "Secure" in app.test_client().get("/visits/").headers["Set-Cookie"]


def test_a_client_without_cookies_is_new_each_time(app: App) -> None:
    client = app.test_client(use_cookies=False)
    assert [client.get("/visits/").json["count"] for _ in range(2)] == [1, 1]


def test_the_client_sends_json_as_the_site_would_write_it(app: App) -> None:
    answer = app.test_client().post("/visits/", json={"day": datetime.date(2026, 3, 21)})
    assert answer.json["json"] == {"day": "2026-03-21"}


def test_a_provider_of_the_site_writes_it_too(site: Callable[[Files], Path]) -> None:
    setup = """
        from engine import JSONProvider

        class Provider(JSONProvider):
            def default(self, value):
                return sorted(value)

        def setup(app):
            app.json_provider(Provider())
    """
    app = create_app(site({"app.py": setup, "pages/a.py": "def post(request):\n    return request.json\n"}))
    assert app.test_client().post("/a/", json={"b": {2, 1}}).json == {"b": [1, 2]}


def test_the_client_sends_forms_and_files(app: App) -> None:
    sent = {"name": "Ada", "file": (io.BytesIO(b"a photo"), "photo.jpg")}
    answer = app.test_client().post("/visits/", data=sent)
    assert (answer.json["form"], answer.json["file"]) == ({"name": "Ada"}, "a photo")


def test_the_client_follows_redirects_and_tells_the_way(app: App) -> None:
    answer = app.test_client().get("/old", follow_redirects=True)
    assert answer.json == {"count": 1, "query": "moved"}
    assert [step.status_code for step in answer.history] == [308, 303]
    assert answer.request.path == "/visits/"


def test_a_path_may_have_the_prefix_of_the_site(site: Callable[[Files], Path]) -> None:
    app = create_app(site(FILES), secret_key="only for tests", base_url="https://example.org/shop")
    with app.test_client() as client:
        for path in ("/visits/", "/shop/visits/", "https://example.org/shop/visits/"):
            assert client.get(path).status_code == 200
            assert (
                request.url
                == f"{'https://example.org' if '://' in path else 'https://localhost'}/shop/visits/"
            )
            assert client.get("/shop/old/", follow_redirects=True).json["query"] == "moved"
    assert client.get("/visits/").json["count"] == 6


@pytest.mark.parametrize("base_url", ["", "https://example.org/shop"])
def test_a_path_may_lack_its_first_slash_as_in_flask(site: Callable[[Files], Path], base_url: str) -> None:
    app = create_app(site(FILES), secret_key="only for tests", base_url=base_url)
    assert app.test_client().get("visits/?q=a").json == {"count": 1, "query": "a"}
    with app.test_request_context("visits/?q=a"):
        assert (request.path, request.route_id) == ("/visits/", "/visits")


@pytest.mark.parametrize("path", ["/shop?q=a", "/shop/?q=a", "/?q=a"])
def test_the_root_of_a_prefix_may_have_a_query(site: Callable[[Files], Path], path: str) -> None:
    files = {"pages/index.py": "def get(request):\n    return request.url\n"}
    app = create_app(site(files), base_url="https://example.org/shop")
    assert app.test_client().get(path).text == "https://localhost/shop/?q=a"


def test_the_client_asks_a_host_that_the_site_trusts(site: Callable[[Files], Path]) -> None:
    app = create_app(site(FILES), trusted_hosts=[".example.org"])
    assert app.test_client().get("/").status_code == 200
    assert app.test_client().get("/", base_url="https://elsewhere.example").status_code == 400


def test_a_client_may_say_something_with_every_request(app: App) -> None:
    client = app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    with client:
        client.get("/visits/")
        assert (request.accept_languages.best, request.remote_addr) == ("de", "127.0.0.1")
        client.get("/visits/", environ_base={"REMOTE_ADDR": "192.0.2.1"}, headers={"Accept-Language": "fr"})
        assert (request.accept_languages.best, request.remote_addr) == ("fr", "192.0.2.1")


def test_a_server_pays_for_none_of_it(site: Callable[[Files], Path]) -> None:
    asks = (
        "import sys\nfrom engine import create_app\n"
        f"app = create_app({str(site(FILES))!r})\n"
        "environ = {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/', 'wsgi.url_scheme': 'http', 'HTTP_HOST': 'localhost'}\n"
        "assert b'Home' in b''.join(app(environ, lambda status, headers: None))\n"
        "print([name for name in ('engine.app.client', 'engine.testing', 'pytest') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


# Errors


def test_what_a_page_raises_reaches_the_test(app: App) -> None:
    with pytest.raises(LookupError, match="mouse"):
        app.test_client().get("/mouse/")
    assert [type(error) for error in torn_down(app)] == [LookupError]


def test_a_client_may_ask_for_what_a_visitor_would_get(app: App) -> None:
    answer = app.test_client(propagate=False).get("/mouse/")
    assert (answer.status_code, answer.text) == (500, "Sorry: mouse")


def test_an_http_error_is_an_answer(app: App) -> None:
    assert app.test_client().delete("/visits/").status_code == 405


def test_an_error_is_told_by_its_signal_first(app: App) -> None:
    heard = []
    hear = got_request_exception.connect(lambda sender, exception: heard.append(exception), sender=app)
    with pytest.raises(LookupError):
        app.test_client().get("/mouse/")
    assert hear and [str(error) for error in heard] == ["mouse"]


# The last request


def test_the_last_request_can_be_looked_at(app: App) -> None:
    with app.test_client() as client:
        client.get("/visits/?q=tea")
        assert (request.path, request.args["q"], request.route_id) == ("/visits/", "tea", "/visits")
        assert (g.count, session["count"], url_for("/visits")) == (1, 1, "/visits/")
        client.get("/old/", follow_redirects=True)
        assert (request.path, session["count"]) == ("/visits/", 2)
    assert not has_request_context()


def test_so_can_one_that_was_answered_without_a_context(app: App) -> None:
    with app.test_client() as client:
        for path in ("/", "/", "/visits"):  # made, kept, redirected
            client.get(path)
            assert request.path == path
    assert not has_request_context()


def test_a_request_is_torn_down_once_as_by_a_server(app: App) -> None:
    with app.test_client() as client:
        client.get("/visits/")
        assert torn_down(app) == [None]
    assert torn_down(app) == [None]


def test_a_client_is_in_one_block_at_a_time(app: App) -> None:
    with app.test_client() as client, pytest.raises(RuntimeError, match="already"), client:
        pass


# The session


def test_the_session_can_be_read_and_set(app: App) -> None:
    client = app.test_client()
    with client.session_transaction() as before:
        before["count"] = 40
    assert client.get("/visits/").json["count"] == 41
    with client.session_transaction() as after:
        assert after["count"] == 41
        after.clear()
    assert client.get("/visits/").json["count"] == 1


def test_the_session_below_a_prefix_is_the_sites_own(site: Callable[[Files], Path]) -> None:
    app = create_app(site(FILES), secret_key="only for tests", base_url="https://example.org/shop")
    client = app.test_client()
    with client.session_transaction() as before:
        before["count"] = 40
    assert client.get("/shop/visits/").json["count"] == 41


def test_a_transaction_that_fails_changes_nothing(app: App) -> None:
    client = app.test_client()
    with pytest.raises(ZeroDivisionError), client.session_transaction() as failing:
        failing["count"] = 1 / 0
    with client.session_transaction() as after:
        assert not after


def test_a_client_without_cookies_has_no_session_to_change(app: App) -> None:
    client = app.test_client(use_cookies=False)
    with pytest.raises(TypeError, match="keeps no cookies"), client.session_transaction():
        pass


def test_a_site_without_a_key_has_no_session(site: Callable[[Files], Path]) -> None:
    client = create_app(site(FILES)).test_client()
    with pytest.raises(EngineError, match="secret key"), client.session_transaction():
        pass


# A context without an answer


def test_a_request_context_is_that_of_the_handler(app: App) -> None:
    with app.test_request_context("/visits/?q=tea", method="POST", json={"a": 1}) as context:
        assert (request.args["q"], request.method, request.json) == ("tea", "POST", {"a": 1})
        assert (request.route_id, url_for("/visits"), current_app.config) == (
            "/visits",
            "/visits/",
            app.config,
        )
        g.word = "here"
        session["count"] = 1
        assert (context.g.word, context.session["count"]) == ("here", 1)
    assert torn_down(app) == [None]
    assert not has_request_context()


def test_a_request_context_knows_path_parameters_and_pages_that_are_none(app: App) -> None:
    with app.test_request_context("/mouse/"):
        assert request.view_args == {"name": "mouse"}
    with app.test_request_context("/no/such/page/"):
        assert request.view_args is None


def test_what_leaves_a_request_context_is_told_to_its_teardown(app: App) -> None:
    with pytest.raises(KeyError), app.test_request_context("/visits/"):
        raise KeyError("lost")
    assert [type(error) for error in torn_down(app)] == [KeyError]


def test_a_context_of_the_site_has_no_request(app: App) -> None:
    with app.context():
        assert url_for("/visits") == "/visits/"
        with pytest.raises(OutsideContext):
            request.path
