"""A token for programs that write for this member."""

from engine.ext.forms import Form
from engine.ext.login import current_user, fresh_login_required, user_token


@fresh_login_required
def get():
    return {"form": Form(), "token": None}


@fresh_login_required
def post():
    form = Form()
    token = user_token(current_user, "api", once=False) if form.validate_on_submit() else None
    return {"form": form, "token": token}, 200 if token else 422
