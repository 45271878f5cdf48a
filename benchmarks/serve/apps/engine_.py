"""The engine: the sites on disk, nothing else.

`hooked`: with a secret key, more headers and three hooks around every page that do nothing; `full`: with hooks that do
something.
"""

from lab import WORK

from engine import create_app

SLASH = "/"


def create(variant):
    return create_app(WORK / (variant or "serve"))


def create_routes(count):
    return create_app(WORK / f"routes-{count}")
