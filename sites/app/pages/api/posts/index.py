from sqlalchemy import select

import bearers
import notices
from api_models import NewNotice, Notice
from engine import url_for
from engine.ext.api import Answer, Paging, Slice, api
from models import Post, db


@api(security=())
def get(query: Paging) -> Slice[Notice]:
    """List notices, the newest first."""
    newest = select(Post).order_by(Post.id.desc()).offset(query.offset).limit(query.limit + 1)
    return query.part(db.session.scalars(newest).all())


@api(status=201, errors={401: "No token was sent, or it does not hold."})
def post(body: NewNotice) -> Answer[Notice]:
    """Pin a notice up."""
    notice = Post(title=body.title, body=body.body, author_id=bearers.member().id)
    db.session.add(notice)
    db.session.commit()
    notices.have_changed()
    return Answer(notice, location=url_for("/api/posts/[id=int]", id=notice.id), etag=str(notice.version))
