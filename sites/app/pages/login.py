"""Sign in."""

from wtforms import BooleanField, EmailField, PasswordField
from wtforms.validators import InputRequired

from engine import redirect
from engine.ext.forms import Form
from engine.ext.login import (
    count_attempt,
    hash_password,
    is_outdated,
    login_user,
    next_url,
    verify_password,
)
from members import by_email, services
from models import db, now


class LoginForm(Form):
    email = EmailField("E-mail", [InputRequired()], render_kw={"autocomplete": "username"})
    password = PasswordField("Password", [InputRequired()], render_kw={"autocomplete": "current-password"})
    remember = BooleanField("Remember me on this device")


def get():
    return {"form": LoginForm(), "services": services()}


def post():
    form = LoginForm()
    if form.validate_on_submit():
        count_attempt(form.email.data)
        member = by_email(form.email.data)
        if verify_password(member and member.password_hash, form.password.data) and member.is_active:
            if is_outdated(member.password_hash):
                member.password_hash = hash_password(form.password.data)
            member.last_login = now()
            db.session.commit()
            login_user(member, remember=form.remember.data)
            return redirect(next_url("/"))
        form.form_errors.append("The address or the password is wrong.")
    return {"form": form, "services": services()}, 422
