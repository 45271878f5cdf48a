"""Tokens that a site signs for purposes of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Served
from engine import BadToken, signer
from engine.errors import EngineError, OutsideContext

FILES = {"pages/a.md": "a"}


def test_a_token_holds_for_its_purpose_and_its_time(served: Callable[..., Served]) -> None:
    with served(FILES, secret_key="k").app.context():
        token = signer("invite").dumps(b"ada")
        assert signer("invite").loads(token, 60).payload == b"ada"
        for other, age in ((signer("reset"), 60), (signer("invite"), -1)):
            with pytest.raises(BadToken):
                other.loads(token, age)


def test_a_token_is_no_session(served: Callable[..., Served]) -> None:
    app = served(FILES, secret_key="k").app
    with app.context():
        token = signer("cookie-session").dumps(b'{"user":"ada"}')
    assert app.session_store.load({"HTTP_COOKIE": f"session={token}"}).new


def test_a_token_by_a_key_that_was_replaced_still_opens(site: Callable[..., object]) -> None:
    root = site(FILES)
    with Served(root, secret_key="old").app.context():  # type: ignore[arg-type]
        token = signer("invite").dumps(b"ada")
    new = Served(root, secret_key="new", secret_key_fallbacks=("old",))  # type: ignore[arg-type]
    with new.app.context():
        assert signer("invite").loads(token, 60).payload == b"ada"


def test_there_is_no_signer_without_a_key_or_a_site(served: Callable[..., Served]) -> None:
    with pytest.raises(OutsideContext):
        signer("invite")
    with served(FILES).app.context(), pytest.raises(EngineError, match="need a secret key"):
        signer("invite")
