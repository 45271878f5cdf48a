"""Tokens for links in mails, such as that to a new password: signed, dated, and good until something has changed."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from engine import BadToken, signer
from engine.ext.login.rules import id_of, is_active, proof, proves, rules


def user_token(user: Any, purpose: str, *, once: bool = True) -> str:
    """A token for a link that is sent to a user, for one purpose, as `"reset"`.

    It holds until the password, the mail address (`email`) or the last sign-in (`last_login`) of the user changes,
    where the user has these: so a link to a new password works once. Without `once` a sign-in changes nothing, as for
    the token of a program.
    """
    return signer(f"login.token.{purpose}").dumps(
        json.dumps([id_of(user), proof(user, f"token.{purpose}", *_state(user, once))]).encode()
    )


def user_of_token(token: str, purpose: str, max_age: int = 3600, *, once: bool = True) -> Any:
    """The user of a token that is not older than `max_age` seconds; `None` where it does not hold.

    `once` is as it was for `user_token`.
    """
    try:
        id, given = json.loads(signer(f"login.token.{purpose}").loads(token, max_age).payload)
    except BadToken:
        return None
    user = rules().load(id)
    if user is None or not is_active(user):
        return None
    return user if proves(given, user, f"token.{purpose}", *_state(user, once)) else None


def _state(user: Any, once: bool) -> tuple[str, str]:
    last = getattr(user, "last_login", None) if once else "any"
    if isinstance(last, dt.datetime):  # databases drop the zone, or what is less than a second
        last = last.replace(microsecond=0, tzinfo=None).isoformat()
    return str(getattr(user, "email", "") or ""), str(last or "")
