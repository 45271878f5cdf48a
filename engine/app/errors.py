"""Answers for errors: the nearest error handler, else problem details or the nearest page of the status."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, InternalServerError

from engine.app.endpoints import Endpoint
from engine.app.problems import problem, tell, wants_json
from engine.errors import SiteError
from engine.http.answers import last_resort
from engine.http.context import THROW, Context
from engine.http.media_types import HTML
from engine.http.origin import Origin
from engine.http.request import request_id
from engine.http.response import Response, to_response
from engine.signals import got_request_exception
from engine.site import Site
from engine.views.error_handlers import Handler
from engine.views.handler import HandlerView
from engine.views.page import PageView
from engine.views.view import View

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

BUILT_IN = "engine/error.html"

log = logging.getLogger("engine")


class Errors:
    """Answers for the errors of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def answer(self, context: Context, endpoint: Endpoint, error: Exception) -> Response:
        """The answer to what a view or a hook raised.

        What is no error of HTTP and has no handler is logged by a server, and raised by development.
        """
        if context.trace is not None:
            context.trace.failed = True
        spoken: list[Handler] = []
        if not isinstance(error, HTTPException):
            try:
                if (response := self._handled(context.environ, endpoint, error, spoken)) is not None:
                    return response
            except Exception as second:  # as a handler does that says abort(404)
                error = second
        if not isinstance(error, HTTPException):
            if not self._tell(context, endpoint, error):
                return last_resort(500, "Internal Server Error")
            error = InternalServerError(original_exception=error)
        try:
            response = self._of_http(context, endpoint, error, spoken)
            if context.failure is not None and context.environ:
                response.headers["X-Request-ID"] = request_id(context.environ)  # for who tells of it
            return response
        except Exception as second:
            self._note(context, second)
            if context.trace is not None and context.trace.reports:
                context.trace.error = second
            elif self._throws(context):
                raise
            else:
                log.error("the error page for %s failed", error.code, exc_info=second)
            return last_resort(error.code or 500, error.name)

    def _handled(
        self, environ: WSGIEnvironment, endpoint: Endpoint, error: Exception, spoken: list[Handler]
    ) -> Response | None:
        """The answer of the nearest error handler that gives one. Raises what a handler raises or returns as an error.

        One that does so has `spoken`, and is not asked about what it said.
        """
        for handlers in endpoint.hooks.error_handlers:
            for handle in [it for it in handlers.of(error) if it not in spoken]:
                try:
                    value = handle(error)
                    if isinstance(value, HTTPException):
                        raise value
                except Exception:
                    spoken.append(handle)
                    raise
                if value is not None:
                    response = to_response(value, Origin.of(handle, self._site.config.root), HTML)
                    text = value[0] if isinstance(value, tuple) else value
                    return tell(response, text, environ) if isinstance(text, str) else response
        return None

    def _of_http(
        self, context: Context, endpoint: Endpoint, error: HTTPException, spoken: list[Handler]
    ) -> Response:
        """What handlers answer to an error of HTTP, else its page."""
        context.error = error
        if error.code is None and error.response is not None:  # abort(response), as to redirect
            return to_response(error.response, Origin("", None, ""), HTML)
        try:
            if (response := self._handled(context.environ, endpoint, error, spoken)) is not None:
                return response
        except HTTPException as second:  # each time there is one handler less to ask
            return self._of_http(context, endpoint, second, spoken)
        return self._page_of(context, endpoint, error)

    def _tell(self, context: Context, endpoint: Endpoint, error: Exception) -> bool:
        """Tell whoever should know of an error, and whether a page shall be made for it."""
        self._note(context, error)
        if context.trace is not None:
            context.trace.error = error
            if context.trace.reports:
                return False
        if self._throws(context):
            raise error
        if isinstance(error, SiteError):
            log.error("%s", error)
        else:
            log.error("%s failed", endpoint.view.source, exc_info=error)
        return True

    def _note(self, context: Context, error: Exception) -> None:
        """Have hooks at the end and receivers of the signal know of an error, once."""
        if context.failure is not error and not isinstance(error, HTTPException):
            context.failure = error
            got_request_exception.send(context.app, exception=error)

    def _throws(self, context: Context) -> bool:
        """Whether errors are for who asks: the author, or a test."""
        return self._site.config.dev or context.environ.get(THROW, False)

    def _page_of(self, context: Context, endpoint: Endpoint, error: HTTPException) -> Response:
        if error.response is not None:
            return to_response(error.response, Origin("", None, ""), HTML)
        view = self._site.error_view(endpoint.directory, error.code or 500)
        if isinstance(view, HandlerView):
            response = view(context, {})
            response.status_code = error.code or 500
        else:
            response = problem(error) if wants_json(context.environ) else self._shown(context, view, error)
            response.add_header("Vary", "Accept")
        headers = Headers(error.get_headers(context.environ))
        for name in dict.fromkeys(headers.keys()):
            if name.lower() not in ("content-type", "content-length"):
                response.headers.setlist(name, headers.getlist(name))
        return response

    def _shown(self, context: Context, view: View | None, error: HTTPException) -> Response:
        """The page of a status, or the one that the engine brings."""
        code, variables = error.code or 500, {**context.variables(), "params": {}}
        if isinstance(view, PageView):
            return view.respond(variables, code)
        return Response.quick(self._site.renderer.template(BUILT_IN, variables).encode(), HTML, code)
