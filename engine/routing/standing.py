"""Which routes of a site can stand together, where some are in conflict: what is left to load of a site at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from engine.errors import Faults, SiteError
from engine.routing.paths import folded
from engine.routing.route import Route
from engine.routing.table import RouteTable


def standing(
    pages: list[Route], moves: list[Route], table: Callable[[list[Route]], RouteTable], faults: Faults
) -> RouteTable:
    """The `table` of the routes that can stand together; the conflicts of the others are added to `faults`.

    A redirect, of `moves`, gives way to a page.
    """
    while True:
        try:
            return table([*pages, *moves])
        except SiteError as error:
            faults += error.faults
            known, moves = len(moves), list(_free(moves, pages))
            if len(moves) == known:
                blamed = {fault.file for fault in error.faults}
                pages = [route for route in pages if route.source not in blamed]
                moves = [route for route in moves if route.source not in blamed]


def _free(moves: Iterable[Route], pages: Iterable[Route]) -> Iterator[Route]:
    """The redirects from where no page is, and no redirect before them."""
    taken = {folded(route.shape) for route in pages}
    for route in moves:
        if (shape := folded(route.shape)) not in taken:
            taken.add(shape)
            yield route
