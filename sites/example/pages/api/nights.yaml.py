"""The open nights as the keyholders keep them, for who would rather read than program."""

from pathlib import Path


def get() -> Path:
    return Path("data/nights.yaml")
