"""Change a notice."""

from sqlalchemy.orm.exc import StaleDataError

from editing import PostForm, own
from engine import redirect, url_for
from engine.ext.login import login_required
from models import db


@login_required
def get(id):
    return {"form": PostForm(obj=own())}


@login_required
def post(id):
    notice = own()
    form = PostForm(obj=notice)
    if not form.validate_on_submit():
        return {"form": form}, 422
    form.fill(notice)
    try:
        db.session.commit()
    except StaleDataError:
        db.session.rollback()
        form.form_errors.append("Somebody has changed this notice meanwhile. Please look at it again.")
        return {"form": form}, 409
    return redirect(url_for("/posts/[id=int]"))
