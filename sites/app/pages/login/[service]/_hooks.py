"""A service that is not named in the settings is not there. One that fails leads back to the page that signs in."""

from engine import abort, errorhandler, flash, redirect, request, url_for
from members import services


def before_request():
    if request.view_args["service"] not in services():
        abort(404)


@errorhandler(400)
def failed(error):
    flash(error.description)
    return redirect(url_for("/login"))
