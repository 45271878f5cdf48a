"""One notice, and what others say to it."""

from sqlalchemy.exc import IntegrityError

from engine import abort, g, redirect, render_block, request, url_for
from engine.ext.forms import model_form
from engine.ext.login import current_user, login_required
from models import Comment, db

CommentForm = model_form(Comment, ["body"])


def get(id):
    return shown(CommentForm())


@login_required
def post(id):
    form = CommentForm()
    if not form.validate_on_submit():
        return comments(form) if is_swap() else shown(form), 422
    g.post.comments.append(Comment(body=form.body.data, author_id=current_user.id))
    try:
        db.session.commit()
    except IntegrityError:  # the notice has been taken down since it was read
        db.session.rollback()
        abort(404)
    if is_swap():
        return comments(CommentForm(formdata=None))
    return redirect(url_for("/posts/[id=int]", _anchor="comments"))


def shown(form):
    return {"post": g.post, "title": g.post.title, "form": form}


def is_swap():
    """Whether `comments.js` asks, which puts the comments alone into the page. htmx says the same."""
    return "HX-Request" in request.headers


def comments(form):
    return render_block("pages/posts/[id=int]/index.html", "comments", post=g.post, form=form)
