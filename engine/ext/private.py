"""Answers that belong to one visitor, as caches between them and the server must know."""

from __future__ import annotations

from engine import Response, after_this_request


def keep_private() -> None:
    """Mark the answer as one for this visitor alone, unless the page itself says who may store it."""
    after_this_request(_private)


def keep_nowhere() -> None:
    """Have nobody store the answer, also not the browser: who goes back after a sign-out shall not see it again."""
    after_this_request(_nowhere)


def _private(response: Response) -> None:
    response.headers.setdefault("Cache-Control", "private, no-cache")


def _nowhere(response: Response) -> None:
    response.headers["Cache-Control"] = "private, no-store"
