"""Refuses to serve a site that uses the session and has no key to sign it with: each visitor would get an error."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from types import ModuleType

from engine.errors import Fault, SiteError
from engine.extensions.setup import SETUP
from engine.http.current import session
from engine.http.vocabulary import flash, get_flashed_messages, signer
from engine.site import Site

MAKE_ONE = (
    'Make one by `python -c "import secrets; print(secrets.token_hex())"` and set it as ENGINE_SECRET_KEY, the same '
    "for all workers and machines"
)
WORDS = {"session": session, "flash": flash, "get_flashed_messages": get_flashed_messages, "signer": signer}
NAMES = frozenset(["get_flashed_messages"])
"""What uses the session: the words of Python, and the names in templates. `session` may be one of the site's own."""


def require_key(site: Site) -> None:
    """Raises `SiteError` with `secret-key-missing` for a site that needs a key and has none."""
    if site.config.secret_key:
        return
    for file, line in _users(site):
        what = "uses the session, which needs a secret key"
        raise SiteError(Fault("secret-key-missing", file, what, MAKE_ONE, line))


def _users(site: Site) -> Iterator[tuple[str, int | None]]:
    """The files that use the session, as far as their modules and templates show it."""
    prefix = f"{site.modules.name}."
    for name, module in sorted(sys.modules.items()):
        if name.startswith(prefix) and _says_a_word(module):
            yield site.modules.path_of(name), None
    if site.needs_secret_key:
        yield SETUP, None
    yield from site.renderer.templates.users_of(NAMES)


def _says_a_word(module: ModuleType) -> bool:
    """Whether a module has one of the words, or finds one in the engine while it runs."""
    values = vars(module)
    if any(value is word for value in values.values() for word in WORDS.values()):
        return True
    try:
        tree = ast.parse(inspect.getsource(module))
    except (OSError, TypeError):  # an empty file, and a directory without one
        return False
    engine = sys.modules["engine"]
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(module="engine", names=names) if any(it.name in WORDS for it in names):
                return True
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr in WORDS:
                if values.get(name) is engine:
                    return True
    return False
