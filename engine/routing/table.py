"""All routes of a site: what a path leads to, and the path of a route. Built whole or not at all."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from sys import intern
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from engine.errors import BadParams, Fault, SiteError, UnknownRoute
from engine.routing.builder import build, complete
from engine.routing.conflicts import conflicts
from engine.routing.converters import BUILT_IN, Converters, hint_for
from engine.routing.matcher import LastParam, Matcher
from engine.routing.order import in_order
from engine.routing.paths import is_sound, nfc, quote, sound_start
from engine.routing.route import Route, Slash
from engine.routing.shapes import Param, Segment, Slot, Static
from engine.trace import depend

Directories: TypeAlias = Iterable[tuple[str, tuple[Segment, ...]]]

_ordinary = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,255}").fullmatch
NO_PARAMS: Mapping[str, Any] = MappingProxyType({})
MAX_COMPARED = 1000
BELOW = ""
"""What the rest of a path below a directory is called: no parameter has that name."""
_BELOW = Param((Slot(BELOW, takes="rest"),))


def _is_ordinary(segment: str) -> bool:
    """Whether a segment is sound and in NFC without a closer look."""
    return (segment.isalnum() and segment.isascii() and len(segment) < 256) or bool(_ordinary(segment))


class Found(NamedTuple):
    """A route answers. (A tuple, as one is made per request and a frozen record takes half as long again.)"""

    route: Route
    params: Mapping[str, Any]


# The constructor of a named tuple is a function in Python, which takes thrice as long.
_found: Callable[[type[Found], tuple[Route, Mapping[str, Any]]], Found] = tuple.__new__


class Moved(NamedTuple):
    """The right spelling of the path, percent-encoded: a path of this site, for a 308 (RFC 9110, 15.4.9)."""

    location: str


class Missing(NamedTuple):
    """No route answers; the URL belongs to this directory, given by its path, with the parameters on the way to it."""

    directory: str
    params: Mapping[str, Any] = NO_PARAMS


Match: TypeAlias = Found | Moved | Missing


class RouteTable:
    """Finds routes by path and paths by route.

    `converters` are the site's own. `directories` are the path of each directory and the segments of its URL; of two
    with the same URL, as a group and its parent, the outer one owns it. Raises `SiteError` with every conflict and
    every unknown converter.
    """

    def __init__(
        self,
        routes: Iterable[Route],
        *,
        converters: Converters = MappingProxyType({}),
        slash: Slash = "always",
        directories: Directories = (),
    ) -> None:
        self._routes = in_order(routes)
        self.converters: Converters = {**BUILT_IN, **converters}
        self.slash: Slash = slash
        dynamic = [route for route in self._routes if not route.is_static]
        if faults := [*conflicts(self._routes), *_unknown_converters(dynamic, self.converters)]:
            raise SiteError(faults)
        self.any_slash: frozenset[str] = frozenset()
        """The ids of more routes that answer both spellings, once their views are known."""
        self._urls: dict[str, str] = {}
        ready = self._prepared(route for route in self._routes if route.is_static)
        self._compile(dict(ready), dynamic, _owners(directories, self.converters))

    def _compile(self, ready: dict[str, Found], dynamic: Iterable[Route], owners: tuple[Route, ...]) -> None:
        self._slashed = self.slash == "always"
        self._by_id = {route.id: route for route in self._routes}
        self._ready = ready
        self._matcher = Matcher(dynamic, self.converters)
        self._directories = owners
        self._owners = Matcher(owners, self.converters)
        self._owner_by_shape = {owner.shape: owner.source for owner in owners}
        self._missing = {owner.source: Missing(owner.source) for owner in owners}
        self._plain_owners = _plain_owners(owners, self._missing)
        self._last_params = dict(self._plain_last_params())

    def __getstate__(self) -> tuple[Any, ...]:
        """What is not made of the rest. A table with converters of a site is not to be pickled."""
        ready = {path: found.route for path, found in self._ready.items()}
        dynamic = [route for route in self._routes if not route.is_static]
        return self._routes, self.slash, self._urls, ready, dynamic, self._directories

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._routes, self.slash, self._urls, ready, dynamic, directories = state
        self.converters = BUILT_IN
        self.any_slash = frozenset()
        self._compile({path: Found(route, NO_PARAMS) for path, route in ready.items()}, dynamic, directories)

    @property
    def routes(self) -> tuple[Route, ...]:
        """Every route, in order."""
        depend("routes")
        return self._routes

    def match(self, path: str) -> Match:
        """What a path leads to. `path` is percent-decoded once, and without the prefix of the site."""
        # A static route is one look-up. Its path needs no check before, as no unsound path is a key.
        return self._ready.get(path) or self._last(path) or self._match(path)

    def _last(self, path: str) -> Found | None:
        """The same answer at a third of the cost, for the commonest parameter: the last segment."""
        if self._slashed:
            if path[-1:] != "/":
                return None
            path = path[:-1]
        head, _, last = path.rpartition("/")
        ends = self._last_params.get(head)
        if ends is None or path in self._ready or not _is_ordinary(last):
            return None
        for read, route, names in ends:
            values = read(last)
            if values is not None:
                params = {names[0]: values[0]} if len(names) == 1 else dict(zip(names, values, strict=False))
                return _found(Found, (route, params))
        return None

    def _match(self, path: str) -> Match:
        if not is_sound(path):
            return self._nowhere(sound_start(path))
        if not path.isascii() and (composed := nfc(path)) != path:
            match = self.match(composed)
            return Moved(quote(composed)) if isinstance(match, Found) else match
        other = path[:-1] if path[-1] == "/" else path + "/"
        if other in self._ready:
            return Moved(quote(other))
        hit = self._matcher.match(path)
        if hit is None:
            return self._nowhere(path)
        route, params = hit
        has_slash = self._slashed and not route.is_file
        if (path[-1] == "/") is has_slash or route.any_slash or path == "/":
            return _found(Found, (route, params))
        return _found(Found, (route, params)) if route.id in self.any_slash else Moved(quote(other))

    def url(self, id: str, params: Mapping[str, Any] = NO_PARAMS) -> str:
        """The percent-encoded path of a route. An optional parameter or a catch-all may be left out.

        Raises `UnknownRoute`, and `BadParams` for parameters that are missing, surplus or ill-typed, and for
        values that the path would not give back.
        """
        if params:
            return self._url(id, params)
        # Layouts link to the same few routes on every page.
        url = self._urls.get(id)
        if url is None:
            url = self._urls[id] = self._url(id, params)
        return url

    def _url(self, id: str, params: Mapping[str, Any]) -> str:
        route = self.route(id)
        values = complete(route, params)
        path = route.spelt(build(route, values, self.converters), self.slash)
        if values:
            self._check_back(route, path, values)
        return quote(path)

    def route(self, id: str) -> Route:
        """The route of this id. Raises `UnknownRoute`, which suggests the nearest."""
        found = self._by_id.get(nfc(id))
        if found is None:
            raise UnknownRoute(f"no route has the id {id!r}. {self._way_out(id)}".rstrip())
        return found

    def _way_out(self, id: str) -> str:
        if id == "static":
            return "A file of static/ has its path as its id: '/style.css'"
        near = _nearest(id, self._by_id)
        if near is None and not id.startswith("/"):
            return "The id of a route is its path below pages/, as '/blog/[slug]'"
        return f"Did you mean {near!r}?" if near else ""

    def has(self, route: Route) -> bool:
        """Whether this very route is in the table."""
        return self._by_id.get(route.id) is route

    def canonical(self, route: Route) -> str:
        """The URL of a static route, percent-encoded; of another one its pattern, as `/blog/[slug]/`."""
        is_kept = route.is_static and self.has(route)
        return self._urls[route.id] if is_kept else route.canonical(self.slash)

    def directory(self, segments: tuple[Segment, ...]) -> str:
        """The path of the directory that owns the URLs of these segments."""
        if all(isinstance(segment, Static) for segment in segments):
            return self._owner("/" + "/".join(segment.text for segment in segments))
        for length in range(len(segments), -1, -1):
            shape = "/".join(["", *(segment.shape for segment in segments[:length]), _BELOW.shape])
            if shape in self._owner_by_shape:
                return self._owner_by_shape[shape]
        return ""

    def _check_back(self, route: Route, path: str, values: Mapping[str, Any]) -> None:
        """That a request for `path` brings the same values, unless a route before this one gets it."""
        match = self.match(path)
        if isinstance(match, Missing) or nfc(path) != path:
            raise BadParams(f"{route.id}: no request can have the path {path!r}.")
        if isinstance(match, Found) and match.route is route and dict(match.params) != values:
            brings = f"a request for {path!r} would bring {dict(match.params)!r}"
            raise BadParams(f"{route.id}: {brings}, not {values!r}.")

    def _nowhere(self, path: str) -> Missing:
        if self._plain_owners is None:
            hit = self._owners.match(path)
            if hit is None:
                return Missing("")
            owner, params = hit
            del params[BELOW]
            return Missing(owner.source, params) if params else self._missing[owner.source]
        missing = None
        while missing is None:
            path = path.rpartition("/")[0]
            missing = self._plain_owners.get(path)
        return missing

    def _plain_last_params(self) -> Iterator[tuple[str, tuple[LastParam, ...]]]:
        """Those whose URLs all end as the URLs of pages do: with a slash, or with none."""
        for head, ends in self._matcher.last_params():
            if all(not route.is_file and not route.any_slash for _, route, _ in ends):
                yield head, ends

    def _owner(self, path: str) -> str:
        hit = self._owners.match(path)
        return hit[0].source if hit else ""

    def _prepared(self, static: Iterable[Route]) -> Iterator[tuple[str, Found]]:
        for route in static:
            path, found = intern(route.static_path(self.slash)), Found(route, NO_PARAMS)
            self._urls[route.id] = quote(path)
            yield path, found
            if route.any_slash and path != "/":
                yield (path[:-1] if path[-1] == "/" else path + "/"), found


def _nearest(id: str, ids: Iterable[str]) -> str | None:
    """The id most like `id` among those beside it, those of the same name, and some others: each costs 0.1 ms."""
    parent, _, name = id.rpartition("/")
    kin = (other for other in ids if other.startswith(f"{parent}/") or other.endswith(f"/{name}"))
    near = difflib.get_close_matches(id, islice(chain(kin, ids), MAX_COMPARED), 1)
    return near[0] if near else None


def _owners(directories: Directories, known: Converters) -> tuple[Route, ...]:
    """Each directory as a route to all below it: so the first that matches is the deepest, static first."""
    owners: dict[str, Route] = {}
    for path, segments in sorted(directories, key=lambda directory: (directory[0].count("/"), directory[0])):
        owner = Route(path, (*segments, _BELOW), False, path)
        if not _converters(owner) - known.keys():  # Else no URL can be below it.
            owners.setdefault(owner.shape, owner)
    return in_order(owners.values())


def _unknown_converters(routes: Iterable[Route], known: Converters) -> Iterator[Fault]:
    for route in routes:
        for name in sorted(_converters(route) - known.keys()):
            what = f'there is no type "{name}" for parameters'
            yield Fault("unknown-converter", route.source, what, hint_for(name, known), *route.place)


def _converters(route: Route) -> set[str]:
    return {slot.converter for slot in route.slots if slot.converter}


def _plain_owners(owners: Iterable[Route], missing: Mapping[str, Missing]) -> dict[str, Missing] | None:
    """The directories by their URLs; `None` where one has parameters, or the root has no owner."""
    plain: dict[str, Missing] = {}
    for owner in owners:
        segments = owner.segments[:-1]  # the last is all that is below it
        if not all(isinstance(segment, Static) for segment in segments):
            return None
        plain["".join(f"/{segment.text}" for segment in segments)] = missing[owner.source]
    return plain if "" in plain else None
