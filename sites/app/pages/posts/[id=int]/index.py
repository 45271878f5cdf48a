"""One notice, and what others say to it."""

from engine import redirect, url_for
from engine.ext.forms import model_form
from engine.ext.login import current_user, login_required
from models import Comment, Post, db

CommentForm = model_form(Comment, ["body"])


def get(id):
    notice = db.get_or_404(Post, id)
    return {"post": notice, "title": notice.title, "form": CommentForm()}


@login_required
def post(id):
    notice, form = db.get_or_404(Post, id), CommentForm()
    if not form.validate_on_submit():
        return {"post": notice, "title": notice.title, "form": form}, 422
    notice.comments.append(Comment(body=form.body.data, author_id=current_user.id))
    db.session.commit()
    return redirect(url_for("/posts/[id=int]", id=id, _anchor="comments"))
