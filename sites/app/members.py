"""Who is signed in, and what is done with accounts."""

from __future__ import annotations

from sqlalchemy import select
from wtforms.validators import Regexp

from engine import current_app
from engine.ext.login import Limits, Login
from models import Identity, Member, db

login = Login(
    public=["/register", "/password", "/password/[token]", "/login/[service]", "/login/[service]/back"],
    keep=["seen"],
    # At the seed swap all of them sign in from the shed, which has one address.
    limits=Limits(address="60 per minute; 600 per hour"),
)
ADDRESS = Regexp(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z", message="This is no address of e-mail.")


@login.user_loader
def load(id: str) -> Member | None:
    return db.session.get(Member, int(id))


def plain(email: str) -> str:
    """An address as it is stored, so that each is there once."""
    return email.strip().lower()


def by_email(email: str) -> Member | None:
    """The member with this address, however it is written."""
    return db.session.scalar(select(Member).where(Member.email == plain(email)))


def by_identity(service: str, subject: str) -> Member | None:
    """The member whom another service knows by this name."""
    known = select(Identity).where(Identity.service == service, Identity.subject == subject)
    identity = db.session.scalar(known)
    return identity and identity.member


def services() -> list[str]:
    """The names of the services by which members can sign in, besides this site."""
    return list(login.oauth) if current_app.config.app.federation.issuer else []


def has_changed() -> None:
    """Have the pages of plots made again, which are kept for a while."""
    current_app.cache.purge(tag="plots")
