"""What a page with `cache` keeps of its answers, for whom, and for how long."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import time_machine
from werkzeug.test import create_environ

from doors import Files, Served
from engine import App, create_app, load_site
from engine.signals import request_started

COUNTER = """
from itertools import count
numbers = count(1)
"""
"""A module of the site that tells how often it was asked: `next(numbers)`."""
SECRET = "a key for these tests"


def page(answer: str = "str(number)", cache: str = 'cache = "10m"', head: str = "") -> str:
    """A page whose answer counts how often it was made."""
    handler = f"def get():\n    number = next(numbers)\n    return {answer}\n"
    return f"{head}\nfrom counter import numbers\n{cache}\n{handler}"


Open = Callable[..., Served]


@pytest.fixture
def counting(served: Open) -> Open:
    """Opens a site whose pages can count."""

    def open_site(files: Files | str, **settings: Any) -> Served:
        if isinstance(files, str):
            files = {"pages/n.py": files}
        return served({"counter.py": COUNTER, **files}, secret_key=SECRET, **settings)

    return open_site


@pytest.fixture
def clock() -> Iterator[time_machine.Coordinates]:
    """A clock that stands until it is moved on."""
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False) as clock:
        yield clock


def renewed() -> None:
    """Wait until every answer that is being made anew is there."""
    for thread in threading.enumerate():
        if thread.name == "engine-renew":
            thread.join()


# For how long


def test_an_answer_is_sent_for_its_time_and_then_made_anew(counting: Open, clock: Any) -> None:
    site = counting(page())
    assert [site.get("/n/").text for _ in range(3)] == ["1", "1", "1"]
    clock.shift(599)
    assert site.get("/n/").text == "1"
    clock.shift(1)
    assert site.get("/n/").text == "2"


def test_the_age_and_the_time_it_is_fresh_are_told(counting: Open, clock: Any) -> None:
    site = counting(page())
    assert site.get("/n/").headers["Age"] == "0"
    clock.shift(30)
    answer = site.get("/n/")
    assert (answer.headers["Age"], answer.headers["Cache-Control"]) == ("30", "max-age=600")


def test_a_page_that_sets_its_own_cache_control_keeps_it(counting: Open) -> None:
    site = counting(page("(str(number), {'Cache-Control': 'no-cache'})"))
    assert [site.get("/n/").text for _ in range(2)] == ["1", "1"]
    assert site.get("/n/").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "files",
    [
        {"pages/a/n.py": page(cache=""), "pages/_data.yaml": "cache: 10m\n"},
        {
            "pages/a/n.py": page("{'number': number}", ""),
            "pages/a/n.html": "---\ncache: 10m\n---\n{{ number }}",
        },
        {"pages/a/n.py": page(cache='cache = "10m"'), "pages/_data.yaml": "cache: false\n"},
        {"pages/a/n.py": page(cache='cache = Cache("10m")', head="from engine import Cache")},
    ],
)
def test_it_is_said_in_a_module_in_front_matter_or_for_a_directory(counting: Open, files: Files) -> None:
    site = counting(files)
    assert site.get("/a/n/").text == site.get("/a/n/").text


@pytest.mark.parametrize(
    "files",
    [
        {"pages/a/n.py": page(cache="")},
        {"pages/a/n.py": page(cache="cache = False"), "pages/_data.yaml": "cache: 10m\n"},
        {
            "pages/a/n.py": page(cache=""),
            "pages/_data.yaml": "cache: 10m\n",
            "pages/a/_data.yaml": "cache: false\n",
        },
        {"pages/a/n.py": page(cache="", head="from functools import cache")},
    ],
)
def test_it_is_left_out_or_taken_back(counting: Open, files: Files) -> None:
    site = counting(files)
    assert [site.get("/a/n/").text for _ in range(2)] == ["1", "2"]


def test_a_template_is_kept_for_its_time_and_no_longer(counting: Open, clock: Any) -> None:
    hooks = "from counter import numbers\ndef context():\n    return {'number': next(numbers)}\n"
    site = counting(
        {"pages/_hooks.py": hooks, "pages/n.html": "---\nlayout: false\ncache: 1m\n---\n{{ number }}"}
    )
    assert [site.get("/n/").text for _ in range(2)] == ["1", "1"]
    clock.shift(60)
    assert site.get("/n/").text == "2"


# For whom


@pytest.mark.parametrize(
    ("reads", "other"),
    [
        ("request.args.get('x')", {"query_string": "x=2"}),
        ("request.host", {"base_url": "http://other.example"}),
        ("request.url", {"base_url": "https://localhost"}),
    ],
)
def test_what_an_answer_reads_of_the_address_tells_answers_apart(
    counting: Open, reads: str, other: dict[str, Any]
) -> None:
    site = counting(page(f"str(number) + ' ' + {reads}", head="from engine import request"))
    site.get("/n/")
    first, second = site.get("/n/").text, site.get("/n/", **other).text
    assert first != second
    assert (site.get("/n/").text, site.get("/n/", **other).text) == (first, second)


def test_a_query_that_nobody_reads_makes_no_other_answer(counting: Open) -> None:
    site = counting(page())
    assert [site.get("/n/").text, site.get("/n/?x=1").text, site.get("/n/?y=2").text] == ["1", "1", "1"]


def test_each_value_of_a_parameter_has_its_answer(counting: Open) -> None:
    site = counting({"pages/[name].py": page("name + str(number)").replace("get()", "get(name)")})
    assert [site.get(path).text for path in ("/a/", "/b/", "/a/", "/%C3%A9/")] == ["a1", "b2", "a1", "é3"]


@pytest.mark.parametrize("reads", ["request.headers['X-Kind']", "request.headers.get('x-kind')"])
def test_headers_that_are_named_tell_answers_apart(counting: Open, reads: str) -> None:
    head = "from engine import Cache, request"
    site = counting(page(f"str(number) + ' ' + {reads}", "cache = Cache('10m', vary=['X-Kind'])", head))
    asked = [site.get("/n/", headers={"X-Kind": kind}) for kind in ("a", "b", "a")]
    assert [answer.text for answer in asked] == ["1 a", "2 b", "1 a"]
    assert asked[0].headers["Vary"] == "x-kind"


def test_a_negotiated_answer_is_kept_for_each_kind(counting: Open) -> None:
    head = "from engine import Cache, negotiate"
    site = counting(
        page("negotiate(txt=str(number), json=number)", "cache = Cache('10m', vary=['Accept'])", head)
    )
    kinds = ["text/plain", "application/json", "text/plain"]
    answers = [site.get("/n/", headers={"Accept": kind}) for kind in kinds]
    assert [answer.text.strip() for answer in answers] == ["1", "2", "1"]
    assert {answer.headers["Vary"] for answer in answers} == {"Accept"}


NEVER = {
    "the session": "session.get('name', str(number))",
    "a session that is changed": "session.update(name='x') or str(number)",
    "a flash": "str(get_flashed_messages()) + str(number)",
    "a cookie": "request.cookies.get('x', '') + str(number)",
    "the address": "str(request.remote_addr) + str(number)",
    "a header that is not named": "request.headers.get('X-Kind', '') + str(number)",
    "the language": "str(request.accept_languages) + str(number)",
    "all headers": "str(dict(request.headers)) + str(number)",
    "the environ of its headers": "str(request.headers.environ.get('X')) + str(number)",
    "the environ": "str(request.environ.get('X')) + str(number)",
    "the id of the request": "request.id + str(number)",
    "a cookie that is set": "(str(number), {'Set-Cookie': 'a=b'})",
    "what is private": "(str(number), {'Cache-Control': 'private'})",
    "what is not to be stored": "(str(number), {'Cache-Control': 'no-store'})",
    "what varies by another header": "(str(number), {'Vary': 'X-Kind'})",
    "what varies by anything": "(str(number), {'Vary': '*'})",
    "a file": "Path('counter.py') if number else ''",
    "a stream": "iter([str(number)])",
    "an error": "(str(number), 500)",
    "an answer of a status for one": "(str(number), 403)",
    "an error that is raised": "abort(503)",
}


@pytest.mark.parametrize("answer", NEVER.values(), ids=NEVER)
def test_what_is_one_visitors_or_fails_is_never_kept(counting: Open, answer: str) -> None:
    words = (
        "from pathlib import Path\nfrom engine import Cache, abort, get_flashed_messages, request, session"
    )
    site = counting(page(answer, "cache = Cache('10m', vary=['Accept'])", words))
    first = site.get("/n/")
    site.get("/n/")
    assert next(sys.modules[f"{site.app.site.modules.name}.counter"].numbers) == 3
    assert "Age" not in first.headers
    assert "max-age" not in first.headers.get("Cache-Control", "")


def test_a_session_that_only_some_look_at_is_not_sent_to_the_others(counting: Open) -> None:
    answer = "str(number) + (session.get('name', '') if 'me' in request.args else '')"
    site = counting(page(answer, head="from engine import request, session"))
    with site.app.test_client() as visitor:
        with visitor.session_transaction() as session:
            session["name"] = "Ada"
        assert [visitor.get("/n/?me").text for _ in range(2)] == ["1Ada", "2Ada"]
    assert [site.get("/n/").text, site.get("/n/?me").text, site.get("/n/").text] == ["3", "4", "3"]


@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_other_methods_are_answered_anew(counting: Open, method: str) -> None:
    site = counting(page().replace("def get", "def get(): return ''\ndef handler"))
    site.get("/n/")
    assert [site.get("/n/", method=method).text for _ in range(2)] == ["1", "2"]


def test_what_a_freeze_asks_is_made_for_it(counting: Open) -> None:
    app = counting(page()).app
    asked = [app.observe(create_environ("/n/"))[0].get_data(as_text=True) for _ in range(2)]
    assert asked == ["1", "2"]


def test_nothing_is_kept_while_a_site_is_developed(counting: Open) -> None:
    config = counting(page()).app.config
    app = App(load_site(replace(config, dev=True)))
    client = app.test_client()
    assert [client.get("/n/").text for _ in range(2)] == ["1", "2"]


# How it is sent


def test_a_kept_answer_needs_no_request_and_no_view(counting: Open) -> None:
    site, ran = counting(page()), set[str]()

    def note(frame: Any, event: str, argument: Any) -> None:
        ran.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    site.get("/n/")
    environ = create_environ("/n/")
    sys.setprofile(note)
    try:
        body = list(site.app(environ, lambda *line: lambda data: None))
    finally:
        sys.setprofile(None)
    assert body == [b"1"]
    unwanted = ("engine.http.request.__init__", "engine.http.context", "engine.views", "engine.rendering")
    assert [name for name in ran if name.startswith(unwanted)] == []


def test_a_kept_answer_has_a_tag_that_is_answered_304(counting: Open) -> None:
    site = counting(page())
    tag = site.get("/n/").headers["ETag"]
    assert site.get("/n/").headers["ETag"] == tag
    again = site.get("/n/", headers={"If-None-Match": tag})
    assert (again.status, again.body, again.headers["Age"]) == (304, b"", "0")


def test_head_is_answered_by_what_was_kept_for_get(counting: Open) -> None:
    site = counting(page())
    assert "Age" not in site.get("/n/", method="HEAD").headers
    whole, head = site.get("/n/"), site.get("/n/", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == whole.headers


def test_a_redirect_and_a_missing_thing_are_kept(counting: Open) -> None:
    site = counting(
        {
            "pages/go.py": page("redirect(f'/{number}/')", head="from engine import redirect"),
            "pages/no.py": page("(str(number), 404)"),
        }
    )
    assert {site.get("/go/").headers["Location"] for _ in range(2)} == {"/1/"}
    assert [(site.get("/no/").status, site.get("/no/").text) for _ in range(2)] == [(404, "2")] * 2


# Many at once


@pytest.mark.parametrize("answer", ["str(number)", "str(number) + request.args.get('x', '')"])
def test_of_many_at_once_one_makes_the_answer(counting: Open, answer: str) -> None:
    site = counting(page(answer, head="from engine import request"))
    gate = threading.Barrier(8)

    def ask(_: int) -> str:
        gate.wait()
        return site.app.test_client().get("/n/").text

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"1"}


GATED = """
from counter import numbers
from engine import request
from gate import arrived, go
cache = "10m"
def get():
    number = next(numbers)
    if number == 1:
        arrived.set()
        go.wait()
    return str(number)
"""
GATE = "from threading import Event\narrived, go = Event(), Event()\n"


def test_who_has_waited_long_enough_makes_an_answer_of_their_own(
    counting: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.cache.answers.PATIENCE", 0.0)
    site = counting({"pages/n.py": GATED, "gate.py": GATE})
    gate = sys.modules[f"{site.app.site.modules.name}.gate"]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: site.app.test_client().get("/n/").text)
        gate.arrived.wait()
        assert site.get("/n/").text == "2"
        gate.go.set()
        assert first.result() == "1"
    assert site.get("/n/").text == "1"


def test_a_failure_lets_those_go_on_who_wait(counting: Open) -> None:
    site = counting(page("str(number) if number > 1 else 1 / 0"))
    assert site.app.test_client(propagate=False).get("/n/").status_code == 500
    assert [site.get("/n/").text for _ in range(2)] == ["2", "2"]


def test_what_is_purged_while_it_is_made_is_not_kept(counting: Open) -> None:
    site = counting({"pages/n.py": GATED, "gate.py": GATE})
    gate = sys.modules[f"{site.app.site.modules.name}.gate"]
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: site.app.test_client().get("/n/").text)
        gate.arrived.wait()
        site.app.cache.purge(everything=True)
        gate.go.set()
        assert first.result() == "1"
    assert site.get("/n/").text == "2"


# Stale answers


STALE = 'cache = Cache("10m", stale="1m")'
SLOW = f"""
from counter import numbers
from engine import Cache
from gate import arrived, go
{STALE}
def get():
    number = next(numbers)
    if number == 2:
        arrived.set()
        go.wait()
    return str(number)
"""


def test_a_stale_answer_is_sent_while_one_thread_makes_another(counting: Open, clock: Any) -> None:
    site = counting({"pages/n.py": SLOW, "gate.py": GATE})
    gate = sys.modules[f"{site.app.site.modules.name}.gate"]
    assert site.get("/n/").headers["Cache-Control"] == "max-age=600, stale-while-revalidate=60"
    clock.shift(600)
    assert site.get("/n/").text == "1"
    gate.arrived.wait()
    answer = site.get("/n/")
    assert (answer.text, answer.headers["Age"]) == ("1", "600")
    gate.go.set()
    renewed()
    assert [site.get("/n/").text for _ in range(2)] == ["2", "2"]


def test_an_answer_that_is_too_old_is_not_sent(counting: Open, clock: Any) -> None:
    site = counting(page(cache=STALE, head="from engine import Cache"))
    site.get("/n/")
    clock.shift(660)
    assert site.get("/n/").text == "2"


def test_a_stale_answer_outlives_a_failure(counting: Open, clock: Any) -> None:
    site = counting(page("str(number) if number != 2 else ('', 500)", STALE, "from engine import Cache"))
    site.get("/n/")
    clock.shift(600)
    assert site.get("/n/").text == "1"
    renewed()
    assert site.get("/n/").text == "1"


def test_what_was_asked_is_asked_again_for_a_stale_answer(counting: Open, clock: Any) -> None:
    site = counting(page("f'{number} {request.args}'", STALE, "from engine import Cache, request"))
    first = site.get("/n/?x=1").text
    clock.shift(600)
    assert site.get("/n/?x=1", method="HEAD").status == 200
    renewed()
    assert site.get("/n/?x=1").text == first.replace("1 ", "2 ", 1)


# Purging


TAGGED = "cache = Cache('10m', tags=['news'])"


@pytest.mark.parametrize(
    ("purged", "left"),
    [
        ({"tag": "news"}, ["1", "4", "3"]),
        ({"tag": "other"}, ["1", "2", "4"]),
        ({"path": "/tagged/"}, ["1", "4", "3"]),
        ({"path": "/tagged"}, ["1", "4", "3"]),
        ({"path": "/tag"}, ["1", "2", "3"]),
        ({"everything": True}, ["4", "5", "6"]),
    ],
)
def test_answers_are_purged_by_tag_by_path_or_all(counting: Open, purged: Any, left: list[str]) -> None:
    site = counting(
        {
            "pages/plain.py": page(),
            "pages/tagged.py": page(cache=TAGGED, head="from engine import Cache"),
            "pages/own.py": page("(str(number), {'Cache-Tag': 'own, other'})"),
        }
    )
    paths = ["/plain/", "/tagged/", "/own/"]
    assert [site.get(path).text for path in paths] == ["1", "2", "3"]
    site.app.cache.purge(**purged)
    assert [site.get(path).text for path in paths] == left


@pytest.mark.parametrize("said", [{}, {"_external": True}, {"_query": {"x": 1}}, {"_anchor": "top"}])
def test_a_path_is_purged_with_all_its_queries_and_below_a_prefix(counting: Open, said: Any) -> None:
    files = {
        "pages/[name].py": page("str(number) + str(request.args)", head="from engine import request").replace(
            "get()", "get(name)"
        )
    }
    site = counting(files, base_url="https://example.org/docs")
    asked = ["/docs/%C3%A9/", "/docs/%C3%A9/?x=1"]
    before = [site.get(path).text for path in asked]
    assert [site.get(path).text for path in asked] == before
    with site.app.context():
        site.app.cache.purge(path=site.app.url_for("/[name]", name="é", **said))
    assert not set(before) & {site.get(path).text for path in asked}


@pytest.mark.parametrize("slash", ["always", "never"])
@pytest.mark.parametrize("path", ["/n", "/n/"])
def test_a_path_is_purged_however_it_ends(counting: Open, slash: str, path: str) -> None:
    site = counting(page(), slash=slash)
    url = site.app.test_client().get("/n/", follow_redirects=True).request.path
    before = site.get(url).text
    assert site.get(url).text == before
    site.app.cache.purge(path=path)
    assert site.get(url).text != before


def test_an_address_without_its_prefix_leaves_no_answer_for_the_one_with_it(counting: Open) -> None:
    head = "from engine import request"
    site = counting(page("request.path", head=head), base_url="https://example.org/docs")
    environs = [{**create_environ("/n/"), "PATH_INFO": path} for path in ("/n/", "/docs/n/")]
    assert [b"".join(site.app(it, lambda *_: lambda _: None)) for it in environs] == [b"/n/", b"/docs/n/"]


def test_a_handler_purges(counting: Open) -> None:
    change = "from engine import current_app\ndef post():\n    current_app.cache.purge(path='/n/')\n    return 'done'\n"
    site = counting({"pages/n.py": page(), "pages/change.py": change})
    site.get("/n/")
    site.get("/change/", method="POST")
    assert site.get("/n/").text == "2"


@pytest.mark.parametrize("wrong", [{}, {"tag": "a", "path": "/"}, {"tag": "a", "everything": True}])
def test_a_purge_says_one_thing(counting: Open, wrong: Any) -> None:
    with pytest.raises(TypeError, match="one of"):
        counting(page()).app.cache.purge(**wrong)


# Hooks and signals


GUARD = """
from engine import abort, g, request
def before_request():
    if request.headers.get("Authorization") != "sesame":
        abort(401)
    g.who = request.headers["X-Who"]
"""
SESAME = {"Authorization": "sesame", "X-Who": "Ada"}


def test_a_guard_runs_before_a_kept_answer(counting: Open) -> None:
    site = counting({"pages/a/_hooks.py": GUARD, "pages/a/n.py": page()})
    assert [site.get("/a/n/", headers=SESAME).text for _ in range(2)] == ["1", "1"]
    assert site.get("/a/n/").status == 401
    assert site.get("/a/n/", headers=SESAME).headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("hands", ["g.who", "g.get('who')", "request.who"])
def test_what_a_guard_hands_on_is_not_sent_to_others(counting: Open, hands: str) -> None:
    hooks = GUARD + "    request.who = g.who\n"
    site = counting(
        {"pages/_hooks.py": hooks, "pages/n.py": page(hands, head="from engine import g, request")}
    )
    whom = [site.get("/n/", headers={**SESAME, "X-Who": who}).text for who in ("Ada", "Eve", "Ada")]
    assert whom == ["Ada", "Eve", "Ada"]


def test_a_parameter_that_a_hook_changes_for_a_visitor_is_not_sent_to_others(counting: Open) -> None:
    hooks = """
    from engine import request
    def url_value_preprocessor(route, params):
        params["name"] = request.headers["X-Who"]
    """
    site = counting({"pages/_hooks.py": hooks, "pages/[name].py": page("name").replace("get()", "get(name)")})
    assert [site.get("/n/", headers={"X-Who": who}).text for who in ("Ada", "Eve")] == ["Ada", "Eve"]


def test_what_hooks_make_of_the_query_is_kept_for_that_query(counting: Open) -> None:
    hooks = "from engine import g, request\ndef before_request():\n    g.x = request.args.get('x')\n"
    site = counting(
        {"pages/_hooks.py": hooks, "pages/n.py": page("f'{number} {g.x}'", head="from engine import g")}
    )
    assert [site.get(f"/n/?x={x}").text for x in "abab"] == ["1 a", "2 b", "1 a", "2 b"]


def test_a_session_that_a_guard_has_opened_is_not_kept_for_others(counting: Open) -> None:
    hooks = "from engine import session\ndef before_request():\n    session.get('name')\n"
    site = counting(
        {
            "pages/_hooks.py": hooks,
            "pages/n.py": page("session.get('name', str(number))", head="from engine import session"),
        }
    )
    assert [site.get("/n/").text for _ in range(2)] == ["1", "2"]


def test_each_answer_passes_the_hooks_after_it(counting: Open) -> None:
    hooks = """
    from counter import numbers
    def after_request(response):
        response.headers["X-Number"] = str(next(numbers))
        return response
    """
    site = counting({"pages/_hooks.py": hooks, "pages/n.py": page()})
    asked = [site.get("/n/") for _ in range(3)]
    assert [(it.text, it.headers["X-Number"]) for it in asked] == [("1", "2"), ("1", "3"), ("1", "4")]


@pytest.mark.parametrize(
    "change",
    [
        "response.set_data(response.get_data() + request.headers.get('X-Who', '').encode())",
        "response.set_data(response.get_data() + session.get('who', '').encode())",
        "response.set_cookie('seen', '1')",
    ],
)
def test_what_hooks_make_of_an_answer_for_one_visitor_is_kept_by_nobody(counting: Open, change: str) -> None:
    hooks = f"""
    from engine import request, session
    def after_request(response):
        {change}
        return response
    """
    site = counting({"pages/_hooks.py": hooks, "pages/n.py": page()})
    answers = [site.get("/n/", headers={"X-Who": who, "If-None-Match": "*"}) for who in ("ada", "eve")]
    for answer in answers:
        assert (answer.status, answer.text[0]) == (200, "1")
        assert answer.headers["Cache-Control"] == "private, no-cache" and "ETag" not in answer.headers


def test_an_answer_that_hooks_leave_alike_for_all_has_its_tag(counting: Open) -> None:
    hooks = """
    def after_request(response):
        response.headers["X-Own"] = "x"
        return response
    """
    site = counting({"pages/_hooks.py": hooks, "pages/n.py": page()})
    first = site.get("/n/")
    again = site.get("/n/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.headers["X-Own"], first.headers["Cache-Control"]) == (304, "x", "max-age=600")
    head = site.client.head("/n/")
    assert (head.headers["Content-Length"], head.data, head.headers["Age"]) == ("1", b"", "0")


def test_a_stale_answer_behind_hooks_is_made_anew_by_one_visitor(counting: Open, clock: Any) -> None:
    site = counting(
        {"pages/_hooks.py": GUARD, "pages/n.py": page(cache=STALE, head="from engine import Cache")}
    )
    site.get("/n/", headers=SESAME)
    clock.shift(600)
    assert [site.get("/n/", headers=SESAME).text for _ in range(2)] == ["2", "2"]


def test_what_a_page_asks_to_be_done_after_is_done_to_the_kept_answer(counting: Open) -> None:
    answer = "after_this_request(lambda it: (it.headers.set('X-Own', 'x'), it)[1]) and str(number)"
    site = counting(page(answer, head="from engine import after_this_request"))
    assert [site.get("/n/").headers["X-Own"] for _ in range(2)] == ["x", "x"]
    assert site.get("/n/").text == "1"


def test_signals_are_sent_for_kept_answers(counting: Open) -> None:
    site, seen = counting(page()), []

    def note(sender: Any, **more: Any) -> None:
        seen.append(sender)

    site.get("/n/")
    with request_started.connected_to(note):
        assert site.get("/n/").text == "1"
    assert seen == [site.app]


# Faults


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"pages/n.py": '\n"""A page."""\n\ncache = "10 minutes"\ndef get(): pass\n'},
            "pages/n.py:3: `cache` must be a duration like 30s, 10m, 1h or 7d, a Cache or False, not '10 minutes'.",
        ),
        (
            {"pages/n.py": "cache = 600\ndef get(): pass\n"},
            "pages/n.py:1: `cache` must be a duration like 30s, 10m, 1h or 7d, a Cache or False, not 600.",
        ),
        (
            {"pages/n.py": "from engine import Cache\ncache = Cache('10m', stale='0s')\ndef get(): pass\n"},
            "pages/n.py:2: raised ValueError when it was imported: "
            "`stale` must be a duration like 30s, 10m, 1h or 7d, not '0s'.",
        ),
        (
            {
                "pages/n.py": "from engine import Cache\ncache = Cache('10m', vary=['Cookie'])\ndef get(): pass\n"
            },
            "pages/n.py:2: raised ValueError when it was imported: "
            "`vary` cannot have Cookie: what depends on cookies belongs to one visitor.",
        ),
        (
            {"pages/n.py": "from engine import Cache\ncache = Cache('10m', tags='news')\ndef get(): pass\n"},
            "pages/n.py:2: raised TypeError when it was imported: `tags` must be a list, as ['news'].",
        ),
        (
            {"pages/_data.yaml": "title: A\ncache: 10\n"},
            "pages/_data.yaml:2:1: `cache` must be a duration like 30s, 10m, 1h or 7d, or false, not 10.",
        ),
        (
            {"pages/n.md": "---\ncache: soon\n---\n"},
            "pages/n.md:2:1: `cache` must be a duration like 30s, 10m, 1h or 7d, or false, not 'soon'.",
        ),
    ],
)
def test_what_is_no_duration_is_a_fault(
    faults: Callable[..., list[str]], files: Files, expected: str
) -> None:
    assert faults(files) == [expected]


def test_less_recent_answers_make_room_for_others(counting: Open) -> None:
    pages = {f"pages/{name}.py": page("str(number) + 'x' * 900") for name in "abcd"}
    site = counting(pages, cache__memory=9000)

    def numbers(paths: str) -> list[str]:
        return [site.get(f"/{path}/").text.rstrip("x") for path in paths]

    assert numbers("abcadab") == ["1", "2", "3", "1", "4", "1", "5"]


def test_what_tells_answers_apart_takes_room_too(counting: Open) -> None:
    pages = {
        "pages/a.py": page(
            "str(number) + request.query_string[:0].decode()", head="from engine import request"
        )
    }
    site = counting(pages, cache__memory=9000)
    asked = ["x" * 4000, "y" * 4000, "x" * 4000]
    assert [site.get(f"/a/?{query}").text for query in asked] == ["1", "2", "3"]


def test_an_answer_for_which_there_is_no_room_drives_out_no_other(counting: Open) -> None:
    site = counting(
        {"pages/a.py": page(), "pages/b.py": page("str(number) + 'x' * 9000")}, cache__memory=9000
    )
    assert [site.get(path).text.rstrip("x") for path in ("/a/", "/b/", "/b/", "/a/")] == ["1", "2", "3", "1"]


def test_a_site_can_be_asked_without_keeping_for_another(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name / "pages").mkdir(parents=True)
        (tmp_path / name / "pages" / "n.py").write_text(f"cache = '10m'\ndef get(): return {name!r}\n")
    apps = [create_app(tmp_path / name).test_client() for name in "ab"]
    assert [app.get("/n/").text for app in apps] == ["a", "b"]


# With the headers of the site


def test_a_kept_answer_has_the_headers_that_every_answer_has(counting: Open) -> None:
    site = counting(page(), headers={"X-Frame-Options": "DENY"})
    for answer in (site.client.get("/n/"), site.client.get("/n/")):
        assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert answer.headers.getlist("X-Frame-Options") == ["DENY"]


def test_they_are_sent_once_behind_hooks_too(counting: Open) -> None:
    site = counting({"pages/n.py": page(), "pages/_hooks.py": "def before_request():\n    pass\n"})
    for answer in (site.client.get("/n/"), site.client.get("/n/")):
        assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]


def test_an_answer_with_a_nonce_is_not_kept(counting: Open) -> None:
    policy = {"Content-Security-Policy": "script-src 'self' 'nonce'"}
    site = counting(page("f'{number} {csp_nonce()}'", head="from engine import csp_nonce"), headers=policy)
    answers = [site.get("/n/") for _ in range(2)]
    for number, answer in enumerate(answers, start=1):
        shown, nonce = answer.text.split()
        assert shown == str(number)
        assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert answers[0].text != answers[1].text


def test_the_answer_to_an_error_is_not_kept_for_clients_that_want_another(counting: Open) -> None:
    site = counting(page("abort(404)", head="from engine import abort"))
    assert "<html" in site.get("/n/").text
    assert site.client.get("/n/", headers={"Accept": "application/json"}).json["status"] == 404
