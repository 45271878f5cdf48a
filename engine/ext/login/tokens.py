"""Tokens for links in mails, such as that to a new password: signed, dated, and good until something has changed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from engine import BadToken, signer
from engine.ext.login.rules import id_of, is_active, proof, proves, rules


def user_token(user: Any, purpose: str) -> str:
    """A token for a link that is sent to a user, for one purpose, as `"reset"`.

    It holds until the password, the mail address (`email`) or the last sign-in (`last_login`) of the user changes,
    where the user has these: so a link to a new password works once.
    """
    return signer(f"login.token.{purpose}").dumps(
        json.dumps([id_of(user), proof(user, f"token.{purpose}", *_state(user))]).encode()
    )


def user_of_token(token: str, purpose: str, max_age: int = 3600) -> Any:
    """The user of a token that is not older than `max_age` seconds; `None` where it does not hold."""
    try:
        id, given = json.loads(signer(f"login.token.{purpose}").loads(token, max_age).payload)
    except BadToken:
        return None
    user = rules().load(id)
    if user is None or not is_active(user):
        return None
    return user if proves(given, user, f"token.{purpose}", *_state(user)) else None


def _state(user: Any) -> tuple[str, str]:
    last = getattr(user, "last_login", None)
    if isinstance(last, dt.datetime):  # databases drop the zone, or what is less than a second
        last = last.replace(microsecond=0, tzinfo=None).isoformat()
    return str(getattr(user, "email", "") or ""), str(last or "")
