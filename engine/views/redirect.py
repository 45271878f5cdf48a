"""Addresses that a page has left: `aliases` and `[redirects]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import Gone

from engine.http.context import Context
from engine.http.response import Response
from engine.routing.redirects import GONE, Redirect
from engine.views.view import GET


def redirect_view(redirect: Redirect, base_path: str) -> RedirectView | GoneView:
    """The view of a redirect, or of an address that is said to be gone."""
    return GoneView(redirect) if redirect.code == GONE else RedirectView(redirect, base_path)


class GoneView:
    """Says that what was here is gone for good, by every method. A frozen site has no file for it."""

    methods = (*GET, "POST", "PUT", "PATCH", "DELETE")
    answers_options = False
    freeze: bool | None = False

    def __init__(self, redirect: Redirect) -> None:
        self.source = redirect.route.source

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        raise Gone

    def static_params(self) -> None:
        return None


class RedirectView:
    """Sends the visitor on, by every method."""

    methods = (*GET, "POST", "PUT", "PATCH", "DELETE")
    answers_options = False
    freeze: bool | None = None

    def __init__(self, redirect: Redirect, base_path: str) -> None:
        self.redirect = redirect
        self.source = redirect.route.source
        self._base_path = base_path

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        response = Response.quick(b"", "text/html; charset=utf-8", self.redirect.code)
        response.headers["Location"] = self.location(params)
        return response

    def location(self, params: Mapping[str, Any]) -> str:
        """Where to, as it is sent."""
        target = self.redirect.location(params)
        return self._base_path + target if target.startswith("/") else target

    def static_params(self) -> None:
        return None
