"""Calls the view of a request, and what the request wants done to its answer. What is raised gets an error page."""

from __future__ import annotations

from werkzeug.exceptions import MethodNotAllowed

from engine.app.endpoints import Endpoint
from engine.app.errors import Errors
from engine.errors import Fault, SiteError
from engine.http.answers import options
from engine.http.context import AppLike, Context
from engine.http.response import Response


class Calls:
    """The calls of one app."""

    def __init__(self, app: AppLike, errors: Errors) -> None:
        self._app = app
        self._errors = errors

    def view(self, context: Context, endpoint: Endpoint) -> Response:
        """What the view answers, or the error page for what it raised."""
        try:
            view = endpoint.view
            method = context.environ["REQUEST_METHOD"]
            if method not in view.methods:
                raise MethodNotAllowed(view.methods)
            if method == "OPTIONS" and not view.answers_options:
                return options(view.methods)
            return view(context, context.params)
        except Exception as error:
            return self._errors.answer(context, endpoint, error)

    def view_alone(self, context: Context, endpoint: Endpoint) -> Response:
        """What the view answers, after what it has asked to be done to its answer. That of hooks is left for later."""
        of_hooks, context.after = context.after, ()
        response = self.after_this(context, endpoint, self.view(context, endpoint))
        context.after = of_hooks
        return response

    def finished(self, context: Context, endpoint: Endpoint, response: Response) -> Response:
        """The response after what the request asked to be done to it, with the session saved if it was opened."""
        if context.after:
            response = self.after_this(context, endpoint, response)
        if context.opened_session is None:
            return response
        try:
            self._app.session_store.save(context.opened_session, response)
            return response
        except Exception as error:
            return self._errors.answer(context, endpoint, error)

    def sendable(self, context: Context, endpoint: Endpoint, response: Response) -> Response:
        """The response, or the error page where a header of it cannot be sent."""
        if (found := response.unsendable()) is None:
            return response
        name, character = found
        response.close()
        what = f"the header {name} of an answer holds {character!r}, and headers are Latin-1"
        hint = "Write it as ASCII: json.dumps() does so, and urllib.parse.quote()"
        return self._errors.answer(
            context, endpoint, SiteError(Fault("header-value", endpoint.view.source, what, hint))
        )

    def after_this(self, context: Context, endpoint: Endpoint, response: Response) -> Response:
        """The response after what the request asked to be done to it, each time with the error page if that failed."""
        while context.after:
            after, *context.after = context.after
            try:
                response = after(response) or response
            except Exception as error:
                response = self._errors.answer(context, endpoint, error)
        return response
