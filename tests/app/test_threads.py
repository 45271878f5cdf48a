"""Sixty-four threads ask at once, and none sees anything of another."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from doors import Files, Served

THREADS = 64
ROUNDS = 40
SITE: Files = {
    "pages/_hooks.py": """
        import time
        from engine import g, request

        def before_request():
            g.who = request.args["who"]
            time.sleep(0)  # another thread goes on

        def context():
            return {"hooked": g.who}

        def after_request(response):
            response.headers["X-Who"] = g.who
            return response

        def teardown_request(error):
            LEFT.append(g.who)

        LEFT = []
        """,
    "pages/handler.py": """
        import time
        from engine import after_this_request, flash, g, get_flashed_messages, request, session, url_for

        def get():
            session["count"] = session.get("count", 0) + 1
            flash(g.who)
            time.sleep(0)

            @after_this_request
            def mark(response):
                response.headers["X-Again"] = request.args["who"]

            return [g.who, session["count"], get_flashed_messages(), url_for("/rows/[n=int]", n=session["count"])]

        def post():
            time.sleep(0)
            return [request.form["who"], request.files["file"].read().decode(), g.who]
        """,
    "pages/rows/[n=int].html": "---\nlayout: false\n---\n{{ request.args.who }} {{ hooked }} {{ params.n }}",
    "pages/stream.py": """
        import time
        from engine import g, request, stream_with_context

        def get():
            def parts():
                for part in ("a", "b"):
                    time.sleep(0)
                    yield f"{part}{g.who}{request.args['who']} "

            return stream_with_context(parts())
        """,
    "pages/fails.py": """
        from engine import g

        def get():
            raise KeyError(g.who)
        """,
    "app.py": """
        from engine import g

        def setup(app):
            @app.errorhandler(KeyError)
            def failed(error):
                return f"{error.args[0]} {g.who}", 418
        """,
}


def visit(site: Served, who: str, gate: threading.Barrier) -> list[str]:
    """What went wrong for one visitor, who comes again and again with cookies of their own."""
    client = site.app.test_client()
    wrong: list[str] = []

    def expect(answer: Any, wanted: Any) -> None:
        got = answer.json if answer.is_json else answer.text.strip()
        if got != wanted or answer.headers["X-Who"] != who:
            wrong.append(f"{who}: {got!r} with {answer.headers['X-Who']} and not {wanted!r}")

    gate.wait()
    for count in range(1, ROUNDS + 1):
        answer = client.get(f"/handler/?who={who}")
        expect(answer, [who, count, [who], f"/rows/{count}/"])
        assert answer.headers["X-Again"] == who
        expect(client.get(f"/rows/{count}/?who={who}"), f"{who} {who} {count}")
        expect(client.get(f"/stream/?who={who}"), f"a{who}{who} b{who}{who}")
        expect(client.get(f"/fails/?who={who}"), f"{who} {who}")
        form = {"who": who, "file": (io.BytesIO(who.encode()), "file.txt")}
        expect(client.post(f"/handler/?who={who}", data=form), [who, who, who])
    return wrong


@pytest.mark.long
def test_sixty_four_threads_see_nothing_of_each_other(served: Callable[..., Served]) -> None:
    site = served(SITE, secret_key="a key for these tests")
    gate = threading.Barrier(THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        found = pool.map(lambda number: visit(site, f"visitor-{number}", gate), range(THREADS))
        assert [line for lines in found for line in lines] == []
