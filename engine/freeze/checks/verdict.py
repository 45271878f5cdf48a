"""Whether a route is static: what one of its pages shows when it is asked. Observed, never proven."""

from __future__ import annotations

import tempfile
from typing import NamedTuple

from engine.app.app import App
from engine.freeze.asking.workers import ask_whole
from engine.freeze.incremental.reasons import noun
from engine.freeze.plan import Plan, make_plan
from engine.freeze.publish.stage import Stage
from engine.freeze.target import Result, Target
from engine.routing.table import Found
from engine.trace import CHANGING
from engine.views.asset import AssetView
from engine.views.redirect import GoneView, RedirectView


class Verdict(NamedTuple):
    """What is held of one route, and why."""

    verdict: str
    reason: str


def verdicts(app: App) -> dict[str, Verdict]:
    """The verdict on each route, by its id. One page of each route that may be static is asked."""
    plan = make_plan(app)
    samples = _samples(app, plan)
    with tempfile.TemporaryDirectory() as nowhere:
        results, _ = ask_whole(app, Stage(nowhere), list(samples.values()))
    asked = dict(zip(samples, results, strict=True))
    return {route.id: _verdict(app, plan, route.id, asked.get(route.id)) for route in app.site.routes.routes}


def _samples(app: App, plan: Plan) -> dict[str, Target]:
    """The first page of each route that has one, but of those that are files and need no look."""
    samples: dict[str, Target] = {}
    for target in plan.targets.values():
        match = app.site.routes.match(target.path)
        if isinstance(match, Found) and not isinstance(app.site.views.get(match.route.id), AssetView):
            samples.setdefault(match.route.id, target)
    return samples


def _verdict(app: App, plan: Plan, route: str, asked: Result | None) -> Verdict:
    view = app.site.views.get(route)
    if isinstance(view, RedirectView):
        return Verdict("redirect", f"to {view.redirect.target}")
    if isinstance(view, GoneView):
        return Verdict("gone", "its file says so")
    if isinstance(view, AssetView) and view.freeze is not False:
        return Verdict("static", "a file")
    if route in plan.dynamic:
        return Verdict("dynamic", "it says `freeze = False`")
    if asked is not None:
        return _observed(asked)
    told = (fault.what for fault in plan.faults if view is not None and fault.file == view.source)
    reason = next(told, "nothing says which pages it has")
    return Verdict("dynamic" if route in plan.failed else "unknown", reason)


def _observed(asked: Result) -> Verdict:
    if asked.faults:
        fault = asked.faults[0]
        place = f"{fault.file}:{fault.line}" if fault.line else fault.file
        what = fault.what.removeprefix(f"{asked.target.url} ")
        kind = "dynamic" if fault.code.startswith("freeze-") else "fault"
        return Verdict(kind, f"{what} ({place})")
    if asked.redirect is not None:
        return Verdict("static", f"it redirects to {asked.redirect[0]}")
    changing = sorted({noun(it) for it in asked.dependencies if it[0] == CHANGING})
    if changing:
        return Verdict("static", f"as it was when it was frozen: it reads {' and '.join(changing)}")
    return Verdict("static", "it reads nothing of its visitor")
