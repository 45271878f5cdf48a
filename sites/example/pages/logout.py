"""Signs out. Only by POST: a link or an image on another site must not be able to."""

from engine import Response, flash, redirect, session, url_for

freeze = False


def post() -> Response:
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("/login"))
