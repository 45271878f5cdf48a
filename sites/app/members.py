"""Who is signed in, and what is done with accounts."""

from __future__ import annotations

from sqlalchemy import select

from engine import current_app
from engine.ext.login import Login
from models import Member, db

login = Login(public=["/register", "/password", "/password/[token]"])


@login.user_loader
def load(id: str) -> Member | None:
    return db.session.get(Member, int(id))


def plain(email: str) -> str:
    """An address as it is stored, so that each is there once."""
    return email.strip().lower()


def by_email(email: str) -> Member | None:
    """The member with this address, however it is written."""
    return db.session.scalar(select(Member).where(Member.email == plain(email)))


def has_changed() -> None:
    """Have the page of plots made again, which is kept for a while."""
    current_app.cache.purge(tag="plots")
