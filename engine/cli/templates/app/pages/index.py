"""The list of notes. `get` gives `index.html` its names; `post` takes the form."""

from typing import Any

import notes

from engine import Request, Response, flash, redirect, url_for

freeze = False  # it is another page for each visitor


def get() -> dict[str, Any]:
    return {"notes": notes.notes()}


def post(request: Request) -> tuple[dict[str, Any], int] | Response:
    text = request.form.get("text", "").strip()
    if not text:
        return {"notes": notes.notes(), "error": "Write something first."}, 422
    notes.add(text)
    flash("Kept.")
    return redirect(url_for("/"))
