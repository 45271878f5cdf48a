"""Errors for programs: problem details (RFC 9457) where a client would rather have JSON than a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES, parse_accept_header

from engine.http import json
from engine.http.media_types import HTML
from engine.http.response import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PROBLEM = "application/problem+json"
OFFERED = ("text/html", PROBLEM, "application/json")
"""What an error can be told in, the first where a client does not care."""


def wants_json(environ: WSGIEnvironment) -> bool:
    """Whether a client prefers JSON to a page, by its `Accept` (RFC 9110 §12.5.1)."""
    accept = environ.get("HTTP_ACCEPT", "")
    if "json" not in accept:
        return False
    return parse_accept_header(accept, MIMEAccept).best_match(OFFERED, OFFERED[0]) != OFFERED[0]


def problem(error: HTTPException) -> Response:
    """An error in JSON: its `status`, its `title`, and what it says for itself as `detail`."""
    status = error.code or 500
    return Response.quick(_details(status, error.name, error.description or ""), PROBLEM, status)


def tell(response: Response, text: str, environ: WSGIEnvironment) -> Response:
    """The response of an error handler that returned a text, as problem details if a client prefers JSON.

    A text without markup is their `detail`. What is no error, or no HTML, is as it was.
    """
    status = response.status_code
    if status < 400 or response.mimetype != "text/html":
        return response
    response.vary.add("Accept")
    if wants_json(environ):
        response.data = _details(status, HTTP_STATUS_CODES.get(status, ""), "" if "<" in text else text)
        response.content_type = PROBLEM
    return response


def _details(status: int, title: str, detail: str) -> bytes:
    return json.encode({"title": title, "status": status, "detail": detail})


def bare(error: HTTPException, environ: WSGIEnvironment) -> Response:
    """The answer to an error for which no page of the site is asked."""
    if wants_json(environ):
        return problem(error)
    return Response.quick(error.get_body(environ).encode(), HTML, error.code or 500)
