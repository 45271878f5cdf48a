"""Who is signed in: in the session, and in the cookie that remembers them after it.

The session has the id of the user, a proof that belongs to the password, and the moment of the sign-in. With another
password neither the proof of a session nor that of a remembering cookie holds, on whatever device.
"""

from __future__ import annotations

import json
import time
from typing import Any

from werkzeug.local import LocalProxy

from engine import BadToken, Response, after_this_request, current_app, g, request, session, signer
from engine.ext.login.rules import id_of, is_active, proof, proves, rules
from engine.ext.private import keep_private

USER, PROOF, MOMENT = "_user", "_proof", "_signed_in"
OWN = frozenset([USER, PROOF, MOMENT, "_csrf", "_oauth"])
"""What a sign-in makes anew or drops: nobody who has chosen the session before shall know it."""
COOKIE = "remember"


class Anonymous:
    """Who is not signed in: false where a user is true."""

    id = None
    is_active = False

    def __bool__(self) -> bool:
        return False


NOBODY = Anonymous()


def visitor() -> Any:
    """The user that is signed in, or an `Anonymous`. Loaded once for each request."""
    if "_login_user" not in g:
        g._login_user = _in_session() or _remembered() or NOBODY
    return g._login_user


class _CurrentUser(LocalProxy[Any]):
    @property
    def is_authenticated(self) -> bool:
        """Whether anybody is signed in, as Flask-Login says it."""
        return bool(visitor())

    @property
    def is_anonymous(self) -> bool:
        """The contrary. A template that asked a user who has no such attribute would take nobody for somebody."""
        return not visitor()


current_user: Any = _CurrentUser(visitor)


def login_user(user: Any, *, remember: bool = False) -> bool:
    """Sign a user in, and say whether that was done: one that is not active is not.

    The session is a new one. What was in it is gone, but for what the site keeps, and all that is the same user's. With
    `remember` a cookie signs them in again once the session is over.
    """
    if isinstance(user, LocalProxy):  # the current user, with another password
        user = user._get_current_object()
    if not is_active(user):
        return False
    _begin(user)
    session[MOMENT] = int(time.time())
    g._login_user = user
    if (attempt := g.pop("_login_attempt", None)) is not None:
        rules().attempts.forgive(*attempt)
    if remember:
        what = json.dumps([id_of(user), proof(user, "remember")])
        token = signer("login.remember").dumps(what.encode())
        after_this_request(lambda response: _remember(response, token))
    elif COOKIE in request.cookies:  # it may be somebody else's
        after_this_request(_forget)
    return True


def logout_user() -> None:
    """Sign the visitor out: the session is empty, and nothing remembers them."""
    _renew()
    g._login_user = NOBODY
    after_this_request(_forget)


def is_fresh() -> bool:
    """Whether the visitor has signed in just now, and not by a cookie."""
    moment: int = session.get(MOMENT, 0)
    return time.time() - moment <= rules().fresh_for


def sign_in_client(client: Any, user: Any) -> None:
    """Have a client of tests (`app.test_client()`) be signed in as a user from its next request on."""
    with client.application.context(), client.session_transaction() as session:
        session.update(_entry(user), **{MOMENT: int(time.time())})


def _renew() -> None:
    session.clear()
    rotate = getattr(session, "rotate", None)  # where the server keeps sessions, by an id
    if rotate is not None:
        rotate()


def _begin(user: Any) -> None:
    """Make the session a new one of this user."""
    same = session.get(USER) == id_of(user)
    kept = {name: session[name] for name in session if name not in OWN and (same or name in rules().keep)}
    _renew()
    session.update({**kept, **_entry(user)})


def _entry(user: Any) -> dict[str, Any]:
    return {USER: id_of(user), PROOF: proof(user, "session")}


def _in_session() -> Any:
    keep_private()
    if (id := session.get(USER)) is None:
        return None
    user = rules().load(id)
    if user is not None and is_active(user) and proves(session.get(PROOF), user, "session"):
        return user
    _renew()
    return None


def _remembered() -> Any:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    user = _user_of(token)
    if user is None:
        after_this_request(_forget)
        return None
    _begin(user)  # without the moment: what is dangerous needs the password again
    return user


def _user_of(token: str) -> Any:
    """The user that a cookie remembers, if it is ours and in time, and their password is the same."""
    try:
        id, given = json.loads(signer("login.remember").loads(token, rules().remember_for).payload)
    except BadToken:
        return None
    user = rules().load(id)
    if user is None or not is_active(user) or not proves(given, user, "remember"):
        return None
    return user


def _remember(response: Response, token: str) -> None:
    response.set_cookie(COOKIE, token, max_age=rules().remember_for, **_attributes())


def _forget(response: Response) -> None:
    response.delete_cookie(COOKIE, **_attributes())


def _attributes() -> dict[str, Any]:
    """Those of the session's cookie."""
    config = current_app.config
    return {
        "path": config.base_path or "/",
        "domain": config.session.domain or None,
        "secure": config.session.secure and not config.dev,
        "httponly": True,
        "samesite": config.session.same_site,
        "partitioned": config.session.partitioned and not config.dev,
    }
