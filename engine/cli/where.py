"""Which site a command line is about, told without importing anything of the engine."""

from __future__ import annotations

import os
from pathlib import Path

import click

SITE = "ENGINE_SITE"


def site_of(ctx: click.Context) -> Path:
    """The site of a command line that names none: that of `--site` or `ENGINE_SITE`, else the current directory."""
    return Path(ctx.find_root().params.get("site") or os.environ.get(SITE) or ".")


def may_have_commands(site: Path) -> bool:
    """Whether there is a site with code that could add commands: its own, or that of an extension."""
    return (site / "pages").is_dir() and ((site / "app.py").is_file() or _names_extensions(site))


def _names_extensions(site: Path) -> bool:
    """Whether the settings speak of extensions, in whichever layer."""
    if "ENGINE_EXTENSIONS" in os.environ:
        return True
    try:
        return any(b"extensions" in file.read_bytes() for file in site.glob("site*.toml"))
    except OSError:  # whoever reads the settings tells of it
        return True
