"""Ask for a link by which to choose another password."""

from wtforms import EmailField
from wtforms.validators import InputRequired

from engine import flash, redirect, render_template, url_for
from engine.ext.forms import Form
from engine.ext.login import count_attempt, user_token
from mails import outbox
from members import by_email


class ForgottenForm(Form):
    email = EmailField("E-mail", [InputRequired()])


def get():
    return {"form": ForgottenForm()}


def post():
    form = ForgottenForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    count_attempt(form.email.data, "password")
    if (member := by_email(form.email.data)) is not None:
        link = url_for("/password/[token]", token=user_token(member, "password"), _external=True)
        mail = render_template("mails/password.txt", member=member, link=link)
        outbox.send(member.email, "A new password", mail)
    flash("If there is an account with this address, a link is on its way.")
    return redirect(url_for("/login"))
