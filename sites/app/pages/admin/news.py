"""Notices as they are pinned up, for the page that is open at those who look after the members.

Each page that listens takes a thread of the server, so this is for a few people and not for every visitor.
"""

from time import sleep

from sqlalchemy import func, select

from engine import ServerSentEvent, event_stream, request, url_for
from models import Post, db

PAUSE = 2.0  # seconds between two looks at the database


def get():
    newest = db.session.scalar(select(func.max(Post.id))) or 0
    return event_stream(notices(request.headers.get("Last-Event-ID", newest, type=int)))


def notices(last):
    while True:
        for post in db.session.scalars(select(Post).where(Post.id > last).order_by(Post.id)):
            last = post.id
            about = {"title": post.title, "by": post.author.name}
            yield ServerSentEvent({**about, "url": url_for("/posts/[id=int]", id=last)}, id=last)
        db.session.rollback()  # the connection is free during the pause
        yield None  # a visitor who has gone is noticed here
        sleep(PAUSE)
