"""Addresses that a site has left: the table `[redirects]` of `site.toml`, and `aliases` in front matter."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import unquote

from engine.errors import Fault, SiteError
from engine.routing.builder import build
from engine.routing.converters import BUILT_IN, Converters
from engine.routing.names import readable
from engine.routing.paths import quote, quote_reference, quote_value
from engine.routing.route import Route, Slash
from engine.routing.segments import Pattern, Slot, Static, parse_address, pieces
from engine.routing.table import NO_PARAMS, Found, Moved, RouteTable

CODES = (301, 302, 303, 307, 308)
DEFAULT_CODE = 308
"""Permanent, and the method stays (RFC 9110, 15.4.9)."""
GONE = 410
"""What stands in the place of a target where there is none (RFC 9110, 15.5.11)."""
MAX_HOPS = 20
"""Redirects in a row that browsers follow before they give up."""

_PATH = re.compile(r"/(?![/\\])[^\s\\\x00-\x1f\x7f]*")
_URL = re.compile(r"https?://[^/?#\[\]@\s\\]+(?:[/?#][^\s\\\x00-\x1f\x7f]*)?", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
_SAMPLES = {
    "": "x",
    "date": "2000-01-01",
    "float": "1.5",
    "int": "1",
    "slug": "x",
    "uuid": "00000000-0000-0000-0000-000000000000",
}

Place: TypeAlias = tuple[int, int] | tuple[()]
Asked: TypeAlias = tuple[str, Place, object, Any]
"""A redirect as it was written: the file and the place there, the source, the target, which may also be a route."""
Lookup: TypeAlias = Callable[[str], tuple[Route, Mapping[str, Any]] | None]


@dataclass(frozen=True, slots=True)
class Redirect:
    """From `route` to `target`: a path of the site without its prefix, or a URL; with the route's parameters.

    With the code `GONE` it leads nowhere, and has no target.
    """

    route: Route
    target: str
    code: int
    parts: tuple[str | Slot, ...] = field(repr=False)
    converters: Converters = field(default_factory=lambda: BUILT_IN, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Redirect, (self.route, self.target, self.code, self.parts)

    def location(self, params: Mapping[str, Any]) -> str:
        """Where a request goes that brought these parameters, percent-encoded. Their values never lead off-site."""
        url, in_path, is_gap = "", True, False
        for part in self.parts:
            if isinstance(part, str):
                # A parameter that is not there leaves no second slash.
                url += quote_reference(part.removeprefix("/") if is_gap and url[-1:] == "/" else part)
                in_path, is_gap = in_path and not set("?#") & set(part), False
            else:
                text = self._text(part.name, params)
                url += quote(text) if in_path else quote_value(text)
                is_gap = not text
        return "/" + url.lstrip("/") if self.target[0] == "/" else url

    def _text(self, name: str, params: Mapping[str, Any]) -> str:
        value = params.get(name)
        converter = next(slot.converter for slot in self.route.slots if slot.name == name)
        return self.converters[converter].format(value) if converter and value is not None else value or ""


def read_redirects(
    asked: Iterable[Asked], converters: Converters = MappingProxyType({}), *, slash: Slash = "always"
) -> tuple[list[Redirect], list[Fault]]:
    """The redirects that are sound, and the faults of the others and of the loops among static ones.

    A target is text, or a table `{to = "/new/", code = 301}`, or 410, or the route of a page. `converters` are the
    site's own; `slash` is its policy, for targets that are routes.
    """
    redirects: list[Redirect] = []
    faults: list[Fault] = []
    known = {**BUILT_IN, **converters}
    for file, place, source, target in asked:
        try:
            redirect = _read(file, source, target, known, slash)
            redirects.append(replace(redirect, route=replace(redirect.route, place=place)))
        except SiteError as error:
            line, column = place or (None, None)
            faults += (replace(fault, line=line, column=column) for fault in error.faults)
    static = {it.route.static_path("never"): (it.route, NO_PARAMS) for it in redirects if it.route.is_static}
    faults += _loops(redirects, lambda path: static.get(path.rstrip("/") or "/"))
    return redirects, faults


def check_loops(redirects: Iterable[Redirect], table: RouteTable) -> None:
    """Raise `SiteError` for each loop among the redirects of a site, those with parameters too.

    The whole table is needed: where a page goes before a redirect, the way ends at the page.
    """

    def lookup(path: str) -> tuple[Route, Mapping[str, Any]] | None:
        match = table.match(path)
        if isinstance(match, Moved):
            match = table.match(unquote(match.location))
        return match if isinstance(match, Found) else None

    if faults := list(_loops(list(redirects), lookup)):
        raise SiteError(faults)


def _read(file: str, source: object, target: Any, converters: Converters, slash: Slash) -> Redirect:
    code: object = DEFAULT_CODE
    if isinstance(target, Route):
        if isinstance(source, str) and source.rstrip("/") == target.canonical("never").rstrip("/"):
            what = f"the alias {_shown(source)} is the URL of the page itself"
            raise SiteError(Fault("redirect-loop", file, what, "Take it out"))
        target = target.canonical(slash)
    elif isinstance(target, Mapping) and {"to"} <= target.keys() <= {"to", "code"}:
        target, code = target["to"], target.get("code", code)
    if target == GONE and isinstance(target, int):
        return Redirect(_source(file, source), "", GONE, (), converters)
    if not isinstance(code, int) or code not in CODES:
        known = ", ".join(map(str, CODES))
        what = f"the redirect from {_shown(source)} has the status {_shown(code)}"
        raise SiteError(Fault("bad-redirect-code", file, what, f"Take one of {known}"))
    route = _source(file, source)
    text = _target(file, source, target)
    parts = pieces(text, file=file)
    _check_params(file, route, parts)
    return Redirect(route, text, code, parts, converters)


def _source(file: str, source: object) -> Route:
    if not isinstance(source, str) or not _PATH.fullmatch(source):
        hint = "Begin it with one slash, as /old/page, and write no backslash, and [x+20] for a space"
    elif set("?#") & set(source):
        hint = "Leave the query and the fragment out: a redirect answers for a path, whatever its query"
    elif _ENCODED.search(source):
        hint = "Write the characters themselves, not percent-encoded, and [x+20] for a space"
    else:
        pattern = _pattern(file, source)
        last = pattern.segments[-1] if pattern.segments else None
        is_file = pattern.is_file and isinstance(last, Static) and _SUFFIX.search(last.text) is not None
        return Route(pattern.id, pattern.segments, is_file, file, any_slash=True)
    raise SiteError(Fault("bad-redirect-source", file, f"{_shown(source)} is no path to redirect from", hint))


def _pattern(file: str, source: str) -> Pattern:
    try:
        return parse_address(source[1:], file=file)
    except SiteError as error:
        where = f"in the redirect from {_shown(source)}"
        raise SiteError(replace(fault, what=f"{where} {fault.what}") for fault in error.faults) from None


def _target(file: str, source: object, target: object) -> str:
    if isinstance(target, str) and (_PATH.fullmatch(target) or _URL.fullmatch(target)):
        return target
    what = f"the redirect from {_shown(source)} leads to {_shown(target)}, which is no path of the site and no URL"
    hint = "Begin it with one slash, http:// or https://, and write no backslash, and %20 for a space"
    raise SiteError(Fault("bad-redirect-target", file, what, hint))


def _check_params(file: str, route: Route, parts: Iterable[str | Slot]) -> None:
    for part in parts:
        if isinstance(part, Slot) and part.name not in route.param_names:
            near = difflib.get_close_matches(part.name, route.param_names, 1)
            what = f'the target of the redirect from {route.id} has the parameter "{part.name}", its source has not'
            hint = f"Did you mean {near[0]}" if near else "Take it out, or name it in the source"
            raise SiteError(Fault("unknown-param", file, what, hint))


def _loops(redirects: Sequence[Redirect], lookup: Lookup) -> Iterator[Fault]:
    """A fault for each circle of redirects, and for each way that is longer than a browser follows."""
    redirects = [redirect for redirect in redirects if redirect.target]
    by_id = {redirect.route.id: redirect for redirect in redirects}
    reported: set[frozenset[str]] = set()
    for redirect in sorted(redirects, key=lambda redirect: redirect.route.id):
        chain = _chain(redirect, by_id, lookup)
        if chain[-1] in chain[:-1]:
            chain = chain[-2 - chain[-2::-1].index(chain[-1]) :]
            what = "redirects without end"
        else:
            what = f"redirects more than {MAX_HOPS} times in a row"
        if len(chain) > 1 and frozenset(chain) not in reported:
            reported.add(frozenset(chain))
            what = f"{what}: {' → '.join(chain)}"
            yield _loop(by_id[chain[0]].route, what)


def _loop(route: Route, what: str) -> Fault:
    return Fault("redirect-loop", route.source, what, "Lead one of them to a page", *route.place)


def _chain(redirect: Redirect, by_id: Mapping[str, Redirect], lookup: Lookup) -> list[str]:
    """The ids of the redirects on the way from `redirect`, for a sample of its parameters, up to where it closes.

    The first id alone where the way ends, as it should.
    """
    chain = [redirect.route.id]
    params = _sample(redirect)
    if params is None:
        return chain
    seen = {redirect.route.spelt(build(redirect.route, params, redirect.converters), "never")}
    while len(chain) <= MAX_HOPS:
        path = unquote(re.split("[?#]", redirect.location(params))[0])
        hit = lookup(path) if path[:1] == "/" else None
        if hit is None or hit[0].id not in by_id:
            return chain[:1]
        redirect, params = by_id[hit[0].id], dict(hit[1])
        chain.append(redirect.route.id)
        if (bare := path.rstrip("/") or "/") in seen:
            break
        seen.add(bare)
    return chain


def _sample(redirect: Redirect) -> dict[str, Any] | None:
    """A value for each parameter; `None` where one has a type of the site's own, of which no value is known."""
    slots = redirect.route.slots
    if not all(slot.converter in _SAMPLES for slot in slots):
        return None
    texts = {slot.name: (slot.converter, _SAMPLES[slot.converter]) for slot in slots}
    return {
        name: redirect.converters[kind].parse(text) if kind else text for name, (kind, text) in texts.items()
    }


def _shown(value: object) -> str:
    return f'"{readable(value)}"' if isinstance(value, str) else readable(repr(value))
