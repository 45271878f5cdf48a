"""The whole board on one page, to print it for the gate. It is sent while it is filled, however long it is."""

from sqlalchemy import select

from engine import stream_template
from models import Post, db


def get():
    newest = select(Post).order_by(Post.id.desc()).execution_options(yield_per=50)
    return stream_template("board.html", title="All notices", posts=db.session.scalars(newest))
