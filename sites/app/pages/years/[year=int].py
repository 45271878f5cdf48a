"""What was pinned up in a year that is over, frozen as it is then. A freeze asks the database which years there are."""

from sqlalchemy import select

import notices
from engine import abort
from models import Post, db

freeze = True


def static_params():
    return notices.years()


def get(year):
    if year not in notices.years():
        abort(404)
    posts = select(Post).where(notices.year_of_notice == year).order_by(Post.id)
    return {"title": f"The year {year}", "posts": db.session.scalars(posts)}
