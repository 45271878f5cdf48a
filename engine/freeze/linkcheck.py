"""Every internal link of a frozen page leads to a frozen page, and every fragment to an id that is there."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.plan import Plan
from engine.freeze.target import Link, Result
from engine.routing.table import Found, Moved


class Place(NamedTuple):
    """Where an internal link leads: the decoded path below the site's prefix, and the fragment."""

    path: str
    fragment: str


class Outside(NamedTuple):
    """A link to the host of the site, but not to the site."""

    path: str


class Addresses:
    """Reads links as a browser would, for one site."""

    def __init__(self, app: App) -> None:
        parts = urlsplit(app.config.base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "http://site.invalid"
        self._base = app.config.base_path

    def place(self, result: Result, href: str) -> Place | Outside | None:
        """Where `href` in a page leads; `None` for another site, and for what is no address of a page."""
        try:
            full = urlsplit(urljoin(urljoin(self._origin + result.target.url, result.base), href))
        except ValueError:
            return None
        if f"{full.scheme}://{full.netloc}" != self._origin:
            return None
        path = full.path or "/"
        if self._base:
            if path != self._base and not path.startswith(self._base + "/"):
                return Outside(unquote(path))
            path = path[len(self._base) :] or "/"
        return Place(unquote(path), unquote(full.fragment))


class LinkCheck:
    """Checks the links of a freeze. `hybrid` allows links to what the server answers."""

    def __init__(self, app: App, plan: Plan, results: Mapping[str, Result], *, hybrid: bool) -> None:
        self._app = app
        self._plan = plan
        self._results = results
        self._hybrid = hybrid
        self._addresses = Addresses(app)
        self._verdicts: dict[tuple[str, str], tuple[str, str] | None] = {}

    def faults(self, result: Result) -> Iterable[Fault]:
        """The dead links of one page, each at its line in the source where it can be found."""
        for link in result.links:
            place = self._addresses.place(result, link.href)
            if place is None or (verdict := self._verdict(result, link, place)) is None:
                continue
            what, hint = verdict
            yield self._fault(result, link.href, what, hint)

    def _verdict(self, result: Result, link: Link, place: Place | Outside) -> tuple[str, str] | None:
        """What is wrong with a link, and the way out; `None` for a good one."""
        if isinstance(place, Outside):
            return self._outside(link.href, place.path)
        key = (place.path, "" if place.path == result.target.path else place.fragment)
        if place.path == result.target.path:
            return self._fragment(link.href, result, place.fragment)
        if key not in self._verdicts:
            self._verdicts[key] = self._judge(link, place)
        return self._verdicts[key]

    def _judge(self, link: Link, place: Place) -> tuple[str, str] | None:
        found = self._results.get(place.path)
        if found is not None and (found.digest or found.redirect):
            return self._fragment(link.href, found, place.fragment)
        if found is not None:
            return f"links to {link.href}, which could not be frozen", "Mend that page first"
        if place.path in self._plan.redirects:
            return None
        return self._unfrozen(link, place)

    def _unfrozen(self, link: Link, place: Place) -> tuple[str, str] | None:
        match = self._app.site.routes.match(place.path)
        if isinstance(match, Moved):
            return self._judge(link, Place(unquote(match.location), place.fragment))
        if not isinstance(match, Found):
            return f"links to {link.href}, which does not exist", ""
        if match.route.id in self._plan.failed or match.route.id not in self._app.site.views:
            return None
        if match.route.id not in self._plan.dynamic:
            return (
                f"links to {link.href}, which static_params() of {match.route.source} does not yield",
                "Add it there",
            )
        return None if self._hybrid else self._dynamic(link.href, match.route.source)

    @staticmethod
    def _dynamic(href: str, source: str) -> tuple[str, str]:
        return (
            f"links to {href}, which {source} leaves to the server",
            "Freeze with --hybrid, or remove the link",
        )

    def _outside(self, href: str, path: str) -> tuple[str, str] | None:
        if not isinstance(self._app.site.routes.match(path), Found):
            return None
        what = f"links to {href}, which misses the site's prefix {self._app.config.base_path}"
        return what, "Make the link with url_for() or page.url"

    @staticmethod
    def _fragment(href: str, found: Result, fragment: str) -> tuple[str, str] | None:
        # "top" and the empty fragment are the top of every page (WHATWG HTML, §7.4.6.4)
        if not fragment or fragment.lower() == "top" or fragment.startswith(":~:") or fragment in found.ids:
            return None
        if not found.target.output.endswith(".html"):
            return None
        return f"links to {href}, but {found.target.source} has no #{fragment}", ""

    def _fault(self, result: Result, href: str, what: str, hint: str) -> Fault:
        for source in (result.target.source, *self._templates()):
            if place := _line(self._text(source), href, self._app.config.base_path):
                return Fault("dead-link", source, what, hint, *place)
        return Fault("dead-link", result.target.source, f"{result.target.url} {what}", hint)

    def _templates(self) -> list[str]:
        return self._app.site.renderer.templates.names

    @lru_cache(maxsize=256)  # noqa: B019  the check lives as long as one freeze
    def _text(self, source: str) -> str:
        try:
            return (Path(self._app.config.root) / source).read_text("utf-8", "replace")
        except OSError:
            return ""


def _line(text: str, href: str, base: str) -> tuple[int, int] | None:
    """The line and column at which a source says `href`, as it is, without the prefix, or escaped."""
    spellings = dict.fromkeys([href, href.removeprefix(base), unquote(href), html.escape(href)])
    for spelling in spellings:
        if len(spelling) < 2:
            continue
        if found := re.search(rf"""(?<=["'(\s<=\]]){re.escape(spelling)}(?=["')\s>]|$)""", text):
            before = text[: found.start()]
            return before.count("\n") + 1, found.start() - before.rfind("\n")
    return None


def check_links(check: LinkCheck, results: Iterable[Result]) -> list[Fault]:
    """Every dead link of every page."""
    faults: list[Fault] = []
    for result in results:
        faults += check.faults(result)
    return list(SiteError(faults).faults) if faults else []
