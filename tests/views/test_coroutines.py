"""Handlers and hooks may be asynchronous, and stream."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from doors import Door, Served
from engine import Response, SiteError, request, request_finished

ASYNC = """
import asyncio
from engine import request

freeze = False

async def word():
    await asyncio.sleep(0)
    return request.args["word"]

async def get():
    return " ".join(await asyncio.gather(word(), word()))
"""


def test_an_asynchronous_handler_sees_its_request(served: Callable[..., Served]) -> None:
    assert served({"pages/a.py": ASYNC}).get("/a/?word=x").text == "x x"


def test_one_that_reads_nothing_of_its_visitor_is_frozen_too(door: Callable[..., Door]) -> None:
    page = "def static_params():\n    return 'ab'\n\n\nasync def get(n):\n    return f'page {n}'\n"
    assert door({"pages/a/[n].py": page}).get("/a/b/").text == "page b"


def test_what_it_raises_is_an_error_at_its_line(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    assert served({"pages/a.py": "async def get():\n    return None\n"}).get("/a/").status == 500
    assert "pages/a.py:1: `get()` returned None" in caplog.text


def test_its_parameters_are_checked(served: Callable[..., Served]) -> None:
    with pytest.raises(SiteError, match=r"pages/a.py:1: `get\(\)` wants `x`"):
        served({"pages/a.py": "async def get(x):\n    return ''\n"})


def test_hooks_may_be_asynchronous(served: Callable[..., Served]) -> None:
    hooks = """
        from engine import abort, g

        async def before_request():
            g.word = "set"

        async def after_request(response):
            response.headers["X-Word"] = g.word
            return response
        """
    answer = served({"pages/_hooks.py": hooks, "pages/index.md": "Home"}).get("/")
    assert answer.headers["X-Word"] == "set"


def test_what_a_request_hands_on_may_be_asynchronous(served: Callable[..., Served]) -> None:
    page = """
        from threading import Thread
        from engine import after_this_request, copy_current_request_context, request, teardown_this_request

        freeze = False
        DONE = []

        def get():
            @after_this_request
            async def say(response):
                response.headers["X-Word"] = request.args["word"]

            @copy_current_request_context
            async def note():
                DONE.append(request.args["word"])

            @teardown_this_request
            async def end(exception):
                DONE.append("end of " + request.args["word"])

            thread = Thread(target=note)
            thread.start()
            thread.join()
            return DONE
        """
    door = served({"pages/a.py": page})
    answer = door.get("/a/?word=x")
    assert (answer.headers["X-Word"], answer.text) == ("x", '["x"]')
    assert door.get("/a/?word=y").text == '["x","end of x","y"]'


def test_a_receiver_of_a_signal_may_be_asynchronous(served: Callable[..., Served]) -> None:
    door, heard = served({"pages/a.py": "freeze = False\n\n\ndef get():\n    return ''\n"}), []

    async def hear(sender: object, response: Response) -> None:
        heard.append((sender, response.status_code, request.path))

    with request_finished.connected_to(hear):
        assert door.get("/a/").status == 200
    assert heard == [(door.app, 200, "/a/")]


def test_an_asynchronous_generator_is_streamed(door: Callable[..., Door]) -> None:
    rows = """
        import asyncio

        async def rows():
            for number in range(3):
                await asyncio.sleep(0)
                yield f"{number} "

        def get():
            return rows()
        """
    assert door({"pages/a.py": rows}).get("/a/").text == "0 1 2 "


@pytest.mark.parametrize(
    ("decorator", "made"), [("@stream_with_context", "rows()"), ("", "stream_with_context(rows())")]
)
@pytest.mark.parametrize("kind", ["def", "async def"])
def test_an_asynchronous_generator_sees_its_request_where_it_is_to(
    served: Callable[..., Served], decorator: str, made: str, kind: str
) -> None:
    page = f"""
        from engine import request, stream_with_context

        freeze = False

        {decorator}
        async def rows():
            for letter in "ab":
                yield letter + request.args["word"]

        {kind} get():
            return {made}
        """
    assert served({"pages/a.py": page}).get("/a/?word=x").text == "axbx"


def test_a_coroutine_that_nobody_awaited_is_told(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    code = "async def word():\n    return ''\n\n\ndef get():\n    return word()\n"
    assert served({"pages/a.py": code}).get("/a/").status == 500
    assert "`get()` returned a coroutine. Await it in an `async def`." in caplog.text


def test_models_become_json_as_they_say(door: Callable[..., Door]) -> None:
    models = """
        from datetime import date
        from pydantic import BaseModel, Field

        class Loaf(BaseModel):
            baked: date
            weight: int = Field(serialization_alias="grams")

        def get():
            loaf = Loaf(baked=date(2026, 1, 2), weight=500)
            return {"best": loaf, "all": [loaf]} if MANY else loaf
        """
    one = '{"baked":"2026-01-02","weight":500}'
    for many, expected in ((False, one), (True, f'{{"best":{one},"all":[{one}]}}')):
        opened = door({"pages/a.json.py": f"MANY = {many}\n" + textwrap.dedent(models)})
        assert opened.get("/a.json").text == expected
