"""What the tests of this site have in common. `client`, `db`, `runner` and others come with the engine."""

import re

import pytest
from argon2 import PasswordHasher

from engine.ext.login import Passwords, sign_in_client, user_token

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Makes what a password is stored as in a thousandth of the time, as no thief reads the database of a test."""


@pytest.fixture(scope="session")
def site_settings():
    return {"session__secure": False, "freeze__hybrid": True}  # a browser sends no secure cookie by HTTP


@pytest.fixture
def ada(db):
    """A member who has written one notice."""
    member = db.models.Member(
        name="Ada", email="ada@ternlane.example", plot=12, password_hash=QUICK.hash("a spade")
    )
    member.posts.append(db.models.Post(title="The water is on", body="Turn it off *fully*."))
    db.session.add(member)
    db.session.commit()
    return member


@pytest.fixture
def signed_in(client, ada):
    """A client of Ada's. `signed_in.token(path)` is the token of the form at a path."""
    sign_in_client(client, ada)
    client.token = lambda path: re.search('name="csrf_token" .*?value="(.+?)"', client.get(path).text)[1]
    return client


@pytest.fixture
def outbox(app):
    """What sends mails, empty."""
    outbox = app.extensions["outbox"]
    outbox.wait()
    outbox.kept.clear()
    return outbox


@pytest.fixture
def program(app, ada):
    """What a program of Ada's sends besides."""
    with app.context():
        return {"Authorization": f"Bearer {user_token(ada, 'api', once=False)}"}
