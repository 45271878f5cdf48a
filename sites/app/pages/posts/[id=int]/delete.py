"""Take a notice down, after a question."""

import notices
import photos
from editing import own
from engine import flash, redirect, url_for
from engine.ext.forms import Form
from engine.ext.login import login_required
from models import db


@login_required
def get(id):
    return {"form": Form(), "post": own()}


@login_required
def post(id):
    notice, form = own(), Form()
    if not form.validate_on_submit():
        return {"form": form, "post": notice}, 422
    author, photo = notice.author, notice.photo
    db.session.delete(notice)
    db.session.commit()
    notices.have_changed(author)
    photos.forget(photo)
    flash(f"“{notice.title}” is gone.")
    return redirect(url_for("/"))
