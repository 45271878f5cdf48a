"""Which pages there are to freeze: fixed routes, `static_params()`, and later what frozen pages link to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from engine.app.app import App
from engine.errors import BadParams, Fault, SiteError
from engine.freeze.paths import Outputs, output_path
from engine.freeze.target import Target
from engine.routing.paths import quote
from engine.routing.route import Route
from engine.routing.table import Found, Moved
from engine.trace import Dependencies, collecting
from engine.views.asset import AssetView
from engine.views.blame import said, way_out
from engine.views.redirect import RedirectView
from engine.views.view import View

UNSAFE = frozenset(["POST", "PUT", "PATCH", "DELETE"])
NOT_FOUND = "404.html"
NOWHERE = "/.404"
"""A path that no site answers, as its name is hidden: what it gets is the error page of the root."""


@dataclass(slots=True)
class Plan:
    """What is known before the first page is asked.

    `dynamic` are the ids of the routes that their authors keep out; `open` those whose parameters nobody enumerates;
    `failed` those that have a fault of their own already. `refused` are faults of single pages, by path. `linked`
    are the paths of pages that only links have shown. `made_of` is what every `static_params()` has read.
    """

    targets: dict[str, Target] = field(default_factory=dict)
    outputs: Outputs = field(default_factory=Outputs)
    redirects: dict[str, RedirectView] = field(default_factory=dict)
    dynamic: set[str] = field(default_factory=set)
    open: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    refused: dict[str, Fault] = field(default_factory=dict)
    linked: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    made_of: Dependencies = field(default_factory=dict)


def make_plan(app: App) -> Plan:
    """The plan of a whole site, and every fault that shows before a page is asked."""
    plan = Plan()
    for route in app.site.routes.routes:
        view = app.site.views.get(route.id)
        if view is not None:
            _add(plan, app, route, view)
    if "/" + NOT_FOUND not in plan.targets:
        source = getattr(app.site.error_view(app.site.tree.path, 404), "source", "engine/error.html")
        url = f"{app.config.base_path}/{NOT_FOUND}"
        plan.targets[NOWHERE] = Target(NOWHERE, url, NOT_FOUND, source, 404)
    return plan


def plan_rest(app: App, plan: Plan) -> Plan:
    """The pages that a plan leaves to the server, as far as they answer GET and somebody says which there are.

    Redirects are among them.
    """
    rest = Plan()
    for id in (*plan.redirects, *sorted(plan.dynamic)):
        route, view = app.site.routes.route(id), app.site.views[id]
        if "GET" not in view.methods or (id in plan.redirects and route.param_names):
            continue
        if route.param_names:
            _enumerate(rest, app, route, view)
        else:
            _target(rest, app, route, view, {})
    return rest


def _add(plan: Plan, app: App, route: Route, view: View) -> None:
    if isinstance(view, RedirectView):
        plan.redirects[route.id] = view
        return
    if view.freeze is False:
        plan.dynamic.add(route.id)
    elif refusal := _method_fault(view):
        plan.failed.add(route.id)
        plan.faults.append(refusal)
    elif not route.param_names:
        _target(plan, app, route, view, {})
    else:
        _enumerate(plan, app, route, view)


def _method_fault(view: View) -> Fault | None:
    unsafe = sorted(UNSAFE & set(view.methods))
    if isinstance(view, AssetView) or ("GET" in view.methods and not unsafe):
        return None
    what = f"answers {' and '.join(unsafe)}, which a static host cannot" if unsafe else "does not answer GET"
    return Fault("freeze-method", view.source, what, "Say `freeze = False` in it to leave it to the server")


def _enumerate(plan: Plan, app: App, route: Route, view: View) -> None:
    try:
        with app.context(), collecting() as made_of:
            enumerated = view.static_params()
            items = None if enumerated is None else list(enumerated)
        plan.made_of.update(made_of)
    except (Exception, SystemExit) as error:
        plan.failed.add(route.id)
        plan.faults += error.faults if isinstance(error, SiteError) else [_raised(app, view, error)]
        return
    if items is None:
        plan.open[route.id] = view.source
        return
    for params in items:
        _target(plan, app, route, view, params)


def _raised(app: App, view: View, error: BaseException) -> Fault:
    fault = app.site.modules.fault(error, view.source)
    return Fault(
        "static-params",
        fault.file,
        f"`static_params()` raised {type(error).__name__}: {said(error)}".rstrip(": "),
        way_out(error),
        fault.line,
    )


def _target(plan: Plan, app: App, route: Route, view: View, params: Mapping[str, Any]) -> None:
    try:
        path = unquote(app.site.routes.url(route.id, params))
    except BadParams as error:
        plan.faults.append(
            Fault("static-params", view.source, str(error).rstrip("."), "Correct what static_params() yields")
        )
        return
    except ValueError as error:
        plan.faults.append(_unwritable(view.source, route.id, error))
        return
    other = app.site.routes.match(path)
    if isinstance(other, Found) and other.route is not route:
        what = f"static_params() yields {path}, which {other.route.source} answers"
        plan.refused[path] = Fault(
            "freeze-clash", view.source, what, "Leave it out, or rename one of the two"
        )
    elif path not in plan.targets:
        _admit(plan, app, path, view.source, is_file=route.is_file)


def _admit(plan: Plan, app: App, path: str, source: str, *, is_file: bool) -> Target | None:
    """The page at a decoded URL path as a new target; `None` and a fault where no file can hold it."""
    try:
        target = Target(path, app.config.base_path + quote(path), output_path(path, is_file=is_file), source)
    except ValueError as error:
        plan.refused[path] = _unwritable(source, path, error)
        return None
    if fault := plan.outputs.add(target):
        plan.refused[path] = fault
        return None
    plan.targets[path] = target
    return target


def _unwritable(source: str, page: str, error: ValueError) -> Fault:
    return Fault("freeze-path", source, f"{page} cannot be written: {error}", "Choose another name")


def discover(plan: Plan, app: App, path: str) -> Target | None:
    """A page that nobody enumerated but a frozen page links to, now planned; `None` where it is not to be frozen."""
    match = app.site.routes.match(path)
    if isinstance(match, Moved):
        path = unquote(match.location)
        match = app.site.routes.match(path)
    # What was enumerated without this one is not frozen either: the link check will say so.
    if not isinstance(match, Found) or match.route.id not in plan.open:
        return None
    if path in plan.targets or path in plan.refused:
        return None
    plan.linked.add(path)
    return _admit(plan, app, path, plan.open[match.route.id], is_file=match.route.is_file)


def unreached(plan: Plan, reached: Iterable[str]) -> Iterator[Fault]:
    """The routes whose parameters nobody enumerated and to which no frozen page links."""
    for id in sorted(plan.open.keys() - set(reached)):
        what = f"nothing says which pages {id} has: no static_params(), and no frozen page links to one"
        hint = "Define static_params(), or say `freeze = False`"
        yield Fault("freeze-unreached", plan.open[id], what, hint)
