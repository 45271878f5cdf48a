"""The context of a request, its proxies, and the words that go through it."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder

from engine.errors import EngineError, OutsideContext
from engine.http import context as words
from engine.http import vocabulary
from engine.http.context import (
    NO_PARAMS,
    NOWHERE,
    Context,
    EndpointLike,
    Globals,
    Nowhere,
    after_this_request,
    current,
    has_request_context,
)
from engine.http.current import current_app, g, request, session
from engine.http.outgoing import Response
from engine.http.request import ObservedRequest, Request
from engine.http.session import Session, SessionSettings, SessionStore
from engine.http.vocabulary import (
    flash,
    get_flashed_messages,
    render_template,
    render_template_string,
    url_for,
)
from engine.trace import Trace


class App:
    """The least that answers: it makes requests and echoes what it is told."""

    def __init__(self, secret_key: str = "secret") -> None:
        self.session_store = SessionStore(SessionSettings(secret_key=secret_key))
        self.made = 0

    def make_request(self, environ: dict[str, Any], trace: Trace | None) -> Request:
        self.made += 1
        return Request(environ) if trace is None else ObservedRequest(environ, trace)

    def url_for(self, id: str, /, **params: Any) -> str:
        return f"{id} {params}"

    @property
    def templates(self) -> App:
        return self

    def render(self, name: str, variables: Mapping[str, Any]) -> str:
        return f"{name} {dict(variables)}"

    def render_text(self, text: str, variables: Mapping[str, Any]) -> str:
        return f"text {text} {dict(variables)}"


@contextmanager
def handling(
    app: App | None = None,
    trace: Trace | None = None,
    path: str = "/",
    endpoint: EndpointLike = NOWHERE,
    params: Mapping[str, Any] = NO_PARAMS,
    **options: Any,
) -> Iterator[Context]:
    context = Context(app or App(), EnvironBuilder(path, **options).get_environ(), endpoint, params, trace)
    token = current.set(context)
    try:
        yield context
    finally:
        current.reset(token)


# -- the context


def test_nothing_is_made_that_is_not_used() -> None:
    app = App("")
    with handling(app) as context:
        pass
    assert (app.made, context.opened_session) == (0, None)


def test_what_is_used_is_made_once() -> None:
    with handling() as context:
        assert context.request is context.request
        assert context.session is context.session is context.opened_session
        assert context.g is context.g


def test_the_request_knows_its_route() -> None:
    with handling(endpoint=Nowhere("/blog/[slug]"), params={"slug": "x"}):
        assert (request.route_id, request.view_args) == ("/blog/[slug]", {"slug": "x"})
    with handling():
        assert (request.route_id, request.view_args) == (None, None)


def test_a_request_may_be_given() -> None:
    with handling() as context:
        own = Request(context.environ)
        context.request = own
        assert context.request is own


def test_opening_the_session_is_recorded(tmp_path: Any) -> None:
    trace = Trace(str(tmp_path))
    with handling(trace=trace) as context:
        context.g, context.params, context.endpoint, context.opened_session
        assert not trace.visitor
        session.get("user")
    assert [touch.what for touch in trace.visitor] == ["session"]
    assert context.session.accessed


def test_a_watched_request_is_handed_out_where_there_is_a_trace(tmp_path: Any) -> None:
    trace = Trace(str(tmp_path))
    with handling(trace=trace):
        request.args
    assert list(trace.touches) == ["query"]


def test_the_names_for_templates_come_from_the_hooks_in_their_order() -> None:
    with handling() as context:
        assert context.variables() == {}
    with handling(endpoint=Nowhere(providers=(lambda: {"a": 1, "b": 1}, lambda: {"b": 2}))) as context:
        assert context.variables() == {"a": 1, "b": 2}


def test_a_context_is_freed_without_the_collector() -> None:
    gc.disable()
    try:
        with handling(method="POST", data={"a": "1"}) as context:
            request.form, session.get("a"), g.get("a")
        parts = [weakref.ref(it) for it in (context, context.request, context.session, context.g)]
        del context
        assert [part() for part in parts] == [None] * 4
    finally:
        gc.enable()


def test_the_files_of_a_request_are_closed_with_it() -> None:
    import io

    with handling(method="POST", data={"f": (io.BytesIO(b"x"), "f.txt")}) as context:
        file = request.files["f"]
    context.close()
    assert file.stream.closed
    Context(App(), {}).close()


# -- the proxies

OUTSIDE: dict[str, Callable[[], Any]] = {
    "request": lambda: request.path,
    "session": lambda: session["a"],
    "g": lambda: g.user,
    "current_app": lambda: current_app.config,
    "after_this_request": lambda: after_this_request(lambda response: response),
    "url_for": lambda: url_for("/"),
    "render_template": lambda: render_template("a.html"),
    "render_template_string": lambda: render_template_string("a"),
    "flash": lambda: flash("a"),
    "get_flashed_messages": get_flashed_messages,
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_a_request_a_name_says_so_and_names_the_way_out(name: str) -> None:
    with pytest.raises(OutsideContext, match=f"`{name}` was used while no request is handled. Use it inside"):
        OUTSIDE[name]()
    with pytest.raises(RuntimeError):
        OUTSIDE[name]()


def test_whether_a_request_is_handled_can_be_asked() -> None:
    assert not has_request_context()
    assert not request
    with handling():
        assert has_request_context()
        assert request
    assert not has_request_context()


def test_the_proxies_stand_for_what_is_current() -> None:
    with handling(path="/a?x=1") as outer:
        assert isinstance(request, Request)
        assert isinstance(session, Session)
        assert current_app == outer.app
        assert (request.path, request.args["x"]) == ("/a", "1")
        session["a"] = 1
        assert outer.session == {"a": 1}
        with handling(path="/b"):
            assert request.path == "/b"
            assert "a" not in session
        assert request.path == "/a"


def test_without_a_secret_key_only_the_session_fails() -> None:
    with handling(App("")):
        assert request.path == "/"
        with pytest.raises(EngineError, match="secret"):
            session.get("a")


def test_g_holds_what_the_request_keeps() -> None:
    with handling():
        g.user = "ada"
        assert (g.user, g.get("user"), g.get("none"), g.get("none", 1)) == ("ada", "ada", None, 1)
        assert "user" in g
        assert list(g) == ["user"]
        assert g.setdefault("user", "x") == "ada"
        assert g.setdefault("list", []) == []
        assert g.pop("user") == "ada"
        assert g.pop("user", None) is None
        del g.list
        assert list(g) == []
        with pytest.raises(KeyError):
            g.pop("user")
        with pytest.raises(AttributeError, match=r"`g` has no `user`. Set it in this request, or read it by"):
            g.user
        assert not hasattr(g, "user")
    with handling():
        assert isinstance(g._get_current_object(), Globals)
        assert "user" not in g


def test_what_is_to_be_done_after_the_request_is_kept_in_order() -> None:
    with handling() as context:
        assert list(context.after) == []

        @after_this_request
        def first(response: Response) -> Response:
            return response

        second = after_this_request(lambda response: response)
        assert list(context.after) == [first, second]


def test_abort_is_werkzeugs() -> None:
    with pytest.raises(NotFound):
        words.abort(404)


# -- the vocabulary


def test_urls_and_templates_are_the_applications() -> None:
    with handling():
        assert url_for("/a", id=1, _anchor="x").startswith("/a {")
        assert "'id': 1" in url_for("/[id]", id=1)
        assert "'_query': {'q': 2}" in url_for("/", _query={"q": 2})
        assert render_template("a.html", x=1) == "a.html {'x': 1}"
        assert render_template("a.html", template=1) == "a.html {'template': 1}"
        assert render_template_string("{{ x }}", x=1) == "text {{ x }} {'x': 1}"


def next_request(context: Context) -> dict[str, Any]:
    response = Response("x")
    context.app.session_store.save(context.session, response)
    return {"headers": {"Cookie": response.headers.get("Set-Cookie", "").partition(";")[0]}}


def test_a_flashed_message_is_shown_once_by_the_next_page() -> None:
    with handling() as first:
        flash("saved")
        flash("careful", "warning")
        cookies = next_request(first)
    with handling(**cookies) as second:
        assert get_flashed_messages() == ["saved", "careful"]
        assert get_flashed_messages(with_categories=True) == [("message", "saved"), ("warning", "careful")]
        assert get_flashed_messages(category_filter=["warning"]) == ["careful"]
        assert get_flashed_messages(with_categories=True, category_filter=("x",)) == []
        cookies = next_request(second)
    with handling(**cookies):
        assert get_flashed_messages() == []


def test_a_message_can_be_flashed_and_shown_in_one_request() -> None:
    with handling() as context:
        flash("now")
        assert get_flashed_messages() == ["now"]
        assert "_flashes" not in context.session


def test_asking_for_messages_where_there_are_none_changes_nothing() -> None:
    with handling() as context:
        assert vocabulary.get_flashed_messages() == []
        assert not context.session.modified


# -- threads


def test_sixteen_threads_never_see_each_others_request() -> None:
    app, wrong, start = App(), [], threading.Barrier(16)

    def visit(name: str) -> None:
        start.wait()
        cookies: dict[str, Any] = {}
        for n in range(60):
            sent = {"method": "POST", "data": {"v": name}, **cookies}
            with handling(
                app, path=f"/{name}?v={name}", endpoint=Nowhere("/[v]"), params={"v": name}, **sent
            ) as context:
                g.name = name
                seen = [
                    session.get("v", name),
                    request.args["v"],
                    request.form["v"],
                    request.path[1:],
                    g.name,
                ]
                assert request.view_args is not None
                seen.append(request.view_args["v"])
                session["v"], session["n"] = name, n
                flash(name)
                seen += get_flashed_messages()
                cookies = next_request(context)
            wrong.extend(value for value in seen if value != name)

    threads = [threading.Thread(target=visit, args=(f"visitor{n}",)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
