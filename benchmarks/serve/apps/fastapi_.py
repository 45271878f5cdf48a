"""FastAPI as its documentation writes it, asked by ASGI: one event loop for all requests, no socket, no thread."""

import asyncio
import time

from fastapi import FastAPI
from posts import NewPost, Post

SLASH = ""


class InProcess:
    """An ASGI application that is checked as a WSGI one is, and timed by a loop of its own kind."""

    def __init__(self, app):
        self.app = app

    def __call__(self, env, start_response):
        sent = []
        asyncio.run(self._ask(scope_of(env), env["wsgi.input"].read(), sent.append))
        head, *rest = sent
        headers = [(name.decode(), value.decode()) for name, value in head["headers"]]
        start_response(str(head["status"]), headers)
        return [part.get("body", b"") for part in rest]

    async def _ask(self, scope, body, take):
        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            take(message)

        await self.app(scope, receive, send)

    def loop(self, like, paths, body, count):
        """Seconds for `count` requests, each with a fresh scope, its answer read and thrown away."""
        return asyncio.run(self._loop(scope_of({**like, "PATH_INFO": paths[0]}), body, count))

    async def _loop(self, like, body, count):
        async def receive():
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message):
            pass

        app = self.app
        start = time.perf_counter()
        for _ in range(count):
            await app({**like, "headers": like["headers"][:]}, receive, send)
        return time.perf_counter() - start


def scope_of(env):
    """The scope that an ASGI server makes of what a WSGI server makes this environ of."""
    named = {name[5:]: value for name, value in env.items() if name.startswith("HTTP_")}
    named |= {name: env[name] for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if name in env}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": env["REQUEST_METHOD"],
        "scheme": "http",
        "path": env["PATH_INFO"],
        "raw_path": env["PATH_INFO"].encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [
            (name.lower().replace("_", "-").encode(), str(it).encode()) for name, it in named.items()
        ],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }


def create(variant):
    app = FastAPI()

    @app.post("/posts", status_code=201)
    async def post(body: NewPost) -> Post:
        return Post(id=1, **body.model_dump())

    return InProcess(app)
