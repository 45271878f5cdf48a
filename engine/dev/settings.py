"""The settings of a site while it is developed, and the key that signs its sessions then."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.config import DEV, Config, load_config
from engine.dev.variables import Variables
from engine.errors import SiteError

FOLDER = ".engine"
SECRET = "dev-secret"
_KEY = re.compile(r"[0-9a-f]{64}")


def dev_config(root: str, origin: str, *, variables: Variables | None = None, **flags: Any) -> Config:
    """The settings of the site at `root` for its author, who visits it at `origin` (`http://host:port`).

    The `variables` of the site are read again before. Absolute URLs lead to this server and not to the published
    site, sessions are signed by a key of this machine where the site sets none, and `engine.dev.hosts` judges the host.
    Raises `SiteError`.
    """
    if variables:
        variables.update()
    config = load_config(root, env=DEV, **flags)
    return replace(
        config,
        dev=True,
        trusted_hosts=(),
        secret_key=config.secret_key or dev_secret(config.root),
        base_url=origin + config.base_path if config.base_url else "",
    )


def watched_config(root: str | os.PathLike[str], variables: Variables | None = None) -> Config:
    """The settings that say what to watch; the defaults while they are at fault. Raises `SiteError` where there is no
    site at all."""
    if variables:
        with contextlib.suppress(SiteError):
            variables.update()
    try:
        return load_config(root, env=DEV)
    except SiteError as error:
        if any(fault.code == "no-site" for fault in error.faults):
            raise
        return Config(root=str(Path(root).resolve()))


def dev_secret(root: str) -> str:
    """The key of this machine's user for the site at `root`, made at first use and kept, so that sessions
    outlive a restart. Where it cannot be kept, it lasts as long as the process."""
    path = Path(root) / FOLDER / SECRET
    key = _read(path)
    if key is None:
        key = secrets.token_hex(32)
        with contextlib.suppress(OSError):
            _keep(path, key)
    return key


def _read(path: Path) -> str | None:
    try:
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return key if _KEY.fullmatch(key) else None


def _keep(path: Path, key: str) -> None:
    path.parent.mkdir(exist_ok=True)
    ignore = path.parent / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")
    path.unlink(missing_ok=True)
    # Created for its owner alone: a mode that is set afterwards leaves a moment in which others can read.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, f"{key}\n".encode())
    finally:
        os.close(descriptor)
