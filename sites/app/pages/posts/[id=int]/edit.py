"""Change a notice."""

from sqlalchemy.orm.exc import StaleDataError

import notices
import photos
from editing import PostForm, own
from engine import redirect, url_for
from engine.ext.login import login_required
from models import db


def changed(form):
    """The form again, where somebody else was quicker. Who sends it once more means it.

    Where they have taken the notice down, the answer is 409, as for whatever has no form to show again.
    """
    form.version.data = own().version
    form.form_errors.append("Somebody has changed this notice meanwhile. Please look at it again.")
    return {"form": form}, 409


@login_required
def get(id):
    return {"form": PostForm(obj=own())}


@login_required
def post(id):
    notice = own()
    form = PostForm(obj=notice)
    if not form.validate_on_submit():
        return {"form": form}, 422
    if form.version.data != str(notice.version):
        return changed(form)
    before = notice.photo
    form.fill(notice)
    photo = notice.photo
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        if photo != before:
            photos.forget(photo)
        return changed(form)
    if photo != before:
        photos.forget(before)
    notices.have_changed(notice.author)
    return redirect(url_for("/posts/[id=int]"))
