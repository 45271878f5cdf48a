"""The key that signs sessions while a site is developed, where the site sets none."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from pathlib import Path

FOLDER = ".engine"
FILE = "dev-secret"
_KEY = re.compile(r"[0-9a-f]{64}")


def dev_secret(root: str) -> str:
    """The key of this machine's user for the site at `root`, made at first use and kept, so that sessions
    outlive a restart. Where it cannot be kept, it lasts as long as the process."""
    path = Path(root) / FOLDER / FILE
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
