"""Every internal link of a frozen page leads to a frozen page, and every fragment to an id that is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from urllib.parse import unquote

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.checks.places import Places
from engine.freeze.plan import Plan
from engine.freeze.target import Link, Result
from engine.routing.names import readable
from engine.routing.paths import quote
from engine.routing.table import Found, Moved

LONGEST = 200
"""Characters of a link that a fault shows."""
MANY = 1000
"""Names that are compared with one that does not exist; each takes 20 µs."""
LIKENESS = 0.75
HOST = re.compile(
    r"(?:www\.[a-z0-9-]+|[a-z0-9-]+)\.(?:[a-z0-9-]+\.)*(?:com|org|net|io|dev|edu|gov)(?:/|$)", re.I
)
"""A relative link that names a host, its scheme forgotten."""


class LinkCheck:
    """Checks the links of a freeze. `hybrid` allows links to what the server answers."""

    def __init__(self, app: App, plan: Plan, results: Mapping[str, Result], *, hybrid: bool) -> None:
        self._app = app
        self._plan = plan
        self._results = results
        self._hybrid = hybrid
        self._places = Places(app)
        self._sound = {path for path, found in results.items() if found.digest}
        self._verdicts: dict[tuple[str, str, bool], tuple[str, str] | None] = {}

    def faults(self, result: Result) -> Iterable[Fault]:
        """The dead links of one page, each at its line in the source where it can be found."""
        sound = self._sound
        for link in result.links:
            if link.path in sound and link.inside and not link.fragment:
                continue  # as nearly all are
            verdict = self._verdict(result, link)
            if verdict is not None and not _is_reported(result, link.href):
                what, hint = verdict
                says = "redirects" if result.redirect else "links"
                yield from self._faults(result, link.href, f"{says} to {_shown(link.href)}, {what}", hint)

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
            left_out = link.path in self._app.site.left_out  # its own fault says more
            return None if left_out else ("which does not exist", self._meant(link))
        if link.path in self._plan.linked:
            return "which is not found", self._meant(link)
        route = match.route
        if route.id in self._plan.failed or route.id not in self._app.site.views:
            return None
        if route.id in self._plan.dynamic:
            hint = "Freeze with --hybrid, which is `hybrid = true` in [freeze], or remove the link"
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
        near = _nearest(fragment, found.ids)
        return f"but {found.target.source} has no #{_shown(fragment)}", near and f"The nearest is #{near}"

    def _meant(self, link: Link) -> str:
        """A hint for a link to nothing."""
        if HOST.match(link.href):
            return "Begin the address of another site with https://"
        folder, name = _split(link.path)
        if not name or name in self._names.get(folder, ()):
            return "That directory has no index page"
        near = _nearest(name, self._names.get(folder, ()))
        return near and f"The nearest is {self._app.config.base_path}{quote(self._names[folder][near])}"

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        """The paths below each directory of the frozen site, by their names; directories without a last slash."""
        names: dict[str, dict[str, str]] = {}
        for path in self._results:
            folder, name = _split(path)
            names.setdefault(folder, {})[name] = path
            while folder:
                above, name = _split(folder)
                names.setdefault(above, {}).setdefault(name, f"{folder}/")
                folder = above
        return names

    def _faults(self, result: Result, href: str, what: str, hint: str) -> Iterable[Fault]:
        places = self._places.find(result.target.source, href)
        for file, line, column in places:
            yield Fault("dead-link", file, what, hint, line, column)
        if not places:
            yield Fault("dead-link", result.target.source, f"{result.target.url} {what}", hint)


def _is_reported(result: Result, href: str) -> bool:
    """Whether the page itself said that a link of its Markdown is dead; it then names it in backquotes."""
    path = f"`{unquote(href.partition('#')[0].partition('?')[0])}`"
    return any(path in fault.what for fault in result.faults)


def _split(path: str) -> tuple[str, str]:
    """The directory of a path and the name in it."""
    folder, _, name = path.rstrip("/").rpartition("/")
    return folder, name


def _nearest(name: str, names: Collection[str]) -> str:
    """The name that is most like `name`; none where they are too many to compare."""
    near = get_close_matches(name, sorted(names), 1, LIKENESS) if name and len(names) <= MANY else []
    return near[0] if near else ""


def _shown(href: str) -> str:
    return readable(href if len(href) <= LONGEST else href[: LONGEST - 1] + "…")


def check_links(check: LinkCheck, results: Iterable[Result]) -> list[Result]:
    """The results, each with its dead links among its faults."""
    return [_with_faults(result, tuple(check.faults(result))) for result in results]


def _with_faults(result: Result, faults: tuple[Fault, ...]) -> Result:
    return result._replace(faults=(*result.faults, *faults)) if faults else result
