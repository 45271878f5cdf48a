"""All notices, the newest first."""

from sqlalchemy import func, select

from engine import session
from models import Comment, Post, db

COMMENTS = select(func.count()).where(Comment.post_id == Post.id).scalar_subquery()


def get():
    newest = select(Post).order_by(Post.id.desc())
    posts = db.paginate(newest, per_page=10)
    counts = dict(
        db.session.execute(select(Post.id, COMMENTS).where(Post.id.in_([it.id for it in posts]))).all()
    )
    return {"posts": posts, "counts": counts, "seen": session.get("seen")}
