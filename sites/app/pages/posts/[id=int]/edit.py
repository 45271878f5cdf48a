"""Change a notice."""

from sqlalchemy.orm.exc import StaleDataError

import photos
from editing import PostForm
from engine import abort, redirect, url_for
from engine.ext.login import current_user, login_required
from models import Post, db


def own(id):
    """The post, if it is the visitor's."""
    post = db.get_or_404(Post, id)
    return post if post.is_of(current_user._get_current_object()) else abort(403)


def changed(form, id):
    """The form again, where somebody else was quicker. Who sends it once more means it."""
    notice = own(id)
    form.version.data = notice.version
    form.form_errors.append("Somebody has changed this notice meanwhile. Please look at it again.")
    return {"form": form, "post": notice}, 409


@login_required
def get(id):
    notice = own(id)
    return {"form": PostForm(obj=notice), "post": notice}


@login_required
def post(id):
    notice = own(id)
    form = PostForm(obj=notice)
    if not form.validate_on_submit():
        return {"form": form, "post": notice}, 422
    if form.version.data != str(notice.version):
        return changed(form, id)
    before = notice.photo
    form.fill(notice)
    photo = notice.photo
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        if photo != before:
            photos.forget(photo)
        return changed(form, id)
    if photo != before:
        photos.forget(before)
    return redirect(url_for("/posts/[id=int]", id=id))
