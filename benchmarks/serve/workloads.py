"""What is asked of every framework, and what a right answer is. An answer is checked before it is timed."""

from __future__ import annotations

import io
import json
import random
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from wsgiref.util import FileWrapper

Environ = dict[str, Any]
WSGI = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

FORM = b"name=Ada+Lovelace&email=ada%40example.org&message=Hello%2C+how+are+you+today%3F"
POST = {
    "title": "A loaf of rye",
    "tags": ["rye", "dark"],
    "score": 4.5,
    "author": {"name": "Ada", "email": "ada@example.org"},
}
SAMPLE = 2000
"""Addresses asked in turn where many routes are measured."""

BASE: Environ = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.file_wrapper": FileWrapper,
    "wsgi.input_terminated": True,
    # Twelve headers, as a browser sends them.
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_CACHE_CONTROL": "max-age=0",
    "HTTP_UPGRADE_INSECURE_REQUESTS": "1",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    "HTTP_REFERER": "http://127.0.0.1:8000/",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br, zstd",
    "HTTP_ACCEPT_LANGUAGE": "en-GB,en;q=0.9,de;q=0.7",
    "HTTP_COOKIE": "theme=dark; seen=1",
    "HTTP_SEC_FETCH_MODE": "navigate",
    "HTTP_SEC_FETCH_SITE": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Workload:
    """One request. `path` without its last slash: each framework adds what its documentation writes."""

    path: str
    status: str = "200"
    type: str = "text/html"
    right: Callable[[bytes], bool] = field(default=bool)
    method: str = "GET"
    body: bytes = b""
    sends: str = "application/x-www-form-urlencoded"


def user(id: int) -> dict[str, object]:
    """What `/users/<id>` answers as JSON; the site's `pages/users/[id=int].py` says the same."""
    return {"id": id, "name": f"user{id}", "email": f"user{id}@example.org", "active": True}


WORKLOADS = {
    "hello": Workload("/hello", right=lambda body: body == b"<h1>Hello, World!</h1>"),
    "param": Workload("/users/42", type="application/json", right=lambda body: json.loads(body) == user(42)),
    "template": Workload(
        "/table", right=lambda body: body.count(b"<tr class=") == 20 and b"Item &lt;19&gt; &amp; co" in body
    ),
    "cached": Workload(
        "/kept", right=lambda body: body.count(b"<tr class=") == 20 and b"Item &lt;19&gt; &amp; co" in body
    ),
    "page": Workload(
        "/guide", right=lambda body: b"<h2" in body and body.count(b"<p>") > 5 and b"<title>" in body
    ),
    "asset-200": Workload("/assets/site.css", type="text/css", right=lambda body: len(body) == 8192),
    "asset-304": Workload("/assets/site.css", status="304", type="", right=lambda body: body == b""),
    "404": Workload("/no/such/page", status="404", type="", right=lambda body: True),
    "form": Workload(
        "/form", method="POST", body=FORM, right=lambda body: b"Ada Lovelace ada@example.org" in body
    ),
    "api": Workload(
        "/posts",
        status="201",
        type="application/json",
        method="POST",
        body=json.dumps(POST).encode(),
        sends="application/json",
        right=lambda body: json.loads(body) == {"id": 1, **POST},
    ),
}


def environ(
    path: str, method: str = "GET", body: bytes = b"", sends: str = "application/x-www-form-urlencoded"
) -> Environ:
    made = {**BASE, "PATH_INFO": path, "RAW_URI": path, "REQUEST_METHOD": method}
    if method == "POST":
        made["CONTENT_TYPE"] = sends
        made["CONTENT_LENGTH"] = str(len(body))
        made["HTTP_ORIGIN"] = "http://127.0.0.1:8000"
    return made


def call(app: WSGI, env: Environ, body: bytes = b"") -> Answer:
    """One request with its answer kept: for checking, not for timing."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> None:
        started[:] = [status, list(headers)]

    parts = app({**env, "wsgi.input": io.BytesIO(body)}, start_response)
    data = b"".join(parts)
    if close := getattr(parts, "close", None):
        close()
    return Answer(started[0], started[1], data)


def checked(app: WSGI, name: str, slash: str) -> tuple[Environ, Answer]:
    """The environ that the workload sends, once the answer to it has been found right."""
    workload = WORKLOADS[name]
    path = workload.path + ("" if name in ("asset-200", "asset-304", "404") else slash)
    env = environ(path, workload.method, workload.body, workload.sends)
    if name == "asset-304":
        first = call(app, env)
        env["HTTP_IF_NONE_MATCH"] = first.header("etag")
        env["HTTP_IF_MODIFIED_SINCE"] = first.header("last-modified")
    if name == "form":
        env["HTTP_COOKIE"] += "; " + _session(app, env)
    if name == "api":
        _refusal(app, env)
    answer = call(app, env, workload.body)
    if not (
        answer.status.startswith(workload.status)
        and answer.header("content-type").startswith(workload.type)
        and workload.right(answer.body)
    ):
        raise SystemExit(
            f"{name} {path}: wrong answer {answer.status} {answer.headers} {answer.body[:300]!r}"
        )
    return env, answer


def _session(app: WSGI, env: Environ) -> str:
    """The cookie of a first visit; the second must be counted, and one with a changed letter must not."""
    cookie = call(app, env, FORM).header("set-cookie").split(";")[0]
    wrong = cookie[:-6] + ("A" if cookie[-6] != "A" else "B") + cookie[-5:]
    for sent, visit in ((cookie, b"visit 2"), (wrong, b"visit 1")):
        body = call(app, {**env, "HTTP_COOKIE": f"{env['HTTP_COOKIE']}; {sent}"}, FORM).body
        if visit not in body:
            raise SystemExit(f"form: {sent} should make {visit!r}: {body[:300]!r}")
    return cookie


def _refusal(app: WSGI, env: Environ) -> None:
    """A title that is no text must be refused, by its name."""
    wrong = json.dumps({**POST, "title": 5}).encode()
    answer = call(app, {**env, "CONTENT_LENGTH": str(len(wrong))}, wrong)
    if not answer.status.startswith("422") or b"title" not in answer.body:
        raise SystemExit(f"api: {answer.status} for what does not fit: {answer.body[:300]!r}")


def routes(count: int) -> list[tuple[bool, str]]:
    """`count` routes, half of them static, half `<path>/<slug>/<int:id>`: pairs of (has parameters, path)."""
    static = [(False, f"/docs/section-{i % 50}/page-{i}") for i in range(count // 2)]
    return static + [(True, f"/c{i}") for i in range(count - count // 2)]


def addresses(count: int, slash: str) -> list[str]:
    """A random sample of addresses that these routes answer, the same in every process."""
    chance = random.Random(count)
    sample = chance.choices(routes(count), k=SAMPLE)
    return [path + (_tail(chance) if has_parameters else "") + slash for has_parameters, path in sample]


def _tail(chance: random.Random) -> str:
    return f"/slug-{chance.randrange(10**6)}/{chance.randrange(10**6)}"
