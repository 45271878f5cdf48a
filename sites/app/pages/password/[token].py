"""Choose another password, by a link that works once."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from engine import abort, flash, redirect, url_for
from engine.ext.forms import Form
from engine.ext.login import hash_password, user_of_token
from models import db


class NewPasswordForm(Form):
    password = PasswordField(
        "New password",
        [InputRequired(), Length(min=10, max=1000)],
        render_kw={"autocomplete": "new-password"},
    )


def member_of(token):
    return user_of_token(token, "password") or abort(404)


def get(token):
    member_of(token)
    return {"form": NewPasswordForm()}


def post(token):
    member, form = member_of(token), NewPasswordForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    member.password_hash = hash_password(form.password.data)
    db.session.commit()
    flash("Your password has changed. Please sign in with it.")
    return redirect(url_for("/login"))
