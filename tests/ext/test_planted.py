"""Who has planted a session in a browser, as a page of a neighbouring host can, has no tokens for its next one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Files, Served
from login_tools import KEY, MEMBERS, Member

FILES: Files = {
    **MEMBERS,
    "app.py": """
        from engine.ext import forms
        from users import login
        def setup(app):
            forms.init_app(app)
            login.init_app(app)
    """,
    "pages/token.py": """
        from engine.ext.forms import csrf_token
        from engine.ext.login import current_user
        freeze = False
        def get():
            return f"{csrf_token()} {current_user.is_authenticated}"
    """,
    "pages/walled/_hooks.py": "from engine.ext.forms import require_csrf_token as before_request\n",
    "pages/walled/own/_hooks.py": "from engine.ext.login import login_required as before_request\n",
    "pages/walled/own/pay.py": """
        from engine.ext.login import current_user
        freeze = False
        def post():
            return f"paid by {current_user.name}"
    """,
    "pages/pay.py": """
        from engine.ext.forms import Form
        from engine.ext.login import current_user
        freeze = False
        def post():
            return f"paid by {current_user.name}" if Form().validate_on_submit() else ("refused", 403)
    """,
}
PATHS = ("/walled/own/pay/", "/pay/")


@pytest.fixture
def door(served: Callable[..., Served]) -> Served:
    return served(FILES, secret_key=KEY)


@pytest.mark.parametrize("path", PATHS)
def test_a_token_of_a_planted_session_is_none_for_whom_a_cookie_remembers(door: Served, path: str) -> None:
    eve, ada = Member(door), Member(door)
    token = eve.get("/token/").text.split()[0]
    ada.sign_in(data={"remember": "y"})
    ada.bring(eve.cookie())
    answer = ada.client.post(path, data={"csrf_token": token})
    assert answer.status_code == 403
    assert ada.who == "ada"


@pytest.mark.parametrize("path", PATHS)
def test_a_token_for_whom_a_cookie_remembers_is_of_the_session_that_they_get(door: Served, path: str) -> None:
    ada = Member(door)
    ada.sign_in(data={"remember": "y"})
    ada.client.delete_cookie("session")
    token, is_signed_in = ada.get("/token/").text.split()
    assert is_signed_in == "True"
    assert ada.client.post(path, data={"csrf_token": token}).text == "paid by ada"
