"""What a site says of its sign-in, and how that gets to its pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from engine.errors import EngineError, Fault, UnknownRoute
from engine.ext.login.attempts import Attempts, Limits
from engine.ext.login.rules import NAME, Rules, password_hash
from engine.ext.login.visitor import current_user, visitor
from engine.ext.private import OWNER
from engine.extensions import Registry, RouteTable

if TYPE_CHECKING:
    from engine.ext.login.oauth import OAuth

F = TypeVar("F", bound=Callable[[str], Any])
DAY = 24 * 3600


class Login:
    """The sign-in of a site: its module makes one and marks a function with `user_loader`, `setup` calls `init_app`.

    `page` is the id of the route that signs in, `public` those that every guard lets through, and `keep` the names in
    the session that a sign-in does not drop. `remember_for` and `fresh_for` are in seconds. `store` is where attempts
    are counted, the Redis of `[cache]` if nothing is said, and `limits` how many there may be. `secret` gives what of
    a user changes with the password: once it is another, all their sessions are over.
    """

    def __init__(
        self,
        page: str = "/login",
        *,
        public: Iterable[str] = (),
        keep: Iterable[str] = (),
        remember_for: int = 30 * DAY,
        fresh_for: int = 15 * 60,
        store: str | None = None,
        limits: Limits | None = None,
        secret: Callable[[Any], str] = password_hash,
    ) -> None:
        self.rules = Rules(
            page=page,
            public=frozenset([page, *public]),
            keep=frozenset(keep),
            remember_for=remember_for,
            fresh_for=fresh_for,
            attempts=Attempts(store or "memory://", limits),
            secret=secret,
        )
        self._limits = limits
        self._has_store = store is not None
        self._oauth: OAuth | None = None

    def user_loader(self, function: F) -> F:
        """`@login.user_loader`: the function finds a user by the id as text, and gives `None` where there is none."""
        self.rules.load = function
        return function

    def init_app(self, app: Registry) -> None:
        """Have the pages of a site find this; templates get `current_user`. Raises `EngineError` for a second one."""
        if NAME in app.extensions:
            raise EngineError("The site has a login already.")
        app.extensions[NAME] = self.rules
        app.extensions[OWNER] = visitor
        cache = app.config.cache
        if not self._has_store and cache.store != "memory":
            address = re.sub("^unix:", "redis+unix:", cache.store)  # as `limits` calls it
            self.rules.attempts = Attempts(address, self._limits, prefix=cache.prefix)
        app.needs_secret_key = True
        app.add_names({"current_user": current_user})
        app.on_routes(self._missing)

    def _missing(self, routes: RouteTable) -> Iterator[Fault]:
        """The pages that this names and the site has not: nobody could sign in, or a guard would close what is open."""
        for id in sorted(self.rules.public):
            try:
                routes.route(id)
            except UnknownRoute:
                is_page = id == self.rules.page
                hint = (
                    f"Make pages{id}.py, or write Login(page=…)" if is_page else "Correct Login(public=[…])"
                )
                what = f"the login names the page {id!r}, which is not there"
                yield Fault("login-page", "app.py", what, hint)

    @property
    def oauth(self) -> OAuth:
        """Sign-in by other services. Needs the extra `oauth`."""
        if self._oauth is None:
            from engine.ext.login.oauth import OAuth  # noqa: PLC0415  optional

            self._oauth = OAuth()
        return self._oauth
