"""Errors are problem details."""

from sqlalchemy.orm.exc import StaleDataError

from engine import abort, errorhandler
from engine.ext.api import error_handler as error_handler


@errorhandler(StaleDataError)
def changed_meanwhile(error):
    """Two have changed the same notice at once, and this one came second."""
    abort(412, "Somebody has changed it meanwhile.")
