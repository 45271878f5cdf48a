"""Ask for a link by which to choose another password."""

import logging
from threading import Thread

from wtforms import EmailField
from wtforms.validators import InputRequired

from engine import copy_current_request_context, flash, redirect, render_template, url_for
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
        mail = render_template("mails/password.txt", member=member, link=link)
        # Not in this thread: the time that a mail takes would tell that there is such an account.
        Thread(target=copy_current_request_context(send), args=[member.email, mail]).start()
    flash("If there is an account with this address, a link is on its way.")
    return redirect(url_for("/login"))


def send(address, mail):
    log.warning("A mail to %s would say:\n%s", address, mail)  # no mail leaves this example
