"""Who a program writes for."""

from __future__ import annotations

from engine import abort, g
from models import Member, Post, db


def member() -> Member:
    """The member whose token was sent. Answers 401 where there is none."""
    return g.member or abort(401, "Send a token: Authorization: Bearer …")


def own(id: int) -> Post:
    """A post of theirs. Answers 404 where there is no such post, and 403 where it is somebody else's."""
    writer = member()
    post = db.get_or_404(Post, id)
    return post if post.is_of(writer) else abort(403, "It is somebody else's.")
