"""Errors are problem details."""

from sqlalchemy.orm.exc import StaleDataError

from engine import abort, errorhandler, request
from engine.ext.api import error_handler as error_handler


@errorhandler(StaleDataError)
def changed_meanwhile(error):
    """Two have changed the same notice at once, or taken it down, and this one came second."""
    abort(412 if "If-Match" in request.headers else 409, "Somebody has changed it meanwhile.")
