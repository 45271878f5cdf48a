"""All notices, the newest first, or those in which some words are."""

from sqlalchemy import func, select

import notices
from engine import request, session
from models import Comment, Post, db

COMMENTS = select(func.count()).where(Comment.post_id == Post.id).scalar_subquery()


def get():
    words = request.args.get("words", "")
    posts = db.paginate(notices.newest(words), per_page=10)
    counts = dict(
        db.session.execute(select(Post.id, COMMENTS).where(Post.id.in_([it.id for it in posts]))).all()
    )
    return {"posts": posts, "counts": counts, "seen": session.get("seen"), "words": words}
