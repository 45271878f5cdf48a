"""Answers with hooks and signals around the view, root first. What they raise gets an error page, as from a view."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

from engine.app.cached import CachedViews, is_for_cache
from engine.app.calls import Calls
from engine.app.endpoints import Endpoint
from engine.app.errors import Errors
from engine.errors import Fault, SiteError
from engine.http.context import THROW, AppLike, Context
from engine.http.media_types import HTML
from engine.http.origin import Origin
from engine.http.response import Response, to_response
from engine.signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    push,
    request_finished,
    request_started,
    request_tearing_down,
)
from engine.trace import Trace, collected
from engine.views.hooks import Hooks

log = logging.getLogger("engine")
OF_REQUESTS = (
    *(appcontext_pushed, request_started, request_finished),
    *(request_tearing_down, appcontext_tearing_down, appcontext_popped),
)
"""The signals that each request sends."""
RECEIVERS = tuple(signal.receivers for signal in OF_REQUESTS)  # a signal keeps its mapping for good
PUSHED, STARTED, FINISHED, TEARING_DOWN, LEAVING, POPPED = RECEIVERS
"""Who wants to hear of each: looked at before anything is called, as nearly always nobody does."""


def has_receivers() -> bool:
    """Whether a signal tells anybody of requests: what is called before or after each view, beside its hooks."""
    return any(RECEIVERS)


class SurroundedViews:
    """The views of an app with what is called before and after them. `root` is the directory of the site."""

    def __init__(self, app: AppLike, root: str, errors: Errors, calls: Calls, cached: CachedViews) -> None:
        self._app = app
        self._root = root
        self._errors = errors
        self._calls = calls
        self._cached = cached

    def answer(self, context: Context, endpoint: Endpoint) -> Response:
        """The answer, after all that is called around the view."""
        hooks = endpoint.plain_hooks if collected.get() is None else endpoint.hooks
        view = self._calls.view
        if cached := endpoint.cache is not None and is_for_cache(context):
            context.trace, view = Trace(self._root), self._cached.response
        answer: Response | None = None
        try:
            response = self._before(context, endpoint, hooks) or view(context, endpoint)
            if hooks.after_request:
                if context.after:
                    response = self._calls.after_this(context, endpoint, response)
                response = self._after(context, endpoint, hooks, response)
            if context.after or context.opened_session is not None:
                response = self._calls.finished(context, endpoint, response)
            if FINISHED:
                response = self._told(context, endpoint, response)
            if cached:
                response = self._cached.sealed(context, endpoint, response)
            answer = response
            return answer
        finally:
            if context.streams and (answer is None or not answer.is_streamed):
                context.streams = 0  # they were made, and something else is sent
            if context.streams:
                context.at_end(
                    partial(self._tear_down, context, hooks)
                )  # a function made here would slow all
            else:
                self._tear_down(context, hooks)

    def tear_down(self, context: Context, endpoint: Endpoint) -> None:
        """Call what is called at the end of a request, whatever has happened."""
        self._tear_down(context, endpoint.hooks)

    def _before(self, context: Context, endpoint: Endpoint, hooks: Hooks) -> Response | None:
        """The answer of the first `before_request` that gives one, which ends the request.

        Each `url_value_preprocessor` may change the parameters of the request before.
        """
        try:
            if PUSHED:
                push(self._app)
            if STARTED:
                request_started.send(self._app)
            if hooks.url_value_preprocessor:
                context.params = dict(context.params)
                for process in hooks.url_value_preprocessor:
                    process(endpoint.route, context.params)
            for hook in hooks.before_request:
                if (value := hook()) is not None:
                    return to_response(value, Origin.of(hook, self._root), HTML)
            return None
        except Exception as error:
            return self._errors.answer(context, endpoint, error)

    def _after(self, context: Context, endpoint: Endpoint, hooks: Hooks, response: Response) -> Response:
        """The response after each `after_request` had it."""
        try:
            for hook in hooks.after_request:
                value = hook(response)
                if type(value) is not Response:
                    value = self._of_after(value, Origin.of(hook, self._root))
                response = value
            return response
        except Exception as error:
            return self._errors.answer(context, endpoint, error)

    def _of_after(self, value: Any, origin: Origin) -> Response:
        """The response that an `after_request` means by `value`."""
        if value is None:
            what, hint = (
                f"`{origin.name}()` returned None",
                "Return the response that it was given, or another",
            )
            raise SiteError(Fault("handler-returned-none", origin.file, what, hint, origin.line))
        return to_response(value, origin, HTML)

    def _told(self, context: Context, endpoint: Endpoint, response: Response) -> Response:
        try:
            request_finished.send(self._app, response=response)
            return response
        except Exception as error:
            return self._errors.answer(context, endpoint, error)

    def _tear_down(self, context: Context, hooks: Hooks) -> None:
        """Call every `teardown_request`, and tell of the end. What fails is logged, and keeps no other from running.

        In a test the first failure is raised, unless the page has failed before.
        """
        failure = context.failure
        failed: list[Exception] | tuple[()] = ()
        for hook in hooks.teardown_request:
            try:
                hook(failure)
            except Exception as error:
                log.exception("teardown_request failed")
                failed = [*failed, error]
        if TEARING_DOWN or LEAVING or POPPED:
            failed = [*failed, *self._tell_end(failure)]
        if failed and failure is None and context.environ.get(THROW):
            raise failed[0]

    def _tell_end(self, failure: Exception | None) -> Iterator[Exception]:
        """Send the signals of the end of a request; gives what receivers raise."""
        exc = {"exc": failure}
        for signal, said in (
            (request_tearing_down, exc),
            (appcontext_tearing_down, exc),
            (appcontext_popped, {}),
        ):
            try:
                signal.send(self._app, **said)
            except Exception as error:
                log.exception("a receiver of %s failed", signal.name)
                yield error
