"""Errors are problem details, and a token says who writes."""

from engine import g, request
from engine.ext.api import error_handler as error_handler
from engine.ext.login import user_of_token

A_YEAR = 365 * 24 * 3600


def before_request():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    g.member = user_of_token(token, "api", max_age=A_YEAR, once=False) if is_bearer else None
