"""Every internal link of a frozen page leads to a frozen page, and every fragment to an id that is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import unquote

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.places import Places
from engine.freeze.plan import Plan
from engine.freeze.target import Link, Result
from engine.routing.table import Found, Moved


class LinkCheck:
    """Checks the links of a freeze. `hybrid` allows links to what the server answers."""

    def __init__(self, app: App, plan: Plan, results: Mapping[str, Result], *, hybrid: bool) -> None:
        self._app = app
        self._plan = plan
        self._results = results
        self._hybrid = hybrid
        self._places = Places(app)
        self._verdicts: dict[tuple[str, str, bool], tuple[str, str] | None] = {}

    def faults(self, result: Result) -> Iterable[Fault]:
        """The dead links of one page, each at its line in the source where it can be found."""
        for link in result.links:
            if verdict := self._verdict(result, link):
                what, hint = verdict
                says = "redirects" if result.redirect else "links"
                yield self._fault(result, link.href, f"{says} to {link.href}, {what}", hint)

    def _verdict(self, result: Result, link: Link) -> tuple[str, str] | None:
        """What is wrong with a link, and the way out; `None` for a good one."""
        if link.path == result.target.path and link.inside and not result.redirect:
            return self._fragment(link, result)
        key = (link.path, link.fragment, link.inside)
        if key not in self._verdicts:
            self._verdicts[key] = self._judge(link) if link.inside else self._outside(link)
        return self._verdicts[key]

    def _judge(self, link: Link) -> tuple[str, str] | None:
        found = self._results.get(link.path)
        if found is not None:
            # Where that page could not be frozen, its own fault says so.
            return self._fragment(link, found) if found.digest else None
        return None if link.path in self._plan.refused else self._unfrozen(link)

    def _unfrozen(self, link: Link) -> tuple[str, str] | None:
        match = self._app.site.routes.match(link.path)
        if isinstance(match, Moved):
            return self._judge(link._replace(path=unquote(match.location)))
        if not isinstance(match, Found):
            return "which does not exist", ""
        route = match.route
        if route.id in self._plan.failed or route.id not in self._app.site.views:
            return None
        if route.id in self._plan.dynamic:
            hint = "Freeze with --hybrid, or remove the link"
            return None if self._hybrid else (f"which {route.source} leaves to the server", hint)
        if moved := self._plan.redirects.get(route.id):
            hint = f"Link to {moved.location(match.params)}"
            return ("which only a host that knows _redirects sends on", hint) if route.param_names else None
        if route.id in self._plan.open:
            return f"which no frozen page of {route.source} is", "Define static_params() in it"
        return f"which static_params() of {route.source} does not yield", "Add it there"

    def _outside(self, link: Link) -> tuple[str, str] | None:
        if not isinstance(self._app.site.routes.match(link.path), Found):
            return None
        what = f"which misses the site's prefix {self._app.config.base_path}"
        return what, "Make the link with url_for() or page.url"

    @staticmethod
    def _fragment(link: Link, found: Result) -> tuple[str, str] | None:
        fragment = link.fragment
        # "top" and the empty fragment are the top of every page (WHATWG HTML, §7.4.6.4)
        if not fragment or fragment in found.ids or fragment.lower() == "top" or fragment.startswith(":~:"):
            return None
        if not found.target.output.endswith(".html"):
            return None
        return f"but {found.target.source} has no #{fragment}", ""

    def _fault(self, result: Result, href: str, what: str, hint: str) -> Fault:
        if place := self._places.find(result.target.source, href):
            return Fault("dead-link", place[0], what, hint, *place[1:])
        return Fault("dead-link", result.target.source, f"{result.target.url} {what}", hint)


def check_links(check: LinkCheck, results: Iterable[Result]) -> list[Fault]:
    """Every dead link of every page."""
    faults: list[Fault] = []
    for result in results:
        faults += check.faults(result)
    return list(SiteError(faults).faults) if faults else []
