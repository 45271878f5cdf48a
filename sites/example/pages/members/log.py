"""The log book: what was noted, and a form to note more."""

from datetime import date

import logbook
from engine import Response, flash, redirect, request, session, url_for


def get() -> dict[str, object]:
    return {"entries": logbook.entries()[:50], "today": date.today().isoformat()}


def post() -> Response | tuple[dict[str, object], int]:
    day, air, text = (request.form.get(name, "").strip() for name in ("day", "air", "text"))
    if not day or not text:
        return {**get(), "error": "Please write the date and a sentence.", "text": text}, 422
    logbook.add(logbook.Entry(day, session["user"], air, text))
    flash("It is in the book.")
    return redirect(url_for("/members/log"))
