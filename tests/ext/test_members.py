"""A site with members: forms, a login and a database together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from doors import Files, Served
from forms_tools import KEY, token_of

MODELS = """
    from argon2 import PasswordHasher
    from sqlalchemy import String, select
    from sqlalchemy.orm import Mapped, mapped_column
    from wtforms import PasswordField
    from wtforms.validators import InputRequired

    from engine.ext.forms import model_form
    from engine.ext.login import Login, Passwords
    from engine.ext.sql import SQL

    db = SQL()
    login = Login()
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))  # weak, to be quick

    class Member(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str] = mapped_column(String(100), unique=True, info={"label": "E-mail"})
        name: Mapped[str] = mapped_column(String(60))
        password_hash: Mapped[str] = mapped_column(default="")
        is_admin: Mapped[bool] = mapped_column(default=False)

    @login.user_loader
    def load(id):
        return db.session.get(Member, int(id))

    def by_email(email):
        return db.session.scalar(select(Member).where(Member.email == email))

    PASSWORD = PasswordField("Password", [InputRequired()], render_kw={"autocomplete": "new-password"})
    JoinForm = model_form(Member, ["email", "name"], password=PASSWORD)
    ProfileForm = model_form(Member, ["name"])
"""
JOIN = """
    from engine import redirect
    from engine.ext.login import login_user
    from models import JoinForm, Member, by_email, db, passwords
    freeze = False

    def get():
        return {"form": JoinForm()}

    def post():
        form = JoinForm()
        if form.validate_on_submit() and by_email(form.email.data) is None:
            member = Member(email=form.email.data, name=form.name.data)
            member.password_hash = passwords.hash(form.password.data)
            db.session.add(member)
            db.session.commit()
            login_user(member)
            return redirect("/profile/")
        return {"form": form}, 422
"""
LOGIN = """
    from engine import redirect
    from engine.ext.forms import Form
    from engine.ext.login import count_attempt, login_user, next_url
    from models import by_email, passwords
    from wtforms import EmailField, PasswordField
    freeze = False

    class LoginForm(Form):
        email, password = EmailField(), PasswordField()

    def get():
        return {"form": LoginForm()}

    def post():
        form = LoginForm()
        if form.validate_on_submit():
            count_attempt(form.email.data)
            member = by_email(form.email.data)
            if passwords.verify(member and member.password_hash, form.password.data):
                login_user(member)
                return redirect(next_url("/"))
            form.form_errors.append("Wrong.")
        return {"form": form}, 422
"""
PROFILE = """
    from engine import redirect
    from engine.ext.login import current_user, login_required
    from models import ProfileForm, db
    freeze = False

    @login_required
    def get():
        return {"form": ProfileForm(obj=current_user)}

    @login_required
    def post():
        form = ProfileForm()
        if not form.validate_on_submit():
            return {"form": form}, 422
        form.populate_obj(current_user)
        db.session.commit()
        return redirect("/profile/")
"""
TEMPLATE = """
    ---
    layout: false
    ---
    {{ current_user.name }} {{ current_user.is_admin }}<form method="post">{{ form_fields(form) }}</form>
"""
FILES: Files = {
    "app.py": """
        from engine.ext import forms
        from models import db, login
        def setup(app):
            for extension in (db, forms, login):
                extension.init_app(app)
    """,
    "models.py": MODELS,
    "pages/join.py": JOIN,
    "pages/login.py": LOGIN,
    "pages/profile.py": PROFILE,
    "pages/join.html": TEMPLATE,
    "pages/login.html": TEMPLATE,
    "pages/profile.html": TEMPLATE,
}
ADA = {"email": "ada@site.example", "name": "Ada", "password": "two loaves of rye"}


@pytest.fixture
def door(served: Callable[..., Served]) -> Iterator[Served]:
    door = served(FILES, secret_key=KEY)
    with door.app.context():
        door.app.extensions["sql"].create_all()
    yield door
    door.app.site.modules.close()


def send(client: Any, path: str, **fields: Any) -> Any:
    return client.post(path, data={**fields, "csrf_token": token_of(client.get(path).text)})


def test_a_member_joins_leaves_comes_back_and_changes_what_is_theirs(door: Served) -> None:
    client = door.app.test_client()
    assert send(client, "/join/", **ADA, is_admin="y").location == "/profile/"
    assert "Ada False<form" in client.get("/profile/").text
    assert send(door.app.test_client(), "/join/", **ADA).status_code == 422

    later = door.app.test_client()
    sent = later.get("/profile/").location
    assert sent == "/login/?next=%2Fprofile%2F"
    assert send(later, sent, email=ADA["email"], password="?").status_code == 422
    assert send(later, sent, email=ADA["email"], password=ADA["password"]).location == "/profile/"
    assert send(later, "/profile/", name="Ada Byron", is_admin="y").location == "/profile/"
    assert "Ada Byron False<form" in client.get("/profile/").text
    assert 'value="Ada Byron"' in client.get("/profile/").text
