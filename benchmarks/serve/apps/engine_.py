"""The engine: the sites on disk, nothing else."""

from lab import WORK

from engine import create_app

SLASH = "/"


def create(variant):
    return create_app(WORK / "serve")


def create_routes(count):
    return create_app(WORK / f"routes-{count}")
