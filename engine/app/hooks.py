"""Calls the hooks on the way to a view, root first."""

from __future__ import annotations

import logging

from engine.http.media_types import HTML
from engine.http.response import Origin, Response, to_response
from engine.views.hooks import Hooks

log = logging.getLogger("engine")


def before(hooks: Hooks, root: str) -> Response | None:
    """The answer of the first `before_request` that gives one, which ends the request. Raises what a hook raises."""
    for hook in hooks.before_request:
        if (value := hook()) is not None:
            return to_response(value, Origin.of(hook, root), HTML)
    return None


def after(hooks: Hooks, response: Response, root: str) -> Response:
    """The response after each `after_request` had it. Raises what a hook raises."""
    for hook in hooks.after_request:
        response = to_response(hook(response), Origin.of(hook, root), HTML)
    return response


def teardown(hooks: Hooks, failure: BaseException | None) -> None:
    """Call every `teardown_request`; one that fails is logged and keeps no other from running."""
    for hook in hooks.teardown_request:
        try:
            hook(failure)
        except Exception:
            log.exception("teardown_request failed")
