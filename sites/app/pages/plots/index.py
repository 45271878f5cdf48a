"""Who has which plot: a table for people, JSON for programs. Made for all visitors at once, and kept for a while."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine import Cache, negotiate
from models import Member, db

cache = Cache("10m", stale="1m", tags=["plots"], vary=["Accept"])


@dataclass(frozen=True, slots=True)
class Plot:
    number: int
    name: str
    since: datetime


def get():
    having = select(Member).where(Member.plot.is_not(None), Member.is_active)
    members = db.session.scalars(having.order_by(Member.plot, Member.id))
    plots = [Plot(member.plot, member.name, member.created) for member in members]
    return negotiate(html={"plots": plots}, json=plots)
