"""Redirects of a frozen site: a page for hosts that know none, and `_redirects` for those that do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.paths import output_path
from engine.freeze.plan import Plan
from engine.freeze.publish.stage import Stage
from engine.freeze.target import Result, Target
from engine.routing.paths import quote, quote_reference
from engine.routing.redirects import Redirect
from engine.routing.segments import Static
from engine.routing.shapes import PLAIN, REST

FILE = "_redirects"
PAGE = "engine/redirect.html"
NAME = re.compile("[A-Za-z]+")
"""What every host takes for the name of a parameter."""


class Move(NamedTuple):
    """A redirect from one address: the location is as it is sent."""

    target: Target
    location: str
    status: int


def moves_of(app: App, plan: Plan, results: Iterable[Result]) -> list[Move]:
    """Every redirect of a fixed address: those of the site, and those that pages answered; in order."""
    moves = [Move(result.target, *result.redirect) for result in results if result.redirect]
    for view in plan.redirects.values():
        route = view.redirect.route
        if not route.param_names:
            path = route.static_path(app.config.slash)
            output = output_path(path if route.is_file else path.rstrip("/") + "/", is_file=route.is_file)
            target = Target(path, app.config.base_path + quote(path), output, view.source)
            moves.append(Move(target, view.location({}), view.redirect.code))
    return sorted(moves, key=lambda move: move.target.path)


def rules_of(app: App, plan: Plan) -> tuple[list[str], list[Fault]]:
    """The redirects with parameters as hosts write them, and a fault for each that no host could follow."""
    rules: list[str] = []
    faults: list[Fault] = []
    for view in plan.redirects.values():
        if not view.redirect.route.param_names:
            continue
        if rule := _rule(view.redirect, app.config.base_path):
            rules.append(rule)
        else:
            what = f"no static host can redirect from {view.redirect.route.id}"
            hint = "Use parameters that are a whole segment, and [...path] at the end only, or freeze with --hybrid"
            faults.append(Fault("freeze-redirect", view.source, what, hint))
    return sorted(rules), faults


def _rule(redirect: Redirect, base: str) -> str | None:
    source, names = base, {}
    for segment in redirect.route.segments:
        if isinstance(segment, Static):
            source += "/" + quote(segment.text)
            continue
        name = segment.names[0]
        last = segment is redirect.route.segments[-1]
        if (
            segment.rank not in (PLAIN, REST)
            or (segment.rank == REST and not last)
            or not NAME.fullmatch(name)
        ):
            return None
        names[name] = ":splat" if segment.rank == REST else f":{name}"
        source += "/*" if segment.rank == REST else f"/:{name}"
    target = "".join(quote_reference(it) if isinstance(it, str) else names[it.name] for it in redirect.parts)
    return f"{source} {base + target if target[0] == '/' else target} {redirect.code}"


def write_redirects(
    app: App, stage: Stage, moves: Iterable[Move], rules: Iterable[str], files: Mapping[str, str]
) -> dict[str, str]:
    """Write a page for each move and the rules of all; the files written, with digest.

    `files` is what stands in the stage: a page is left to it, and an author's own rules go before ours.
    """
    written: dict[str, str] = {}
    lines = [*rules]
    for target, location, status in moves:
        lines.append(f"{target.url} {location} {status}")
        if target.output not in files:
            page = app.site.renderer.template(PAGE, {"location": location})
            _write(stage, written, target.output, page.encode())
    if lines:
        own = Path(stage.root, FILE).read_bytes().rstrip() + b"\n" if FILE in files else b""
        _write(stage, written, FILE, own + "".join(f"{line}\n" for line in sorted(lines)).encode())
    return written


def _write(stage: Stage, written: dict[str, str], path: str, body: bytes) -> None:
    written[path], _ = stage.write(path, [body])
