"""Write a notice."""

import notices
from editing import PostForm
from engine import redirect, url_for
from engine.ext.login import current_user, login_required
from models import Post, db


@login_required
def get():
    return {"form": PostForm()}


@login_required
def post():
    form = PostForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    notice = Post(author_id=current_user.id)
    form.fill(notice)
    db.session.add(notice)
    db.session.commit()
    notices.have_changed(notice.author)
    return redirect(url_for("/posts/[id=int]", id=notice.id))
