"""Answers the button that forgets all notes."""

import notes

from engine import Response, flash, redirect, url_for

freeze = False


def post() -> Response:
    notes.clear()
    flash("Forgotten.")
    return redirect(url_for("/"))
