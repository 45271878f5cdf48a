"""What all that is made of a site depends on beside its files: the engine, Python, its packages, and the machine."""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

import engine

MACHINE = ("PYTHONPATH", "SOURCE_DATE_EPOCH", "TZ", "LANG", "LANGUAGE", "LC_ALL", "LC_TIME", "LC_NUMERIC")
"""Variables of the environment that change what libraries write, unseen by anybody."""


def machine() -> list[str | None]:
    """The values of the variables `MACHINE`."""
    return [os.environ.get(name) for name in MACHINE]


@cache  # what a process has imported stays what it is
def software() -> bytes:
    """The state of the engine, of Python and of its packages."""
    folder = Path(engine.__file__).parent
    code = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".html", ".css"))
    found = (sys.version, [(str(path), path.stat().st_mtime_ns) for path in code], _installed())
    return blake2b(repr(found).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def packages() -> list[str]:
    """The installed packages with their versions, which are the same on every machine that has the same."""
    return sorted({name for names in _installed() for name in names if name.endswith(".dist-info")})


def _installed() -> list[list[str]]:
    """What lies in each directory of packages."""
    folders = [path for path in sys.path if path.endswith("-packages") and os.path.isdir(path)]
    return [sorted(os.listdir(path)) for path in folders]
