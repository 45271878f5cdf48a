"""The notices for feed readers, which ask often: kept for a while, and purged by `notices.py`."""

from datetime import UTC

from sqlalchemy import select

from engine import Cache, make_response, render_template
from models import Post, db

cache = Cache("15m", stale="1h")


def get():
    posts = db.session.scalars(select(Post).order_by(Post.id.desc()).limit(20)).all()
    answer = make_response(render_template("feed.xml", posts=posts))
    answer.mimetype = "application/atom+xml"
    if posts:
        answer.last_modified = posts[0].created.replace(tzinfo=UTC)
    return answer
