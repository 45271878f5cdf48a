"""What belongs to one visitor: answers, as caches between them and the server must know, and their session."""

from __future__ import annotations

from engine import Response, after_this_request, current_app

OWNER = "session_owner"
"""Under which `current_app.extensions` has what tells whose session it is, where there is a login."""


def keep_private() -> None:
    """Mark the answer as one for this visitor alone, unless the page itself says who may store it."""
    after_this_request(_private)


def keep_nowhere() -> None:
    """Have nobody store the answer, also not the browser: who goes back after a sign-out shall not see it again."""
    after_this_request(_nowhere)


def settle_session() -> None:
    """Have the session be the one that the visitor keeps: whom a cookie remembers gets another than they brought."""
    if (owner := current_app.extensions.get(OWNER)) is not None:
        owner()


def _private(response: Response) -> None:
    response.headers.setdefault("Cache-Control", "private, no-cache")


def _nowhere(response: Response) -> None:
    response.headers["Cache-Control"] = "private, no-store"
