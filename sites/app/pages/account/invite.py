"""Invite who shares the plot of a member."""

from wtforms import EmailField
from wtforms.validators import InputRequired, Length

import invitations
from engine import flash, redirect, url_for
from engine.ext.forms import Form
from engine.ext.login import count_attempt, current_user
from members import ADDRESS


class InviteForm(Form):
    email = EmailField("Their e-mail", [InputRequired(), Length(max=200), ADDRESS])


def get():
    return {"form": InviteForm()}


def post():
    form = InviteForm()
    if not form.validate_on_submit():
        return {"form": form}, 422
    count_attempt(str(current_user.id), "invite")
    invitations.send(form.email.data, current_user.plot, by=current_user.name)
    flash("A link is on its way. It holds for a week.")
    return redirect(url_for("/account"))
