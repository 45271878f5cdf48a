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
    """Whether there is a site with code that could add commands."""
    return (site / "app.py").is_file() and (site / "pages").is_dir()
