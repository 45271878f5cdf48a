"""What a member says of themselves."""

from engine import flash, redirect, url_for
from engine.ext.forms import model_form
from engine.ext.login import current_user
from members import has_changed, services
from models import Member, db

AccountForm = model_form(Member, ["name", "plot"])


def get():
    return {"form": AccountForm(obj=current_user), "services": services()}


def post():
    form = AccountForm(obj=current_user)
    if not form.validate_on_submit():
        return {"form": form, "services": services()}, 422
    form.populate_obj(current_user)
    db.session.commit()
    has_changed()
    flash("Your account has been changed.")
    return redirect(url_for("/account"))
