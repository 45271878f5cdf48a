import bearers
import notices
import photos
from api_models import NewNotice, Notice, check_links
from engine.ext.api import Answer, api, check_match
from models import Post, db

ERRORS = {
    401: "No token was sent, or it does not hold.",
    403: "It is somebody else's.",
    404: "There is none.",
}
CHANGED = {409: "Somebody has changed it meanwhile."}


@api(security=(), errors={404: "There is none."})
def get(id: int) -> Answer[Notice]:
    """Read a notice."""
    notice = db.get_or_404(Post, id)
    return Answer(notice, etag=str(notice.version))


@api(if_match=True, errors=ERRORS)
def put(id: int, body: NewNotice) -> Answer[Notice]:
    """Change a notice of yours."""
    notice = bearers.own(id)
    check_match(str(notice.version))
    check_links(body)
    notice.title, notice.body = body.title, body.body
    db.session.commit()
    notices.have_changed(notice.author)
    return Answer(notice, etag=str(notice.version))


@api(errors={**ERRORS, **CHANGED})
def delete(id: int) -> None:
    """Take a notice of yours down."""
    notice = bearers.own(id)
    author, photo = notice.author, notice.photo
    db.session.delete(notice)
    db.session.commit()
    notices.have_changed(author)
    photos.forget(photo)
