"""What tests of a site use: the pytest plugin, and the names of what its fixtures give.

Nothing is imported before it is used: pytest imports the plugin in every project that has the engine installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.app.client import Client as Client
    from engine.testing.frozen import FrozenSite as FrozenSite
    from engine.testing.live import LiveServer as LiveServer
    from engine.testing.runner import Runner as Runner

_HOMES = {
    "Client": "engine.app.client",
    "FrozenSite": "engine.testing.frozen",
    "LiveServer": "engine.testing.live",
    "Runner": "engine.testing.runner",
}

__all__ = sorted(_HOMES)  # noqa: PLE0605  they are strings


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
