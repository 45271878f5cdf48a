"""The fixtures of every test: sites from dicts of files, opened at either door."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("doors", "freeze_tools", "sequences")

from doors import Door, Files, Frozen, Served, write_site  # noqa: E402  once their asserts are rewritten
from engine import SiteError, create_app  # noqa: E402
from engine.http.context import current  # noqa: E402

# How fast a machine makes examples says nothing of the code.
settings.register_profile("engine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("engine")

# A shell has what runs in the background ignore Ctrl-C, and that is inherited: no test could stop what it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def site(tmp_path: Path) -> Callable[[Files], Path]:
    """Writes a site of the given files and gives its directory."""
    return lambda files: write_site(tmp_path / "site", files)


@pytest.fixture(params=["served", "frozen"])
def door(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Door]:
    """Opens a site, given as files or as its directory, at either door."""

    def open_site(files: Files | Path, **settings: Any) -> Door:
        root = files if isinstance(files, Path) else write_site(tmp_path / "site", files)
        if request.param == "served":
            return Served(root, **settings)
        return Frozen(root, tmp_path / "dist", **settings)

    return open_site


@pytest.fixture
def served(site: Callable[[Files], Path]) -> Callable[..., Served]:
    """Opens a site at the served door alone, for what a static host cannot do."""
    return lambda files, **settings: Served(site(files), **settings)


@pytest.fixture
def faults(site: Callable[[Files], Path]) -> Callable[..., list[str]]:
    """The faults that loading a site shows, as they are printed."""

    def find(files: Files, **settings: Any) -> list[str]:
        try:
            create_app(site(files), **settings)
        except SiteError as error:
            return [str(fault) for fault in error.faults]
        return []

    return find


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No setting of the machine reaches a test."""
    for name in [name for name in os.environ if name.startswith("ENGINE_")]:
        monkeypatch.delenv(name)
    yield


@pytest.fixture(autouse=True)
def _no_request_is_left() -> Iterator[None]:
    """A test that leaves a request behind fails itself, and not another one later."""
    yield
    if (left := current.get(None)) is not None:
        current.set(None)  # type: ignore[arg-type]
        pytest.fail(f"{left.environ.get('PATH_INFO')} is still being answered")
