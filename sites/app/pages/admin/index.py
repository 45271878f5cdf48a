"""All members."""

from sqlalchemy import select

from models import Member, db


def get():
    return {"members": db.paginate(select(Member).order_by(Member.name, Member.id), per_page=50)}
