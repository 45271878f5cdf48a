"""One site behind every server: each visitor gets the same answers, whoever carries them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.validate import validator

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from commands import Process, command
from doors import Answer, write_site
from engine import create_app
from hosts_tools import free_port

KEY = "only for tests"
PYTHON = sys.executable
LARGE = bytes(range(256)) * 12_000  # three megabytes: sent from the disk

SITE = {
    "site.toml": 'title = "Everywhere"\n',
    "pages/index.md": "# Hello\n\nWörld\n",
    "pages/größe.md": "Not ASCII\n",
    "pages/users/[id=int].py": "def get(id):\n    return {'id': id}\n",
    "pages/any/[...path].py": "def get(path):\n    return repr(path)\n",
    "pages/count.py": """
        from engine import request, session

        def post():
            session["n"] = session.get("n", 0) + int(request.form["by"])
            return str(session["n"])

        def get():
            return str(session.get("n", 0))
        """,
    "pages/echo.py": """
        def post(request):
            return request.get_data(), 201, {"X-Type": request.content_type}
        """,
    "pages/json.py": "def post(request):\n    return request.get_json()\n",
    "pages/upload.py": """
        def post(request):
            file = request.files["f"]
            size = len(file.read())
            file.close()
            return f"{file.filename} {size}"
        """,
    "pages/stream.py": "def get():\n    return (f'row {n}\\n' for n in range(2000))\n",
    "pages/nothing.py": "def get():\n    return '', 204\n",
    "pages/fails.py": "def get():\n    raise RuntimeError('on purpose')\n",
    "pages/file.py": """
        from pathlib import Path

        def get():
            return Path(__file__).parents[1] / "static" / "large.bin"
        """,
    "pages/where.py": """
        def get(request):
            return {"query": request.query_string.decode(), "method": request.method}
        """,
    "static/style.css": "p { color: red }\n",
    "static/large.bin": LARGE,
}

MATTER = (
    *("Content-Type", "Content-Length", "Content-Range", "Accept-Ranges", "ETag", "Last-Modified"),
    *("Cache-Control", "Location", "Vary", "Allow", "X-Type"),
)
Ask = Callable[..., Answer]


GUNICORN = ("-m", "gunicorn", "engine.wsgi:app", "--bind", "127.0.0.1:{port}", "--workers", "2")
SERVERS = {
    "gunicorn sync": (PYTHON, *GUNICORN, "--worker-class", "sync"),
    "gunicorn gthread": (PYTHON, *GUNICORN, "--worker-class", "gthread", "--threads", "4"),
    "waitress": (PYTHON, "-m", "waitress", "--listen", "127.0.0.1:{port}", "engine.wsgi:app"),
    "granian": (PYTHON, "-m", "granian", "--interface", "wsgi", "--port", "{port}", "engine.wsgi:app"),
    "engine serve": tuple(command("serve", "--port", "{port}", "--workers", "2", "{site}")),
    "engine dev": tuple(command("dev", "--port", "{port}", "{site}")),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("everywhere"), SITE)


@dataclass(frozen=True)
class InProcess:
    """The application called by the test; where `strict`, `wsgiref` checks every call (PEP 3333)."""

    app: Any
    strict: bool = False

    def ask(self, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        builder = EnvironBuilder(method=method, headers=named, input_stream=io.BytesIO(body or b""))
        environ = builder.get_environ()
        # As servers do it: the path decoded to bytes, each of which is a character.
        raw, _, environ["QUERY_STRING"] = path.partition("?")
        environ["PATH_INFO"] = unquote_to_bytes(raw).decode("latin-1")
        if body is not None:
            environ["CONTENT_LENGTH"] = str(len(body))
        else:
            environ.pop("CONTENT_LENGTH", None)
        app = validator(self.app) if self.strict else self.app
        parts, status, answered = run_wsgi_app(app, environ, buffered=True)
        return Answer(int(status[:3]), b"".join(parts), answered)  # type: ignore[arg-type]


SLOW = [pytest.param(name, marks=pytest.mark.long) for name in SERVERS if name != "engine serve"]


@pytest.fixture(scope="module", params=["wsgiref", "engine serve", *SLOW])
def ask(request: pytest.FixtureRequest, root: Path) -> Iterator[Ask]:
    """Asks the site behind one server."""
    if request.param == "wsgiref":
        yield InProcess(create_app(root, secret_key=KEY), strict=True).ask
        return
    port = free_port()
    with ExitStack() as stack:
        arguments = [part.format(port=port, site=root) for part in SERVERS[request.param]]
        process = stack.enter_context(Process(arguments, ENGINE_SITE=str(root), ENGINE_SECRET_KEY=KEY))
        process.port = port
        yield partial(process.answering().ask)


@pytest.fixture(scope="module")
def plain(root: Path) -> Ask:
    """Asks the application itself: what every server must answer."""
    return InProcess(create_app(root, secret_key=KEY)).ask


RANGE = {"Range": "bytes=10-29"}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", "/", {}, None),
        ("HEAD", "/", {}, None),
        ("OPTIONS", "/", {}, None),
        ("POST", "/users/7/", {}, b"x"),
        ("GET", "/gr%C3%B6%C3%9Fe/", {}, None),
        ("GET", "/gr%C3%B6%C3%9Fe?a=1&b=%C3%B6", {}, None),
        ("GET", "/users/7/", {}, None),
        ("GET", "/users/7", {}, None),
        ("GET", "/users/x/", {}, None),
        ("GET", "/any/a%2Fb/c%20d/", {}, None),
        ("GET", "/any/", {}, None),
        ("GET", "/missing/", {}, None),
        ("GET", "/%FF%FE/", {}, None),
        ("GET", "/%00/", {}, None),
        ("GET", "/..%2f..%2fetc/passwd", {}, None),
        ("GET", "/style.css", {}, None),
        ("HEAD", "/style.css", {}, None),
        ("GET", "/style.css", {"Range": "bytes=0-3"}, None),
        ("GET", "/style.css", {"Range": "bytes=-5"}, None),
        ("GET", "/style.css", {"Range": "bytes=900-"}, None),
        ("GET", "/large.bin", {}, None),
        ("HEAD", "/large.bin", {}, None),
        ("GET", "/large.bin", {"Range": "bytes=1000000-1000099"}, None),
        ("GET", "/large.bin", {"Range": "bytes=-100"}, None),
        ("GET", "/file/", {}, None),
        ("GET", "/file/", {"Range": "bytes=5-9"}, None),
        ("HEAD", "/file/", {}, None),
        ("GET", "/stream/", {}, None),
        ("GET", "/nothing/", {}, None),
        ("GET", "/where/?q=a+b%20c&x", {}, None),
        ("PUT", "/count/", {}, b""),
        ("POST", "/echo/", {"Content_Type": "text/plain"}, b"\x00\xff bytes"),
        ("POST", "/echo/", {"Content_Type": "text/plain"}, b"x" * 300_000),
        ("POST", "/json/", {"Content_Type": "application/json"}, b'{"a": [1, null]}'),
        ("POST", "/json/", {"Content_Type": "application/json"}, b"{"),
        ("POST", "/count/", FORM, b"by=2"),
        (
            "POST",
            "/upload/",
            {"Content_Type": "multipart/form-data; boundary=B"},
            b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\n12345\r\n--B--\r\n',
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_every_server_gives_the_same_answer(
    request: pytest.FixtureRequest,
    ask: Ask,
    plain: Ask,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
) -> None:
    expected = plain(path, method, body, **headers)
    got = ask(path, method, body, **headers)
    shown = _without_script(got)
    assert got.status == expected.status
    assert shown == (expected.body if method != "HEAD" else b"")
    for name in _comparable(request, expected):
        assert got.headers.get(name) == expected.headers.get(name), name


def _without_script(answer: Answer) -> bytes:
    """The body without what `engine dev` adds to it."""
    before, tag, after = answer.body.partition(b'<script src="/_engine/')
    return before + after.partition(b"</script>")[2] if tag else answer.body


def _comparable(request: pytest.FixtureRequest, expected: Answer) -> list[str]:
    names = [name for name in MATTER if name in expected.headers]
    if "engine dev" in request.node.name and expected.type.startswith("text/html"):
        # A page of a site under work is changed, and never kept.
        return [name for name in names if name not in ("Content-Length", "ETag", "Cache-Control")]
    return names


def test_a_visitor_who_has_the_page_is_told_so(ask: Ask) -> None:
    for path in ("/style.css", "/large.bin"):
        tag = ask(path).headers["ETag"]
        again = ask(path, If_None_Match=tag)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)


def test_a_session_is_kept_from_one_request_to_the_next(ask: Ask) -> None:
    cookie = ""
    for total in (3, 6, 9):
        answer = ask("/count/", "POST", b"by=3", Cookie=cookie, **FORM)
        assert answer.text == str(total)
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert ask("/count/", Cookie=cookie).text == "9"
    assert ask("/count/", Cookie=cookie[:-2]).text == "0", "a forged one is nobody's"


def test_a_failure_tells_the_visitor_nothing(request: pytest.FixtureRequest, ask: Ask) -> None:
    if "engine dev" in request.node.name:
        pytest.skip("its author is told all")
    answer = ask("/fails/")
    assert answer.status == 500
    assert "on purpose" not in answer.text
    assert "Traceback" not in answer.text
