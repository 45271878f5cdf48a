"""Bodies that are made while they are sent, and threads, in the context of their request."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import Client

from doors import Door, Served
from engine import SiteError

ROWS = """
from engine import g, request, stream_with_context

freeze = False

def rows():
    for number in range(3):
        yield f"{number} {request.args['word']} {g.word}\\n"

def get():
    g.word = "global"
    return stream_with_context(rows())
"""


def test_a_stream_sees_its_request(served: Callable[..., Served]) -> None:
    lines = served({"pages/a.txt.py": ROWS}).get("/a.txt?word=x").text.splitlines()
    assert lines == ["0 x global", "1 x global", "2 x global"]


def test_a_stream_without_it_does_not(served: Callable[..., Served]) -> None:
    bare = ROWS.replace("return stream_with_context(rows())", "return rows()")
    with pytest.raises(Exception, match="`request` was used while no request is handled"):
        served({"pages/a.txt.py": bare}).get("/a.txt?word=x")


def test_it_decorates_a_generator_function_too(served: Callable[..., Served]) -> None:
    text = ROWS.replace("def rows", "@stream_with_context\ndef rows").replace(
        "return stream_with_context(rows())", "return rows()"
    )
    assert served({"pages/a.txt.py": text}).get("/a.txt?word=x").text.startswith("0 x global")


def test_two_streams_at_once_keep_apart(served: Callable[..., Served]) -> None:
    client = Client(served({"pages/a.txt.py": ROWS}).app)
    answers = [client.get(f"/a.txt?word={word}", buffered=False) for word in "xy"]
    chunks = list(zip(*(answer.response for answer in answers), strict=True))
    assert chunks[1] == (b"1 x global\n", b"1 y global\n")


STREAMS = "from engine import stream_template, stream_template_string\n\n\ndef get():\n    return {}\n"
HOOKS = """
from engine import g

def teardown_request(exception):
    g.done.append("torn down")
"""
LATE = """
from engine import g, stream_with_context

freeze = False
done = []

def get():
    g.done = done
    def rows():
        try:
            yield "a"
            yield "b"
        finally:
            done.append("ended")
    return stream_with_context(rows())
"""


@pytest.mark.parametrize("read", [0, 1, 2])
def test_teardown_waits_for_the_end_of_the_body(served: Callable[..., Served], read: int) -> None:
    app = served({"pages/_hooks.py": HOOKS, "pages/a.py": LATE}).app
    done = app.site.modules.by_path["pages/a.py"].done
    answer = Client(app).get("/a/", buffered=False)
    body = iter(answer.response)
    for _ in range(read):
        next(body)
    assert done == []
    answer.close()
    assert done[-1:] == ["torn down"]
    assert done[:-1] in ([], ["ended"])


def test_a_body_that_is_read_to_its_end_is_over_also_where_nobody_closes_it(
    served: Callable[..., Served],
) -> None:
    app = served({"pages/_hooks.py": HOOKS, "pages/a.py": LATE}).app
    done = app.site.modules.by_path["pages/a.py"].done
    answer = Client(app).get("/a/", buffered=False)
    assert list(answer.response) == [b"a", b"b"]
    assert done == ["ended", "torn down"]
    answer.close()
    assert done == ["ended", "torn down"]


def test_a_body_that_fails_is_over_with_its_error_also_where_nobody_closes_it(
    served: Callable[..., Served],
) -> None:
    hooks = "done = []\n\ndef teardown_request(exception):\n    done.append(exception)\n"
    page = """
        from engine import stream_with_context

        @stream_with_context
        def words():
            yield "a"
            raise LookupError("no more words")

        def get():
            return words()
    """
    app = served({"pages/_hooks.py": hooks, "pages/a.py": page}).app
    answer = app.test_client().get("/a/", buffered=False)
    with pytest.raises(LookupError) as raised:
        list(answer.response)
    assert app.site.modules.by_path["pages/_hooks.py"].done == [raised.value]
    answer.close()
    assert len(app.site.modules.by_path["pages/_hooks.py"].done) == 1


@pytest.mark.parametrize("made", ["stream_with_context('ab')", "event_stream('ab')"])
@pytest.mark.parametrize("then", ["return body", "raise OSError", "return 'something else'"])
def test_teardown_does_not_wait_for_a_body_that_is_not_sent(
    served: Callable[..., Served], made: str, then: str
) -> None:
    hooks = """
        done = []

        def after_request(response):
            return "replaced"

        def teardown_request(exception):
            done.append("torn down")
    """
    page = f"""
        from engine import event_stream, stream_with_context

        def get():
            body = {made}
            {then}
    """
    door = served({"pages/_hooks.py": hooks, "pages/a.py": page})
    assert door.get("/a/").text == "replaced"
    assert door.app.site.modules.by_path["pages/_hooks.py"].done == ["torn down"]


def test_a_template_is_sent_while_it_is_filled(door: Callable[..., Door]) -> None:
    files = {
        "pages/a.py": STREAMS.format("stream_template('rows.html', n=3)"),
        "templates/rows.html": "{% for i in range(n) %}<p>{{ i }}{% if request %}{% endif %}{% endfor %}",
    }
    assert door(files).get("/a/").text == "<p>0<p>1<p>2"


def test_the_text_of_a_template_is_too(served: Callable[..., Served]) -> None:
    code = STREAMS.format("stream_template_string('{{ x }} & y', x='<')")
    assert served({"pages/a.py": code}).get("/a/").text == "&lt; & y"


def test_a_template_that_fails_in_the_middle_names_its_line(served: Callable[..., Served]) -> None:
    files = {
        "pages/a.py": STREAMS.format("stream_template('rows.html')"),
        "templates/rows.html": "begun\n{{ nothing.at.all }}",
    }
    with pytest.raises(SiteError, match=r"templates/rows.html:2: "):
        served(files).get("/a/")


THREAD = """
from threading import Thread
from engine import copy_current_request_context, request

freeze = False

def get():
    found = []
    note = copy_current_request_context(lambda: found.append(request.args["word"]))
    threads = [Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return " ".join(found)
"""


def test_a_thread_sees_the_request_by_a_copy_of_its_context(served: Callable[..., Served]) -> None:
    assert served({"pages/a.py": THREAD}).get("/a/?word=x").text == "x x x x"


SENDS = """
from io import BytesIO
from engine import send_file

def get():
    return send_file({})
"""


@pytest.mark.parametrize(
    ("arguments", "type", "disposition"),
    [
        ("'data/a.csv'", "text/csv; charset=utf-8", ""),
        ("BytesIO(b'a,b'), 'text/csv'", "text/csv; charset=utf-8", ""),
        ("BytesIO(b'a,b'), download_name='b.csv'", "text/csv; charset=utf-8", ""),
        ("'data/a.csv', as_attachment=True", "text/csv; charset=utf-8", "attachment; filename=a.csv"),
        ("'data/a.csv', None, True, 'b.csv'", "text/csv; charset=utf-8", "attachment; filename=b.csv"),
        (
            "'data/a.csv', as_attachment=True, download_name='\u00fc.csv'",
            "text/csv; charset=utf-8",
            "filename*=UTF-8''%C3%BC.csv",
        ),
    ],
)
def test_a_handler_sends_a_file_or_what_it_made(
    door: Callable[..., Door], arguments: str, type: str, disposition: str
) -> None:
    opened = door({"data/a.csv": "a,b", "pages/out.csv.py": SENDS.format(arguments)})
    answer = opened.get("/out.csv")
    assert (answer.text, answer.type) == ("a,b", type)
    if opened.name == "served":
        assert disposition in answer.headers.get("Content-Disposition", "")


def test_a_file_that_is_not_there_is_404(served: Callable[..., Served]) -> None:
    assert served({"pages/a.csv.py": SENDS.format("'data/no.csv'")}).get("/a.csv").status == 404


def test_a_sent_file_answers_conditions_and_ranges(served: Callable[..., Served]) -> None:
    opened = served({"data/a.csv": "a,b", "pages/a.csv.py": SENDS.format("'data/a.csv'")})
    etag = opened.get("/a.csv").headers["ETag"]
    assert opened.get("/a.csv", headers={"If-None-Match": etag}).status == 304
    part = opened.get("/a.csv", headers={"Range": "bytes=0-0"})
    assert (part.status, part.text) == (206, "a")


@pytest.mark.parametrize(
    ("more", "tag"),
    [("", True), (", etag='own'", "own"), (", etag=False", False), (", conditional=False", True)],
)
def test_what_identifies_a_sent_file_can_be_said(
    served: Callable[..., Served], more: str, tag: bool | str
) -> None:
    made = f"'data/a.csv'{more}"
    client = Client(served({"data/a.csv": "a,b", "pages/out.csv.py": SENDS.format(made)}).app)
    with client.get("/out.csv") as answer:
        found = answer.headers.get("ETag", "")
    assert bool(found) is bool(tag) and (tag is True or str(tag or "") in found)
    with client.get("/out.csv", headers={"If-None-Match": found or '"x"'}) as answer:
        assert answer.status_code == (200 if "conditional" in more or not found else 304)


@pytest.mark.parametrize("body", ["stream_with_context(rows())", "event_stream(rows())"])
def test_a_stream_that_may_read_the_session_varies_by_cookie(
    served: Callable[..., Served], body: str
) -> None:
    page = f"""
        from engine import event_stream, session, stream_with_context

        freeze = False

        def rows():
            yield session.get("name", "stranger")

        def get():
            return {body}
        """
    assert served({"pages/a.py": page}, secret_key="x").get("/a/").headers["Vary"] == "Cookie"
    stranger = page.replace('session.get("name", "stranger")', '"anybody"')
    assert "Vary" not in served({"pages/a.py": stranger}).get("/a/").headers
