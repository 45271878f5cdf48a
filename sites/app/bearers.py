"""Who a program writes for."""

from __future__ import annotations

from engine import abort
from engine.ext.login import bearer_user
from models import Member, Post, db

A_YEAR = 365 * 24 * 3600


def member() -> Member:
    """The member whose token was sent. Answers 401 where there is none."""
    return bearer_user("api", A_YEAR)


def own(id: int) -> Post:
    """A post of theirs. Answers 404 where there is no such post, and 403 where it is somebody else's."""
    writer = member()
    post = db.get_or_404(Post, id)
    return post if post.is_of(writer) else abort(403, "It is somebody else's.")
