"""The guard of everything in this directory: pages, and files such as `night-sheet.svg`."""

from engine import Response, redirect, session, url_for


def before_request() -> Response | None:
    return None if "user" in session else redirect(url_for("/login"))


def after_request(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def context() -> dict[str, object]:
    return {"user": session.get("user")}
