"""Which pages of a site are tested: those of the freeze's plan, those that it leaves to the server, and redirects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.plan import NOWHERE, Plan, plan_rest
from engine.freeze.target import Target
from engine.routing.table import Found
from engine.views.asset import AssetView
from engine.views.redirect import GoneView, RedirectView
from engine.views.view import View


class Case(NamedTuple):
    """One test: a page by its target, all pages of a route that only links show, or a file that is at fault.

    `name` is the URL path, the id of the route, or the file. The status of the target is 0 where it is left open what a
    page of the server answers to a stranger.
    """

    name: str
    target: Target | None = None
    route: str = ""
    faults: tuple[Fault, ...] = ()


def cases(app: App, plan: Plan, known: Iterable[Fault]) -> list[Case]:
    """Every test of a site, by name. `known` are the faults of its load."""
    rest = plan_rest(app, plan)
    found = [*_planned(app, plan), *_left(app, rest)]
    found += (Case(id, route=id) for id in plan.open)
    found += (Case(path, faults=(fault,)) for path, fault in {**plan.refused, **rest.refused}.items())
    found += at_fault([*known, *plan.faults, *rest.faults])
    return sorted(found, key=lambda case: case.name)


def at_fault(faults: Iterable[Fault]) -> Iterator[Case]:
    """A test for each file that has faults of its own."""
    by_file: dict[str, dict[Fault, None]] = {}
    for fault in faults:
        by_file.setdefault(fault.file, {})[fault] = None
    return (Case(file, faults=tuple(its)) for file, its in by_file.items())


def _planned(app: App, plan: Plan) -> Iterator[Case]:
    """The pages that are to be frozen. Assets are no pages: the links to them are looked at."""
    for target in plan.targets.values():
        if target.path == NOWHERE:
            yield Case(f"/{target.output}", target)
        elif not isinstance(view_at(app, target.path), AssetView):
            yield Case(target.path, target)


def _left(app: App, rest: Plan) -> Iterator[Case]:
    """The pages that stay with the server, and redirects."""
    for target in rest.targets.values():
        view = view_at(app, target.path)
        if isinstance(view, AssetView):
            continue
        status = (
            view.redirect.code if isinstance(view, RedirectView) else 410 if isinstance(view, GoneView) else 0
        )
        yield Case(target.path, target._replace(status=status))


def view_at(app: App, path: str) -> View | None:
    """What answers at a decoded path."""
    match = app.site.routes.match(path)
    return app.site.views.get(match.route.id) if isinstance(match, Found) else None
