"""Links in mails: to a new password, and to the confirmation of an address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from doors import Files, Served
from engine.ext.login import user_of_token, user_token
from login_tools import KEY, MEMBERS

NOW = "2026-11-28T12:00:00+00:00"


@pytest.fixture
def app(served: Callable[..., Served]) -> Iterator[Any]:
    app = served(MEMBERS, secret_key=KEY).app
    with app.context():
        yield app


def user(app: Any, id: str = "1") -> Any:
    return app.extensions["login"].load(id)


def test_a_token_is_that_of_its_user_for_its_purpose_and_its_time(app: Any) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        token = user_token(user(app), "reset")
        assert user_of_token(token, "reset") is user(app)
        assert user_of_token(token, "confirm") is None
        clock.shift(3601)
        assert user_of_token(token, "reset") is None
        assert user_of_token(token, "reset", max_age=7200) is user(app)


@pytest.mark.parametrize(
    "change",
    [
        {"password_hash": "another"},
        {"email": "other@site.example"},
        {"last_login": dt.datetime(2026, 11, 28, tzinfo=dt.UTC)},
        {"is_active": False},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_token_holds_until_something_has_changed(app: Any, change: dict[str, Any]) -> None:
    token = user_token(user(app), "reset")
    vars(user(app)).update(change)
    assert user_of_token(token, "reset") is None


PROGRAMS: Files = {
    **MEMBERS,
    "pages/api/who.py": """
        from engine.ext.login import bearer_user
        freeze = False
        def get():
            return bearer_user("api").name
        def post():
            user = bearer_user("api", required=False)
            return user.name if user else "nobody"
    """,
}


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        (None, "Bearer"),
        ("Basic YTpi", "Bearer"),
        ("Bearer", "Bearer"),
        ("Bearer nonsense", 'Bearer error="invalid_token"'),
        ("bearer of.another.site", 'Bearer error="invalid_token"'),
    ],
)
def test_a_program_without_a_token_that_holds_is_told_how_to_come_in(
    served: Callable[..., Served], authorization: str | None, challenge: str
) -> None:
    client = served(PROGRAMS, secret_key=KEY).app.test_client()
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.get("/api/who/", headers={**headers, "Accept": "application/json"})
    assert (answer.status_code, answer.headers.getlist("WWW-Authenticate")) == (401, [challenge])
    assert client.get("/api/who/", headers=headers).headers["WWW-Authenticate"] == challenge
    assert client.post("/api/who/", headers=headers).text == "nobody"


def test_a_program_comes_in_by_the_token_of_its_user(served: Callable[..., Served]) -> None:
    app = served(PROGRAMS, secret_key=KEY).app
    with app.context():
        token = user_token(user(app), "api", once=False)
        other = user_token(user(app), "reset", once=False)
    answer = app.test_client().get("/api/who/", headers={"Authorization": f"Bearer {token}"})
    assert (answer.text, answer.headers["Cache-Control"]) == ("ada", "private, no-cache")
    assert app.test_client().get("/api/who/", headers={"Authorization": f"Bearer {other}"}).status_code == 401


def test_a_token_holds_whatever_a_database_makes_of_a_moment(app: Any) -> None:
    user(app).last_login = dt.datetime(2026, 11, 28, 12, 0, 0, 999, tzinfo=dt.UTC)
    token = user_token(user(app), "reset")
    user(app).last_login = dt.datetime(2026, 11, 28, 12)
    assert user_of_token(token, "reset") is user(app)


def test_a_token_of_one_user_is_none_of_another(app: Any) -> None:
    user(app, "2").password_hash = user(app).password_hash
    user(app, "2").email = user(app).email
    one, two = user_token(user(app), "reset"), user_token(user(app, "2"), "reset")
    assert user_of_token(one, "reset").id == 1 and user_of_token(two, "reset").id == 2


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é"])
def test_what_is_no_token_is_nobodys(app: Any, token: str) -> None:
    assert user_of_token(token, "reset") is None
