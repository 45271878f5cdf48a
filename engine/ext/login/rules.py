"""What a site has said of its sign-in, and what is asked of its users."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from engine import current_app
from engine.errors import EngineError
from engine.ext.login.attempts import Attempts

NAME = "login"
"""Under which `current_app.extensions` has the rules of the site."""


def _nobody(id: str) -> None:
    raise EngineError("Nobody says how a user is found. Mark a function with @login.user_loader.")


@dataclass(slots=True)
class Rules:
    """How a site signs its users in. `load` finds a user by the id, `secret` is what changes with the password."""

    page: str
    secret: Callable[[Any], str]
    load: Callable[[str], Any] = _nobody
    public: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    remember_for: int = 0
    fresh_for: int = 0
    attempts: Attempts = field(default_factory=Attempts)


def rules() -> Rules:
    """Those of the site that answers. Raises `EngineError` where it has none."""
    found: Rules | None = current_app.extensions.get(NAME)
    if found is None:
        raise EngineError("The site has no login. Call login.init_app(app) in setup(app).")
    return found


def password_hash(user: Any) -> str:
    """The stored hash of a user's password, if there is one."""
    return getattr(user, "password_hash", "") or ""


def id_of(user: Any) -> str:
    """The id of a user as text: what `get_id()` says, else `id`."""
    own = getattr(user, "get_id", None)
    return str(own() if callable(own) else user.id)


def is_active(user: Any) -> bool:
    """Whether a user may sign in: one with `is_active = False` may not."""
    return bool(getattr(user, "is_active", True))


def proof(user: Any, purpose: str, *more: str) -> str:
    """A digest of a user's secret by the key of the site: another password is another digest."""
    return next(_proofs(user, purpose, *more))


def proves(given: Any, user: Any, purpose: str, *more: str) -> bool:
    """Whether `given` is the proof of a user, by any key of the site."""
    known = given if isinstance(given, str) and given.isascii() else ""
    return any([hmac.compare_digest(known, each) for each in _proofs(user, purpose, *more)])


def _proofs(user: Any, purpose: str, *more: str) -> Iterator[str]:
    message = "\0".join([f"engine.login.{purpose}", id_of(user), rules().secret(user), *more]).encode()
    config = current_app.config
    for key in filter(None, (config.secret_key, *config.secret_key_fallbacks)):
        secret = key.encode() if isinstance(key, str) else key
        yield urlsafe_b64encode(hmac.digest(secret, message, "sha256")[:18]).decode()
