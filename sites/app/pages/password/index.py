"""Ask for a link by which to choose another password."""

import logging

from wtforms import EmailField
from wtforms.validators import InputRequired

from engine import flash, redirect, url_for
from engine.ext.forms import Form
from engine.ext.login import count_attempt, user_token
from members import by_email

log = logging.getLogger("ternlane")


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
        log.warning("A mail to %s would say: %s", member.email, link)  # no mail leaves this example
    flash("If there is an account with this address, a link is on its way.")
    return redirect(url_for("/login"))
