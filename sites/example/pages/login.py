"""Signs a keyholder in: the name goes into the session, where `members/_hooks.py` looks for it."""

from hmac import compare_digest

from engine import Response, current_app, flash, redirect, request, session, url_for

freeze = False


def get() -> dict[str, object]:
    return {"name": "", "error": ""}


def post() -> Response | tuple[dict[str, object], int]:
    name = request.form.get("name", "").strip()
    given = request.form.get("password", "")
    if not name or not compare_digest(given.encode(), current_app.config.app.demo_password.encode()):
        return {"name": name, "error": "That name and password do not go together."}, 422
    session.clear()
    session["user"] = name
    flash(f"Good evening, {name}.")
    return redirect(url_for("/members"))
