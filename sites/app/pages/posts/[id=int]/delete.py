"""Take a notice down, after a question."""

import photos
from engine import abort, flash, redirect, url_for
from engine.ext.forms import Form
from engine.ext.login import current_user, login_required
from models import Post, db


def own(id):
    """The post, if it is the visitor's."""
    post = db.get_or_404(Post, id)
    return post if post.is_of(current_user._get_current_object()) else abort(403)


@login_required
def get(id):
    return {"form": Form(), "post": own(id)}


@login_required
def post(id):
    notice, form = own(id), Form()
    if not form.validate_on_submit():
        return {"form": form, "post": notice}, 422
    photo = notice.photo
    db.session.delete(notice)
    db.session.commit()
    photos.forget(photo)
    flash(f"“{notice.title}” is gone.")
    return redirect(url_for("/"))
