"""Who works one plot, and what they have pinned up: for the board beside it. Kept until one of both changes."""

from sqlalchemy import select

from engine import Cache
from models import Member, Post, db

cache = Cache("1h", stale="1m", tags=["plots"])


def get(number):
    here = (Member.plot == number, Member.is_active)
    members = select(Member).where(*here).order_by(Member.created, Member.id)
    first = db.first_or_404(members)
    posts = select(Post).join(Post.author).where(*here).order_by(Post.id.desc()).limit(5)
    names = {
        "members": db.session.scalars(members),
        "since": first.created,
        "posts": db.session.scalars(posts),
    }
    return {"title": f"Plot {number}", **names}, {"Cache-Tag": f"plot-{number}"}
