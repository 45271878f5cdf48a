"""The engine: the sites on disk, nothing else. `full`: with hooks around every page, and more headers."""

from lab import WORK

from engine import create_app

SLASH = "/"


def create(variant):
    return create_app(WORK / (variant or "serve"))


def create_routes(count):
    return create_app(WORK / f"routes-{count}")
