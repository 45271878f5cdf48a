"""The extensions that installed packages bring, by their entry points."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from engine.extensions.registry import Registry

GROUP = "engine.extensions"
"""The group of entry points by which packages say what they bring (packaging.python.org, "Entry points")."""


IN_SETUP = frozenset(["sql", "login"])
"""Those of the engine that a site makes itself, as they need its models."""


class NoExtension(LookupError):
    """No installed package brings an extension of this name, or several do. `hint` is the way out."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def extension(name: str) -> Callable[[Registry], Any]:
    """What the extension of that name does with a site: its `init_app`, or the extension itself if that is a function.

    Raises `NoExtension` where not one installed package brings it, and what its import raises.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  it takes 10 ms, and few sites have extensions

    points = entry_points(group=GROUP)
    known = {it.value: it for it in points.select(name=name)}
    if not known:
        raise NoExtension(f"there is no extension {name!r}", _way_out(name, points.names))
    if len(known) > 1:
        brought = " and ".join(sorted(known))
        raise NoExtension(
            f"{brought} are both the extension {name!r}", "Uninstall all packages of these but one"
        )
    found = next(iter(known.values())).load()
    init: Callable[[Registry], Any] = getattr(found, "init_app", found)
    return init


def _way_out(name: str, known: Iterable[str]) -> str:
    if name in IN_SETUP:
        return "That of the engine needs code of the site: call its init_app in setup(app) of app.py"
    near = get_close_matches(name, known, 1)
    return f"Did you mean {near[0]!r}?" if near else "Install the package that brings it"
