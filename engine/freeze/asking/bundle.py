"""A site as one value, known by its content: what machines without a disk in common send to each other."""

from __future__ import annotations

import contextlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from engine import outside
from engine.app.app import App
from engine.config import load_config
from engine.errors import SiteError
from engine.loading import load
from engine.site import FOLDERS

SKIPPED = frozenset((".engine", ".git", "__pycache__", "node_modules"))
NOT_OURS = frozenset(("pyvenv.cfg", ".engine.json"))
"""A directory with one of these is a virtual environment, or was frozen."""
AT_HOME = ".env"
"""The beginning of names of files that stay on this machine."""

SAFELY: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""How a bundle is unpacked (PEP 706). Python has no filters before 3.11.4; the bundle is of a freeze whose code runs
here anyway."""


class Bundle(NamedTuple):
    """A site packed, with the settings that the command line gave it. `name` is that of its directory."""

    digest: str
    name: str
    env: str
    base_url: str
    drafts: bool
    data: bytes


def pack_site(root: str, *, env: str, base_url: str, drafts: bool) -> Bundle:
    """Pack the folders of a site, the files beside them, and its modules."""
    packed, digest = io.BytesIO(), blake2b(digest_size=16)
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in sorted(_files(root)):
            full = Path(root, path)
            digest.update(f"{path}\0".encode("utf-8", "surrogateescape"))
            digest.update(blake2b(full.read_bytes()).digest())
            tar.add(full, path, recursive=False)
    return Bundle(digest.hexdigest(), Path(root).name, env, base_url, drafts, packed.getvalue())


def _files(root: str) -> Iterator[str]:
    for folder, below, names in os.walk(root):
        path = os.path.relpath(folder, root)
        inside = path == "." or path.partition(os.sep)[0] in FOLDERS
        if not NOT_OURS.isdisjoint(names) and path != ".":
            below[:] = []
            continue
        below[:] = [name for name in below if name not in SKIPPED and (inside or name[0] != ".")]
        taken = [name for name in names if (inside and not name.startswith(AT_HOME)) or name.endswith(".py")]
        yield from (os.path.normpath(f"{path}/{name}") for name in taken)


_apps: dict[tuple[str, str, str, bool], App] = {}


def app_of(bundle: Bundle) -> App:
    """The app of a bundle, unpacked and loaded once in a process. Raises `SiteError` where nothing of it can stand."""
    key = (bundle.digest, bundle.env, bundle.base_url, bundle.drafts)
    if key not in _apps:
        _apps[key] = _load(bundle)
    return _apps[key]


def _load(bundle: Bundle) -> App:
    user = os.getuid() if hasattr(os, "getuid") else 0
    root = Path(tempfile.gettempdir(), f"engine-bundles-{user}", bundle.digest, bundle.name)
    if not root.is_dir():
        _unpack(bundle.data, root)
    outside.watch()
    given = {"base_url": bundle.base_url or None, "drafts": bundle.drafts}
    site, faults = load(load_config(root, env=bundle.env, **given))
    if site is None:
        raise SiteError(faults)
    return App(site)


def _unpack(data: bytes, root: Path) -> None:
    """Unpack a site whole: another process may do the same at the same time."""
    root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root.parent) as begun:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            tar.extractall(begun, **SAFELY)
        with contextlib.suppress(OSError):  # the other one was first
            os.rename(begun, root)
            os.mkdir(begun)
