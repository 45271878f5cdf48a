"""Pages that say `cache`: their kept answers, and the new ones of their views."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from engine.app.endpoints import Endpoint
from engine.cache.answers import Answers, Asked, Made, Make
from engine.cache.cover import UNKEPT, is_keepable, needs_of
from engine.cache.entry import Entry
from engine.config import Config
from engine.http.conditional import Environ
from engine.http.context import KEEP, THROW, AppLike, Context, current
from engine.http.outgoing import Defaults
from engine.http.prefix import without_prefix
from engine.http.ready import Ready
from engine.http.response import Response
from engine.trace import HANDED_ON, Seen, Trace

OF_ONE_REQUEST = frozenset(
    ["CONTENT_LENGTH", "CONTENT_TYPE", "engine.request_id", "werkzeug.request", KEEP, THROW]
)

log = logging.getLogger("engine")


class CachedViews:
    """The views of an app whose answers are kept. `view` calls one; `headers` are sent with every answer."""

    def __init__(
        self,
        app: AppLike,
        config: Config,
        answers: Answers,
        view: Callable[[Context, Endpoint], Response],
        headers: Defaults,
    ) -> None:
        self._app = app
        self._answers = answers
        self._view = view
        self._headers = headers
        self._root, self._base = config.root, config.base_path

    def fresh(self, environ: Environ, endpoint: Endpoint) -> Entry | None:
        """The kept answer to a request, if it can be sent without further ado."""
        assert endpoint.cache is not None
        return self._answers.fresh(environ, endpoint.route, endpoint.cache)

    def answer(self, context: Context, endpoint: Endpoint) -> Entry | Response:
        """The kept answer of a page, or a new one. What hooks did before is in the trace of the context."""
        before = None
        if context.trace is None:
            context.trace = Trace(self._root)
        else:
            before = context.trace.take()
            if endpoint.hooks.url_value_preprocessor:
                context.trace.touch(HANDED_ON)  # the parameters

        def make() -> Made:
            return self._made(context, endpoint, before)

        def aside() -> Make:
            environ, params = detached(context.environ), context.params
            return lambda: self._made_aside(environ, endpoint, params)

        assert endpoint.cache is not None
        path = without_prefix(context.environ["PATH_INFO"], self._base)
        asked = Asked(context.environ, path, endpoint.route, endpoint.cache, endpoint.guarded)
        return self._answers.answer(asked, make, aside if before is None else None)

    def response(self, context: Context, endpoint: Endpoint) -> Response:
        """The same as a response, for hooks to change. Afterwards it must be `sealed`."""
        answer = self.answer(context, endpoint)
        return answer if isinstance(answer, Response) else answer.whole()

    def sealed(self, context: Context, endpoint: Endpoint, response: Response) -> Response:
        """What hooks have left of a response, as it is sent.

        If they have looked at the visitor, or set a cookie, it is nobody else's, and is not told from another by a tag.
        """
        if "Age" not in response.headers or response.is_streamed:  # it is not one that was kept
            return response
        assert context.trace is not None
        assert endpoint.cache is not None
        if "Set-Cookie" in response.headers or needs_of(context.trace.take(), None, endpoint.cache) is None:
            response.headers.remove("ETag")
            response.headers.remove("Last-Modified")
            if not UNKEPT & {name.lower() for name in response.cache_control}:
                response.headers["Cache-Control"] = "private, no-cache"
            return response
        made = Ready.of(response).response(context.environ)
        made._on_close = response._on_close
        return made

    def _made(self, context: Context, endpoint: Endpoint, before: Seen | None) -> Made:
        """What the view answers, and what its key needs. `before` is what hooks have touched."""
        trace, rule = context.trace, endpoint.cache
        assert trace is not None
        assert rule is not None
        response = self._view(context, endpoint)
        for fault in trace.faults:
            log.warning("%s", fault)
        if not is_keepable(response, trace, rule):
            trace.take()
            return Made(response, None)
        needs = needs_of(trace.take(), before, rule)
        if needs is not None:
            response.add_defaults(self._headers)
        return Made(response, needs)

    def _made_aside(self, environ: Environ, endpoint: Endpoint, params: Mapping[str, Any]) -> Made:
        """What the view answers to a request that is over."""
        context = Context(self._app, environ, endpoint, params, Trace(self._root))
        token = current.set(context)
        try:
            return self._made(context, endpoint, None)
        finally:
            context.close()
            current.reset(token)


def is_for_cache(context: Context) -> bool:
    """Whether a kept answer may be the one to a request. One that is watched from outside is always made."""
    return context.environ["REQUEST_METHOD"] in ("GET", "HEAD") and context.trace is None


def detached(environ: Environ) -> Environ:
    """The environ of a GET for the same, which can be answered once the request is over."""
    kept = {name: value for name, value in environ.items() if name not in OF_ONE_REQUEST}
    return {**kept, "REQUEST_METHOD": "GET", "wsgi.input": BytesIO()}
