"""Where the references of a page lead, read as a browser reads them."""

from __future__ import annotations

import re
from sys import intern
from urllib.parse import unquote, urljoin, urlsplit

from engine.config import Config
from engine.freeze.asking.crawl import Found, Reference
from engine.freeze.target import Link, Target

_PLAIN_PATH = re.compile(r"(/(?:[\w~-][\w.~-]*+(?:/|(?=#|\Z)))*+)(?:#([\w-]++))?", re.ASCII)
"""A path from the root that says what it means: no dots to resolve, nothing encoded, no query."""

ROOTED = re.compile(r"/|https?://")
"""What a reference begins with that means the same on every page."""

_ORIGIN = re.compile(r"https?://[^/?#\[\]\\\s]++(?=[/?#]|\Z)", re.ASCII)


class Addresses:
    """Reads references for one site. Links are kept: most pages of a site say the same, and what is one object
    goes through a pipe once."""

    def __init__(self, config: Config) -> None:
        parts = urlsplit(config.base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else "http://site.invalid"
        self._base = config.base_path
        self._rooted: dict[Reference, Link | None] = {}
        self._relative: dict[tuple[str, Reference], Link | None] = {}

    def links(self, target: Target, found: Found) -> tuple[Link, ...]:
        """The references of a page that lead to the site, each once, in order."""
        url = urljoin(target.url, found.base) if found.base else target.url
        rooted = self._rooted
        links: dict[Link, None] = {}
        for reference in found.references:
            if reference in rooted:
                link = rooted[reference]
            elif ROOTED.match(reference.href):
                link = rooted[reference] = self._read(url, reference)
            else:
                link = self._link(target.path, url, reference)
            if link is not None:
                links[link] = None
        return tuple(links)

    def _link(self, path: str, url: str, reference: Reference) -> Link | None:
        """Where a reference leads that means another thing on the pages of another directory."""
        href = reference.href
        if href[0] == "#":
            return Link(href, path, unquote(href[1:]), True, reference.follow)
        key = (url if href[0] == "?" else url.rpartition("/")[0], reference)
        if key not in self._relative:
            self._relative[key] = self._read(url, reference)
        return self._relative[key]

    def _read(self, url: str, reference: Reference) -> Link | None:
        """Where a reference on the page at `url` leads; `None` for another site and for what is no address."""
        href, follow = reference
        is_absolute = href.startswith(self._origin + "/")
        # the library takes 20 µs for what is plain
        if plain := _PLAIN_PATH.fullmatch(href, len(self._origin) if is_absolute else 0):
            return self._inside(href, plain[1], plain[2] or "", follow=follow)
        if not is_absolute and (other := _ORIGIN.match(href)) and other[0] != self._origin:
            return None
        try:
            full = urlsplit(urljoin(urljoin(self._origin, url), href))
        except ValueError:
            return None
        if f"{full.scheme}://{full.netloc}" != self._origin:
            return None
        return self._inside(href, full.path or "/", full.fragment, follow=follow)

    def _inside(self, href: str, path: str, fragment: str, *, follow: bool) -> Link:
        """A link to a path of the site's host; one that misses the site's prefix is not inside of the site."""
        if self._base:
            if path != self._base and not path.startswith(self._base + "/"):
                return Link(href, unquote(path), "", False, follow)
            path = path[len(self._base) :] or "/"
        path = intern(unquote(path))  # many links lead there, and most are written so
        return Link(path if href == path else href, path, unquote(fragment), True, follow)
