"""How notices are found, and what follows from one that is new, changed or gone."""

from __future__ import annotations

import re

from sqlalchemy import Select, extract, or_, select

from engine import current_app, url_for
from models import Member, Post, db, now

MOST_WORDS = 10
year_of_notice = extract("year", Post.created)
TO_A_NOTICE = re.compile(r"\]\(/posts/([0-9]{1,9})/?\)")


def newest(words: str = "") -> Select[tuple[Post]]:
    """The notices, the newest first: those that have each of the words in their title or their text."""
    found = select(Post).order_by(Post.id.desc())
    for word in words.replace("\0", " ").split()[:MOST_WORDS]:  # PostgreSQL takes no text with a zero
        is_there = (it.icontains(word, autoescape=True) for it in (Post.title, Post.body))
        found = found.where(or_(*is_there))
    return found


def years() -> list[int]:
    """The years that are over, in which something was pinned up; the newest first."""
    over = select(year_of_notice).distinct().where(year_of_notice < now().year)
    return sorted(map(int, db.session.scalars(over)), reverse=True)


def dead_links(text: str) -> list[int]:
    """The notices that a text links to, and that are not there."""
    ids = {int(id) for id in TO_A_NOTICE.findall(text)}
    return sorted(ids - set(db.session.scalars(select(Post.id).where(Post.id.in_(ids)))))


def have_changed(author: Member) -> None:
    """Have made again what is kept for a while and shows notices of theirs: the feed, and the page of their plot."""
    current_app.cache.purge(path=url_for("/feed.xml"))
    current_app.cache.purge(tag=f"plot-{author.plot}")
