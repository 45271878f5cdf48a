"""The client that asks an app in tests: Werkzeug's, with the site's address, its session, and the last request kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import Token
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers
from werkzeug.test import Client as PlainClient
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request as PlainRequest

from engine.config import Config
from engine.http import json
from engine.http.conditional import Environ
from engine.http.context import KEEP, THROW, AppLike, Context, SiteContext, current
from engine.http.response import Response
from engine.http.session import Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class Asked(AppLike, Protocol):
    """What the client needs of the application."""

    @property
    def config(self) -> Config: ...

    def context_of(self, environ: Environ) -> Context:
        """The context of a request that is not answered."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]: ...


class _Builder(EnvironBuilder):
    """Writes what `json=` holds as the site itself would."""

    json_dumps = staticmethod(lambda value, **options: json.dumps(value))  # type: ignore[assignment]


def make_environ(app: Asked, path: str = "/", base_url: str | None = None, **options: Any) -> Environ:
    """The environ of a request for `path`, which is one of the site, with its prefix or without, or a whole URL.

    `options` are those of Werkzeug's `EnvironBuilder`: `method`, `data`, `json`, `headers`, `query_string`, ….
    """
    origin, path = _split(path)
    if base_url is None:
        prefix = app.config.base_path
        end = path[len(prefix) : len(prefix) + 1]
        path = path.removeprefix(prefix) if end in ("", "/", "?", "#") else path
        base_url = (origin or _origin(app.config)) + prefix
    options["environ_base"] = {"REMOTE_ADDR": "127.0.0.1", **(options.get("environ_base") or {})}
    token = current.set(SiteContext(app))  # by which its way of writing JSON is found
    try:
        builder = _Builder(path or "/", base_url, **options)
    finally:
        current.reset(token)
    try:
        return builder.get_environ()
    finally:
        builder.close()


def _split(path: str) -> tuple[str, str]:
    """The origin of a URL, and the rest; none for a path."""
    if "://" not in path.partition("?")[0]:
        return "", path if path[:1] in ("", "/", "?") else f"/{path}"  # as Flask's client does
    parts = urlsplit(path)
    return f"{parts.scheme}://{parts.netloc}", parts._replace(scheme="", netloc="").geturl()


def _origin(config: Config) -> str:
    """An address that the site answers at. It is one of HTTPS, as the cookie of the session wants it."""
    host = config.trusted_hosts[0] if config.trusted_hosts else config.session.domain
    return f"https://{host.lstrip('.') or 'localhost'}"


class Client(PlainClient):
    """Asks an app as a browser does that keeps cookies. `get`, `post` and so on are those of Werkzeug's client.

    In a `with` block the last request stays the current one, so that `request`, `session` and `g` can be looked at.
    What a page raises is raised here, unless `propagate` is false: then it is answered as to a visitor. What stands in
    `environ_base` is in the environ of every request.
    """

    application: Asked

    def __init__(self, app: Asked, *, propagate: bool = True, use_cookies: bool = True) -> None:
        super().__init__(app, use_cookies=use_cookies)
        self.propagate = propagate
        self.environ_base: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1"}
        self._is_open = False
        self._token: Token[Context] | None = None

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **options: Any
    ) -> TestResponse:
        """Ask, and give the answer. The arguments are those of Werkzeug's client."""
        if not (args and isinstance(args[0], (EnvironBuilder, PlainRequest, dict))):
            options["environ_base"] = {**self.environ_base, **(options.get("environ_base") or {})}
            args, options = (PlainRequest(make_environ(self.application, *args, **options)),), {}
        return super().open(*args, buffered=buffered, follow_redirects=follow_redirects, **options)

    def run_wsgi_app(self, environ: Environ, buffered: bool = False) -> tuple[Iterable[bytes], str, Headers]:
        """Ask the app, and keep the request where that is wanted."""
        seen: list[Context] = []
        self._leave()
        asked = {**environ, THROW: self.propagate}
        if self._is_open:
            asked[KEEP] = seen.append
        answer = super().run_wsgi_app(asked, buffered)
        if self._is_open:
            # A kept answer has no context, nor has a redirect to the one spelling of a URL.
            self._token = current.set(seen[0] if seen else self.application.context_of(asked))
        return answer

    @contextmanager
    def session_transaction(self, path: str = "/", **options: Any) -> Iterator[Session]:
        """The session of this client, to be read and changed. It is saved at the end of the block.

        `options` are those of a request, for a site whose session depends on it. Raises `EngineError` where the site
        has no secret key, and `TypeError` for a client that keeps no cookies.
        """
        if self._cookies is None:
            raise TypeError(
                "this client keeps no cookies, and so no session: make it without `use_cookies=False`"
            )
        environ = make_environ(self.application, path, **options)
        self._add_cookies_to_wsgi(environ)
        store = self.application.session_store
        session = store.load(environ)
        yield session
        response = Response()
        store.save(session, response)
        host = urlsplit(f"//{environ['HTTP_HOST']}").hostname or "localhost"
        self._update_cookies_from_response(host, path, response.headers.getlist("Set-Cookie"))

    def __enter__(self) -> Self:
        if self._is_open:
            raise RuntimeError("This client is in a `with` block already.")
        self._is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        self._leave()

    def _leave(self) -> None:
        """Let the last request no longer be the current one."""
        if self._token is not None:
            current.get().close()  # of what was done in the block
            current.reset(self._token)
            self._token = None
