"""Who is signed in, and what is done with accounts."""

from __future__ import annotations

from sqlalchemy import func, select

from engine import current_app
from engine.ext.login import Login
from models import Member, db

login = Login(public=["/register", "/password", "/password/[token]"])


@login.user_loader
def load(id: str) -> Member | None:
    return db.session.get(Member, int(id))


def by_email(email: str) -> Member | None:
    """The member with this address, however it is written."""
    return db.session.scalar(select(Member).where(func.lower(Member.email) == email.strip().lower()))


def has_changed() -> None:
    """Have the page of plots made again, which is kept for a while."""
    current_app.cache.purge(tag="plots")
