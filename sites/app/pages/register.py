"""Join: an account for who has a plot."""

from sqlalchemy.exc import IntegrityError
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

import invitations
from engine import flash, redirect, request, url_for
from engine.ext.forms import model_form
from engine.ext.login import count_attempt, hash_password, login_user
from members import ADDRESS, by_email, has_changed, plain
from models import Member, db

TAKEN = "There is an account with this address. Sign in, or ask for a new password."
MemberForm = model_form(Member, ["name", "email", "plot"])


class JoinForm(MemberForm):
    password = PasswordField(
        "Password",
        [InputRequired(), Length(min=10, max=1000)],
        description="At least ten characters. Three words you can remember are good.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "The same again",
        [EqualTo("password", "The two are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_email(self, field):
        ADDRESS(self, field)
        if by_email(field.data):
            raise ValidationError(TAKEN)


def get():
    token = request.args.get("invited")
    return {"form": JoinForm(obj=invitations.read(token) if token else None)}


def post():
    count_attempt(request.remote_addr or "", "join")
    form = JoinForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    member = Member(password_hash=hash_password(form.password.data), name=form.name.data)
    member.email, member.plot = plain(form.email.data), form.plot.data
    db.session.add(member)
    try:
        db.session.commit()
    except IntegrityError:  # the same address has been registered since the form was looked at
        db.session.rollback()
        form.email.errors.append(TAKEN)
        return {"form": form}, 422
    has_changed()
    login_user(member)
    flash(f"Welcome, {member.name}.")
    return redirect(url_for("/"))
