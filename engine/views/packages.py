"""Which names at the root of a site are modules of its own, and which give way to what is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

NOT_PACKAGES = frozenset(["pages", "templates", "static", "data"])
"""Directories of a site that hold no code to be imported, whatever is in them."""


def is_own(root: str, top: str) -> bool:
    """Whether the site at `root` has a module of that name."""
    folder = Path(root, top)
    return folder.with_suffix(".py").is_file() or _is_package(folder)


def _is_package(folder: Path) -> bool:
    if folder.name in NOT_PACKAGES or not folder.is_dir():
        return False
    if (folder / "__init__.py").is_file():
        return True
    return any(folder.rglob("*.py")) and not _is_installed(folder.name)


def _is_installed(top: str) -> bool:
    """Whether Python finds a module of this name that is more than a directory."""
    try:
        spec = find_spec(top)
    except ValueError:  # of a module that was made and not found, as `__main__`
        return True
    return spec is not None and spec.origin is not None
