"""The applications that servers start: `served:engine`, `served:flask`, and `served:floor`, which does nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any


def __getattr__(name: str) -> Any:
    if name in ("engine", "flask"):
        return importlib.import_module(f"apps.{name}_").create("")
    raise AttributeError(name)


def floor(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The least that an application can do, whatever it is asked."""
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", "22")])
    return [b"<h1>Hello, World!</h1>"]
