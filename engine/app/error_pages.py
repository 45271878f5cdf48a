"""Answers for errors: the nearest `error_handler`, else the nearest page of the status, else the built-in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException

from engine.app.endpoints import Endpoint
from engine.http.context import Context
from engine.http.media_types import HTML
from engine.http.response import Origin, Response, to_response
from engine.site import Site
from engine.views.handler import HandlerView
from engine.views.page import PageView

BUILT_IN = "engine/error.html"


class ErrorPages:
    """The error pages of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def respond(self, context: Context, endpoint: Endpoint, error: HTTPException) -> Response:
        """The answer to `error` of an endpoint."""
        context.error = error
        for handle in endpoint.hooks.error_handler:
            if (value := handle(error)) is not None:
                return to_response(value, Origin.of(handle, self._site.config.root), HTML)
        if error.response is not None:
            return to_response(error.response, Origin("", None, ""), HTML)
        response = self._page(context, endpoint.directory, error.code or 500)
        for name, value in error.get_headers(context.environ):
            if name.lower() not in ("content-type", "content-length"):
                response.headers[name] = value
        return response

    def _page(self, context: Context, directory: str, code: int) -> Response:
        view = self._site.error_view(directory, code)
        if isinstance(view, HandlerView):
            response = view(context, {})
            response.status_code = code
            return response
        variables = {**context.variables(), "params": {}}
        if isinstance(view, PageView):
            return view.respond(variables, code)
        return Response.quick(self._built_in(variables).encode(), HTML, code)

    def _built_in(self, variables: Mapping[str, Any]) -> str:
        return self._site.renderer.template(BUILT_IN, variables)
