"""The site that is tested: where it is, and its load."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

from engine.config import load_config
from engine.errors import Fault, SiteError
from engine.loading import load
from engine.site import Site

NONE = "there is no site to test: name one by --site DIR, or by `engine_site` in the configuration of pytest"
KEY = secrets.token_hex()
"""The secret key of a site that has none."""


class Loaded(NamedTuple):
    """A site and what is wrong with it. There is none where nothing of it can stand."""

    root: Path
    site: Site | None
    faults: tuple[Fault, ...]


def root_of(config: pytest.Config) -> Path:
    """The directory of the site. Raises `UsageError` where none is named and pytest's own is none."""
    named: str | None = config.getoption("engine_site_dir")
    if named:
        return Path(os.path.abspath(config.invocation_params.dir / named))
    if written := str(config.getini("engine_site")):
        return Path(os.path.abspath((config.inipath.parent if config.inipath else config.rootpath) / written))
    if (config.rootpath / "pages").is_dir():
        return config.rootpath
    raise pytest.UsageError(NONE)


@cache
def loaded(root: Path) -> Loaded:
    """The site at `root`, loaded once for all tests of a process."""
    return load_with(root, {})


def load_with(root: Path, settings: Mapping[str, Any]) -> Loaded:
    """The site at `root` with settings of the tests, as `create_app` takes them. It never lacks a secret key."""
    try:
        config = load_config(root, **settings)
    except SiteError as error:
        return Loaded(root, None, error.faults)
    return Loaded(root, *load(config if config.secret_key else replace(config, secret_key=KEY)))


def stores(site: Site) -> Iterator[tuple[str, Any]]:
    """The extensions of a site that have a place apart for tests, by name: those with a method `testing(directory)`."""
    return ((name, it) for name, it in site.extensions.items() if hasattr(it, "testing"))


def shown(root: Path, fault: Fault) -> str:
    """A fault as it is printed, with its file as one can open it from here."""
    file = root / fault.file
    if file.exists():
        near = os.path.relpath(file)
        fault = replace(fault, file=str(file) if near.startswith("..") else near)
    return str(fault)


def fail(root: Path, faults: tuple[Fault, ...]) -> NoReturn:
    """Let a test fail by the faults of its site, without a traceback."""
    pytest.fail("\n".join(shown(root, fault) for fault in faults), pytrace=False)
