"""The tables: members, what they post, what others say to it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from wtforms.validators import Length

from engine.ext.sql import SQL, Model


def now() -> datetime:
    """This moment in UTC, without a zone, as SQLite keeps it."""
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


class Base(Model, DeclarativeBase):
    """What all tables have in common."""

    id: Mapped[int] = mapped_column(primary_key=True)
    created: Mapped[datetime] = mapped_column(default=now)


db = SQL(model=Base)
LONGEST = 20_000
"""Characters of a text, whichever way it comes."""


class Member(Base):
    """Somebody with a plot."""

    name: Mapped[str] = mapped_column(String(60), info={"label": "Your name"})
    email: Mapped[str] = mapped_column(String(200), unique=True, info={"label": "E-mail"})
    plot: Mapped[int | None] = mapped_column(info={"label": "Plot", "hint": "The number on your gate."})
    password_hash: Mapped[str] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    last_login: Mapped[datetime | None]
    posts: Mapped[list[Post]] = relationship(back_populates="author", cascade="all, delete-orphan")
    identities: Mapped[list[Identity]] = relationship(back_populates="member", cascade="all, delete-orphan")


class Identity(Base):
    """By what name another service knows a member."""

    service: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(255))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    member: Mapped[Member] = relationship(back_populates="identities", lazy="joined")
    __table_args__ = (UniqueConstraint("service", "subject"),)


class Post(Base):
    """A notice, with a photo perhaps. `version` counts its changes. `key` is what the program that sent it calls it."""

    title: Mapped[str] = mapped_column(String(120), info={"label": "Title"})
    body: Mapped[str] = mapped_column(
        Text,
        info={"label": "Text", "hint": "Markdown, if you like.", "validators": [Length(max=LONGEST)]},
    )
    photo: Mapped[str | None] = mapped_column(String(80))
    alt: Mapped[str | None] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)
    key: Mapped[str | None] = mapped_column(String(80))
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    author: Mapped[Member] = relationship(back_populates="posts", lazy="joined")
    comments: Mapped[list[Comment]] = relationship(
        back_populates="post", cascade="all, delete-orphan", order_by="Comment.id"
    )
    __table_args__ = (UniqueConstraint("author_id", "key"),)
    __mapper_args__ = {"version_id_col": version}

    def is_of(self, member: object) -> bool:
        """Whether a member, if it is one, may change this."""
        return isinstance(member, Member) and (member.is_admin or member.id == self.author_id)


class Comment(Base):
    """What a member says to a post."""

    body: Mapped[str] = mapped_column(
        Text, info={"label": "Your comment", "validators": [Length(max=LONGEST)]}
    )
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    post: Mapped[Post] = relationship(back_populates="comments")
    author: Mapped[Member] = relationship(lazy="joined")
