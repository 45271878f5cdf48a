"""Who may come in: `login_required` for a handler or a directory, `bearer_user` for programs, and where to go after.

Each 401 says how to come in (RFC 9110 §11.6.1): programs by `Bearer` (RFC 6750 §3), and who signs in on a page by
`Cookie`, a scheme that nobody has registered, so that no browser opens a window of its own and asks for a password.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, overload
from urllib.parse import quote

from werkzeug.exceptions import Unauthorized

from engine import abort, current_app, g, has_request_context, is_local, redirect, request, url_for
from engine.ext.login.rules import id_of, rules
from engine.ext.login.tokens import user_of_token
from engine.ext.login.visitor import is_fresh, visitor
from engine.ext.private import keep_nowhere, keep_private

F = TypeVar("F", bound=Callable[..., Any])
SAFE = frozenset(["GET", "HEAD"])
OFFERED = ("text/html", "application/problem+json", "application/json")
SIGN_IN = "login"
"""What is attempted where nothing else is said."""
NEXT = "next"
QUERY = "/?:@!$&'()*+,;=~%"
"""What may stand in a query as it is (RFC 3986 §3.4), beside letters and digits."""


class Challenge(Unauthorized):
    """401 with the `challenge` by which to come in."""

    def __init__(self, description: str, challenge: str) -> None:
        super().__init__(description)
        self.challenge = challenge

    def get_headers(self, *args: Any, **options: Any) -> list[tuple[str, str]]:
        return [*super().get_headers(*args, **options), ("WWW-Authenticate", self.challenge)]


class Guard:
    """Lets in who is signed in. Around a handler it is a decorator; called with nothing it is a `before_request`.

    Browsers are sent to the login page, and programs that prefer JSON get 401.
    """

    def __init__(self, *, fresh: bool = False, test: Callable[[Any], Any] | None = None) -> None:
        self._fresh = fresh
        self._test = test

    @overload
    def __call__(self) -> Any: ...
    @overload
    def __call__(self, function: F) -> F: ...
    def __call__(self, function: Any = None) -> Any:
        if function is None:
            if not has_request_context():
                raise TypeError("a guard is no call: write @login_required, without parentheses")
            return self._answer()
        if inspect.iscoroutinefunction(function):

            @wraps(function)
            async def later(*args: Any, **params: Any) -> Any:
                answer = self._answer()
                return await function(*args, **params) if answer is None else answer

            return later

        @wraps(function)
        def guarded(*args: Any, **params: Any) -> Any:
            answer = self._answer()
            return function(*args, **params) if answer is None else answer

        return guarded

    def where(self, test: Callable[[Any], Any]) -> Guard:
        """A guard that also wants `test(user)`, else 403: `login_required.where(lambda user: user.is_staff)`."""
        return Guard(fresh=self._fresh, test=test)

    def _answer(self) -> Any:
        """What to answer instead of the page, if anything."""
        if request.route_id in rules().public:
            return None
        keep_nowhere()
        user = visitor()
        if not user or (self._fresh and not is_fresh()):
            return _to_login()
        if self._test is not None and not self._test(user):
            abort(403)
        return None


login_required = Guard()
fresh_login_required = Guard(fresh=True)
"""For what is dangerous: who has not signed in within the last minutes (`fresh_for`) gives the password again."""


def _to_login() -> Any:
    if request.accept_mimetypes.best_match(OFFERED, OFFERED[0]) != OFFERED[0]:
        raise Challenge("Sign in first.", _of_cookie())
    # Where to go on is where the visitor wanted to look. What was sent cannot be sent again by a redirect.
    here = _here() if request.method in SAFE else None
    page = url_for(rules().page, _query={NEXT: here} if is_local(here) else {})
    if "HX-Request" in request.headers:  # htmx would put the login page into a part of this one
        return "", 401, {"HX-Redirect": url_for(rules().page), "WWW-Authenticate": _of_cookie()}
    return redirect(page)


def _of_cookie() -> str:
    """Where to get which cookie. The name of one needs no quotes to be a text between them."""
    return f'Cookie form-action="{url_for(rules().page)}", cookie-name="{current_app.config.session.cookie}"'


def bearer_user(purpose: str, max_age: int = 3600, *, required: bool = True) -> Any:
    """The user whose token a program has sent, as `Authorization: Bearer …`.

    The token is one of `user_token(user, purpose, once=False)`, and not older than `max_age` seconds. Where none is
    sent that holds, the answer is 401; `None` is returned if the user is not `required`.
    """
    sent = request.authorization
    token = sent.token if sent is not None and sent.type == "bearer" else None
    user = user_of_token(token, purpose, max_age, once=False) if token else None
    if user is not None:
        keep_private()
    elif required and token:
        raise Challenge("The token does not hold.", 'Bearer error="invalid_token"')
    elif required:
        raise Challenge("Send a token: Authorization: Bearer …", "Bearer")
    return user


def _here() -> str:
    """The path of this request with its query, as a browser would write it."""
    base, path = current_app.config.base_path, quote(request.path, safe="/:@!$&'()*+,;=~")
    query = f"?{quote(request.query_string, safe=QUERY)}" if request.query_string else ""
    return f"{'' if path.startswith(f'{base}/') else base}{path}{query}"


def next_url(default: str) -> str:
    """Where the visitor wanted to go before they had to sign in, if that is a path of this site; else `default`."""
    wanted: str | None = g.get("_login_next") or request.args.get(NEXT) or request.form.get(NEXT)
    return wanted if wanted is not None and is_local(wanted) else default


def count_attempt(account: Any, action: str = SIGN_IN) -> None:
    """Count an attempt of this visitor at an account. Raises 429 with `Retry-After` where there were too many.

    The account is what the visitor has typed, or the user that was found by it, however it was spelt.
    `login_user` in the same request forgives those to sign in that came from the same address for the same account.
    """
    name = account if isinstance(account, str) else f"user {id_of(account)}"
    attempt = (action, request.remote_addr, name)
    rules().attempts.count(*attempt)
    if action == SIGN_IN:
        g._login_attempt = attempt
