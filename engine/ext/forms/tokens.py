"""Tokens by which a form shows that it was made for this very session.

Browsers tell where a request comes from, and the engine refuses what comes from elsewhere. Tokens are the second door,
for browsers and proxies that tell nothing. A token is signed by the site's key for a secret in the session, is dated,
and is another each time, so that compression betrays nothing of it (BREACH).
"""

from __future__ import annotations

from secrets import token_bytes, token_urlsafe

from engine import BadToken, Signer, abort, request, session, signer
from engine.ext.private import keep_private, settle_session

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
LIFETIME = 12 * 3600
"""Seconds: a day's work at an open page, but not a page that was forgotten in a tab."""
SAFE = frozenset(["GET", "HEAD", "OPTIONS", "TRACE"])
"""Methods that change nothing (RFC 9110 §9.2.1)."""
STALE = "This form was open for too long, or your session has changed. Please send it again."
_SECRET = "_csrf"


def csrf_token() -> str:
    """A token for the form of this visitor, or for the header `X-CSRF-Token` of a script."""
    keep_private()
    settle_session()
    if _SECRET not in session:
        session[_SECRET] = token_urlsafe(16)
    return _signer(session[_SECRET]).dumps(token_bytes(9))


def is_csrf_token(token: str | None, max_age: int = LIFETIME) -> bool:
    """Whether a token was made for this session, at most `max_age` seconds ago.

    Whose session it is is asked before. Else a token of a session that somebody has planted would count for the one
    that its visitor gets in its place, as whom a cookie remembers.
    """
    settle_session()
    secret = session.get(_SECRET)
    if not token or not secret:
        return False
    try:
        _signer(secret).loads(token, max_age)
    except BadToken:
        return False
    return True


def require_csrf_token() -> None:
    """Answer 403 to a request that changes something and brings no token. Also a `before_request` of a directory."""
    if request.method not in SAFE and not is_csrf_token(
        request.form.get(FIELD) or request.headers.get(HEADER)
    ):
        abort(403, STALE)


def _signer(secret: str) -> Signer:
    return signer(f"forms.csrf {secret}")
