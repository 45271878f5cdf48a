"""Calls the hooks on the way to a view, root first."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from engine.http.context import Context
from engine.http.media_types import HTML
from engine.http.response import Origin, Response, to_response
from engine.routing.route import Route
from engine.views.hooks import Hooks

log = logging.getLogger("engine")


def before(hooks: Hooks, context: Context, root: str) -> Response | None:
    """The answer of the first `before_request` that gives one, which ends the request. Raises what a hook raises.

    Each `url_value_preprocessor` may change the parameters of the request before.
    """
    if hooks.url_value_preprocessor:
        context.params = dict(context.params)
        for process in hooks.url_value_preprocessor:
            process(context.endpoint.route, context.params)
    for hook in hooks.before_request:
        if (value := hook()) is not None:
            return to_response(value, Origin.of(hook, root), HTML)
    return None


def after(hooks: Hooks, response: Response, root: str) -> Response:
    """The response after each `after_request` had it. Raises what a hook raises."""
    for hook in hooks.after_request:
        value = hook(response)
        response = value if type(value) is Response else to_response(value, Origin.of(hook, root), HTML)
    return response


def url_params(hooks: Hooks, route: Route, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters for a URL of `route`: those that are given, and what each `url_defaults` adds that it takes."""
    if not hooks.url_defaults:
        return given
    params = dict(given)
    for add in hooks.url_defaults:
        add(route.id, params)
    return {name: value for name, value in params.items() if name in given or name in route.param_names}


def teardown(hooks: Hooks, failure: BaseException | None) -> None:
    """Call every `teardown_request`; one that fails is logged and keeps no other from running."""
    for hook in hooks.teardown_request:
        try:
            hook(failure)
        except Exception:
            log.exception("teardown_request failed")
