"""The one total order of routes. A path belongs to the first route of this order that matches it.

Two routes are compared segment by segment from the left. The first difference decides:

    rank  segment                  example           matches
    0     static text              about             this text
    1     text and parameters      post-[id]         what begins and ends so
    2     typed parameter          [id=int]          what converts
    3     the end of the route                       no further segment
    4     plain parameter          [slug]            any one segment
    5     optional parameter       [[lang]]          one segment or none
    6     catch-all                [...path]         any number of segments, none too

Within a rank: more static text first, then the shapes by code points (so `post-[=int]` before `post-[]`, and
`[=date]` before `[=slug]`). Routes of one shape are a conflict; their ids and sources keep the order total
all the same.

Why the end stands there: `/[[lang]]/about` must go before `/[[lang]]`, or `/about` would be read as a
language; and `/[[lang]]` before `/[[lang]]/[page]`, or `/en` would be read as a page. `/[...path]/edit` goes
before `/[...path]`, which would leave nothing to it. Between `/docs`, `/docs/[[page]]` and `/docs/[...path]`
the path `/docs` is the first's.

Of several ways in which one route matches a path, the first parameter takes what it can: an optional its
segment, a catch-all as many as possible. Parameters mixed with text take as little as possible: `[a]-[b]`
reads `x-y-z` as `x` and `y-z`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from engine.routing.route import Route
from engine.routing.shapes import END

SortKey: TypeAlias = tuple[int | str, ...]


def sort_key(route: Route) -> SortKey:
    """The place of a route in the order. Equal only for one id in one source."""
    key: list[int | str] = []
    for segment in route.segments:
        key += (segment.rank, -len(segment.text), segment.shape)
    return (*key, END, route.id, route.source)


def in_order(routes: Iterable[Route]) -> tuple[Route, ...]:
    return tuple(sorted(routes, key=sort_key))
