"""The extensions that installed packages bring, by their entry points."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from engine.extensions.registry import Registry

GROUP = "engine.extensions"
"""The group of entry points by which packages say what they bring (packaging.python.org, "Entry points")."""


class NoExtension(LookupError):
    """No installed package brings an extension of this name. `str()` is the way out."""


def extension(name: str) -> Callable[[Registry], Any]:
    """What the extension of that name does with a site: its `init_app`, or the extension itself if that is a function.

    Raises `NoExtension` where no installed package brings it, and what its import raises.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415  it takes 10 ms, and few sites have extensions

    known = {it.name: it for it in entry_points(group=GROUP)}
    if name not in known:
        near = get_close_matches(name, known, 1)
        raise NoExtension(f"Did you mean {near[0]!r}?" if near else "Install the package that brings it")
    found = known[name].load()
    init: Callable[[Registry], Any] = getattr(found, "init_app", found)
    return init
