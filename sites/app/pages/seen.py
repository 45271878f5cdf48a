"""Remember for a visitor which notices they have read, signed in or not. A browser keeps that when it is closed."""

from sqlalchemy import func, select

from engine import is_local, redirect, request, session
from models import Post, db


def post():
    session["seen"] = db.session.scalar(select(func.max(Post.id)))
    session.permanent = True
    back = request.form.get("back", "")
    return redirect(back if is_local(back) else "/")
