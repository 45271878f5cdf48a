"""Change the password, for who has signed in just now."""

from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from engine import MethodView, flash, redirect, url_for
from engine.ext.forms import Form
from engine.ext.login import current_user, fresh_login_required, hash_password, login_user
from models import db


class PasswordForm(Form):
    password = PasswordField(
        "New password",
        [InputRequired(), Length(min=10, max=1000)],
        render_kw={"autocomplete": "new-password"},
    )


class ChangePassword(MethodView):
    decorators = [fresh_login_required]

    def get(self):
        return {"form": PasswordForm()}

    def post(self):
        form = PasswordForm()
        if not form.validate_on_submit():
            return {"form": form}, 422
        current_user.password_hash = hash_password(form.password.data)
        db.session.commit()
        login_user(current_user)  # all other sessions are over
        flash("Your password has been changed.")
        return redirect(url_for("/account"))


handler = ChangePassword
