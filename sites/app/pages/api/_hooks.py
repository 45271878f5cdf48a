"""Errors are problem details, and a token says who writes."""

from sqlalchemy.orm.exc import StaleDataError

from engine import abort, after_this_request, errorhandler, g, request
from engine.ext.api import error_handler as error_handler
from engine.ext.login import user_of_token

A_YEAR = 365 * 24 * 3600


def before_request():
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    g.member = user_of_token(token, "api", max_age=A_YEAR, once=False) if is_bearer else None
    if g.member:
        after_this_request(private)


def private(response):
    response.cache_control.private = True
    return response


@errorhandler(StaleDataError)
def changed_meanwhile(error):
    """Two have changed the same notice at once, and this one came second."""
    abort(412, "Somebody has changed it meanwhile.")
