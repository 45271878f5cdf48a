"""Routes and tables from paths below `pages/`, as the site makes them from its files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import SiteError
from engine.routing.route import Route
from engine.routing.segments import parse
from engine.routing.table import RouteTable

SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")


def make_route(path: str, source: str | None = None) -> Route:
    pattern = parse(path, file=source or f"pages/{path}", is_file=SUFFIX.search(path) is not None)
    return Route(pattern.id, pattern.segments, pattern.is_file, source or f"pages/{path}")


def make_table(*paths: str, directories: tuple[str, ...] = ("",), **settings: Any) -> RouteTable:
    owned = [
        (f"pages/{path}".rstrip("/"), parse(f"{path}/index" if path else "index", file=path).segments)
        for path in directories
    ]
    return RouteTable(map(make_route, paths), directories=owned, **settings)


def codes_of(make: Callable[[], object]) -> list[str]:
    with pytest.raises(SiteError) as caught:
        make()
    return [fault.code for fault in caught.value.faults]


@pytest.fixture(scope="session")
def route() -> Callable[..., Route]:
    return make_route


@pytest.fixture(scope="session")
def table() -> Callable[..., RouteTable]:
    return make_table


@pytest.fixture(scope="session")
def codes() -> Callable[[Callable[[], object]], list[str]]:
    """The codes of the faults that a call raises."""
    return codes_of
