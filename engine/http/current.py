"""The names that stand for what is current: `request`, `session`, `g`, `current_app`, `pages`, `data`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.local import LocalProxy

from engine.http.context import Globals, current, here
from engine.http.request import Request
from engine.http.session import Session


def _current(find: Callable[[], Any]) -> Any:
    """A name for something of the current context: Werkzeug's proxy, with a short way for what is done most.

    It is of a class of its own, which knows by `find` what it stands for without a look at itself.
    """

    class Current(LocalProxy[Any]):
        __slots__ = ()

        # Looked for on the proxy first, a name costs the making of an AttributeError. Its own all begin with "_".
        def __getattribute__(self, name: str) -> Any:
            return object.__getattribute__(self, name) if name[:1] == "_" else getattr(find(), name)

        def __getattr__(self, name: str) -> Any:
            return getattr(find(), name)

        def __setattr__(self, name: str, value: Any) -> None:
            setattr(find(), name, value)

        def __contains__(self, key: object) -> bool:
            return key in find()

        def __getitem__(self, key: Any) -> Any:
            return find()[key]

        def __setitem__(self, key: Any, value: Any) -> None:
            find()[key] = value

    return Current(find)


def _globals() -> Globals:
    """What `g` stands for. Hooks ask for it again and again: where it is there, this takes a third less time."""
    context = current.get(None)
    if context is not None and context.trace is None and context._g is not None:
        return context._g
    return here("g").g


request: Request = _current(lambda: here("request").request)
session: Session = _current(lambda: here("session").session)
g: Any = _current(_globals)
current_app: Any = _current(lambda: here("current_app").app)
pages: Any = _current(lambda: here("pages").app.pages)
data: Any = _current(lambda: here("data").app.data)
