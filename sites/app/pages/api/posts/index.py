from typing import Annotated

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import bearers
import notices
from api_models import NewNotice, Notice, check_links
from engine import abort, url_for
from engine.ext.api import Answer, Header, Paging, Query, Slice, api
from models import Member, Post, db

Words = Annotated[str, Field(max_length=200, description="Each of them is in the title or the text.")]
Key = Annotated[
    str, Field(pattern=r"^[\w-]{1,80}$", description="Sent again, it pins the same notice up only once.")
]

ERRORS = {
    401: "No token was sent, or it does not hold.",
    409: "Another notice was sent with this key.",
}


@api(security=())
def get(query: Paging, words: Query[Words] = "") -> Slice[Notice]:
    """List notices, the newest first."""
    newest = notices.newest(words).offset(query.offset).limit(query.limit + 1)
    return query.part(db.session.scalars(newest).all())


@api(status=201, errors=ERRORS)
def post(body: NewNotice, idempotency_key: Header[Key | None] = None) -> Answer[Notice]:
    """Pin a notice up."""
    author = bearers.member()
    check_links(body)
    notice = Post(title=body.title, body=body.body, author=author, key=idempotency_key)
    db.session.add(notice)
    try:
        db.session.commit()
    except IntegrityError:  # there is one with this key
        db.session.rollback()
        return again(author, body, idempotency_key)
    notices.have_changed(author)
    return answer(notice)


def again(author: Member, body: NewNotice, key: str | None) -> Answer[Notice]:
    """The notice that was sent with this key before, for a program that did not hear the answer."""
    notice = db.one_or_404(select(Post).where(Post.author_id == author.id, Post.key == key))
    if notice.version == 1 and (notice.title, notice.body) != (body.title, body.body):
        abort(409, "Another notice was sent with this Idempotency-Key.")
    return answer(notice)


def answer(notice: Post) -> Answer[Notice]:
    location = url_for("/api/posts/[id=int]", id=notice.id)
    return Answer(notice, location=location, etag=str(notice.version))
