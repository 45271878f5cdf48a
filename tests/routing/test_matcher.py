"""The matcher equals trying the routes one by one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.routing.converters import BUILT_IN, NO_MATCH
from engine.routing.matcher import Matcher
from engine.routing.order import in_order
from engine.routing.route import Route
from engine.routing.segments import Param, Segment, Slot, Static
from growth import instructions


def naive(routes: list[Route], path: str) -> tuple[Route, dict[str, Any]] | None:
    """The definition: the first route in order that matches, in the first of its ways."""
    parts = path.strip("/").split("/") if path.strip("/") else []
    for route in in_order(routes):
        for params in ways(route.segments, parts):
            return route, params
    return None


def ways(segments: tuple[Segment, ...], parts: list[str]) -> Iterator[dict[str, Any]]:
    """All ways in which segments match parts, those first that take most on the left."""
    if not segments:
        if not parts:
            yield {}
        return
    for count, within in steps(segments[0], parts):
        for after in ways(segments[1:], parts[count:]):
            yield within | after


def steps(first: Segment, parts: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """How many of the parts one segment may take, and what its parameters are then; the most first."""
    if isinstance(first, Static):
        if parts[:1] == [first.text]:
            yield 1, {}
    elif first.takes == "rest":
        for count in range(len(parts), -1, -1):
            yield count, {first.names[0]: "/".join(parts[:count])}
    else:
        for within in islice(splits(first.texts, first.slots, parts[0]) if parts else (), 1):
            yield 1, within
        if first.takes == "optional":
            yield 0, {first.names[0]: None}


def splits(texts: tuple[str, ...], slots: tuple[Slot, ...], text: str) -> Iterator[dict[str, Any]]:
    """All ways in which a segment is shared among its slots, those first that take least on the left."""
    if not text.startswith(texts[0]):
        return
    text = text[len(texts[0]) :]
    if not slots:
        if not text:
            yield {}
        return
    for end in range(1, len(text) + 1):
        value = BUILT_IN[slots[0].converter].parse(text[:end]) if slots[0].converter else text[:end]
        if value is not NO_MATCH:
            for after in splits(texts[1:], slots[1:], text[end:]):
                yield {slots[0].name: value} | after


KINDS = st.one_of(
    st.sampled_from(["a", "b", "a-b", "1"]).map(lambda text: (text,)),
    st.sampled_from(["", "int", "slug"]).map(lambda kind: ("", kind, "")),
    st.tuples(
        st.sampled_from(["a", "a-", "-"]), st.sampled_from(["", "int"]), st.sampled_from(["", "b", "-"])
    ),
    st.tuples(
        st.sampled_from(["", "a"]), st.sampled_from(["", "int"]), st.just("-"), st.just(""), st.just("")
    ),
    st.sampled_from(["optional", "optional-int", "rest"]),
)


def segment(kind: Any, names: Iterator[str]) -> Segment:
    if kind == "rest":
        return Param((Slot(next(names), takes="rest"),))
    if isinstance(kind, str):
        return Param((Slot(next(names), kind.partition("-")[2], "optional"),))
    if len(kind) == 1:
        return Static(kind[0])
    return Param(tuple(Slot(next(names), converter) for converter in kind[1::2]), kind[::2])


@st.composite
def route_sets(draw: st.DrawFn) -> list[Route]:
    routes = {}
    for number, kinds in enumerate(draw(st.lists(st.lists(KINDS, max_size=4), max_size=12))):
        names = (f"p{count}" for count in range(99))
        segments = tuple(segment(kind, names) for kind in kinds)
        route = Route(f"/{number}", segments, False, f"pages/{number}")
        routes.setdefault(route.shape, route)
    return list(routes.values())


PATHS = st.lists(
    st.sampled_from(["a", "b", "a-b", "a-1", "1", "12", "-", "a-b-c", "1-2-b", "A", "c"]), max_size=6
)


@pytest.mark.long
@settings(max_examples=500, deadline=None)
@given(route_sets(), st.lists(PATHS, min_size=1, max_size=8))
def test_the_tree_answers_as_the_routes_tried_one_by_one(routes, paths):
    matcher = Matcher(in_order(routes), BUILT_IN)
    for parts in paths:
        path = "/" + "/".join(parts)
        assert matcher.match(path) == naive(routes, path)
        assert matcher.match(path + "/" if parts else path) == naive(routes, path)


@pytest.mark.parametrize(
    ("pattern", "path", "params"),
    [
        ("[...path]", "/", {"path": ""}),
        ("[...path]", "/a/b/c", {"path": "a/b/c"}),
        ("docs/[...path]/edit", "/docs/edit", {"path": ""}),
        ("docs/[...path]/edit", "/docs/edit/edit", {"path": "edit"}),
        ("[...a]/x/[...b]", "/x/x/x", {"a": "x/x", "b": ""}),
        ("[[lang]]/about", "/about", {"lang": None}),
        ("[[lang]]/about", "/en/about", {"lang": "en"}),
        ("[[lang]]/about", "/about/about", {"lang": "about"}),
        ("[[page=int]]", "/7", {"page": 7}),
        ("[[a]]/[[b]]", "/x", {"a": "x", "b": None}),
        ("[[a=int]]/[[b]]", "/x", {"a": None, "b": "x"}),
        ("[a]-[b]", "/x-y-z", {"a": "x", "b": "y-z"}),
        ("[a]-[b=int]", "/x-y-3", {"a": "x-y", "b": 3}),
        ("[a]--[b]", "/---x", {"a": "-", "b": "x"}),
        ("v[major=int].[minor=int]", "/v1.20", {"major": 1, "minor": 20}),
        ("[name].tar.gz", "/a.tar.gz.tar.gz", {"name": "a.tar.gz"}),
        ("[größe]", "/5", {"größe": "5"}),
    ],
)
def test_parameters_take_what_the_order_says(pattern, path, params, route):
    assert Matcher([route(pattern)], BUILT_IN).match(path) == (route(pattern), params)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("post-[id]", "/post-"),
        ("ab[x]ba", "/aba"),
        ("[a]-[b]", "/x-"),
        ("[a]-[b]", "/-x"),
        ("v[a=int].[b=int]", "/v1.x"),
        ("[id=int]", "/07"),
        ("[[page=int]]", "/x"),
        ("[slug]", "/"),
        ("about", "/About"),
        ("[...a]/x", "/x/y"),
    ],
)
def test_what_does_not_fit_does_not_match(pattern, path, route):
    assert Matcher([route(pattern)], BUILT_IN).match(path) is None


def test_a_value_that_does_not_convert_falls_through_to_the_next_route(route):
    matcher = Matcher(in_order(map(route, ["[id=int]/x", "[day=date]/[y]", "[slug]/x"])), BUILT_IN)
    assert matcher.match("/5/x")[1] == {"id": 5}
    assert matcher.match("/2024-02-29/x")[0].id == "/[day=date]/[y]"
    assert matcher.match("/2024-02-30/x")[1] == {"slug": "2024-02-30"}


def test_a_static_name_that_leads_nowhere_gives_way_to_a_parameter(route):
    matcher = Matcher(in_order(map(route, ["a/b/c", "[x]/b/d", "[...rest]"])), BUILT_IN)
    assert matcher.match("/a/b/d") == (route("[x]/b/d"), {"x": "a"})
    assert matcher.match("/a/b/e") == (route("[...rest]"), {"rest": "a/b/e"})


HOSTILE = [
    "[...a]/a/[...b]/a/[...c]/a/[...d]/z",
    "[...a]/a/[...b]/b/[...c]",
    "a/[...x]/[n=int]/[...y]/q",
    "[[l]]/[[m]]/[[n]]/[[o]]/[[p]]/[[q]]/x",
    "[...p]/[q]/[[r=int]]/[[s]]/end",
]


@pytest.mark.parametrize("unit", ["/a", "/1", "/b"])
def test_a_hostile_path_costs_no_more_than_its_length(unit, route):
    matcher = Matcher(in_order(map(route, HOSTILE)), BUILT_IN)
    assert matcher.match("/a/a/a/z")[0].id == f"/{HOSTILE[0]}"
    short, long, refused = (
        instructions(lambda count=count: matcher.match(unit * count)) for count in (25, 250, 10_000)
    )
    assert long < 15 * short  # the square would be a hundred times
    assert refused < 100  # deeper than any route: told by its length
    assert all(matcher.match(unit * count) is None for count in (25, 250, 10_000))


@pytest.mark.parametrize("unit", ["-", "a-"])
def test_a_hostile_segment_costs_no_more_than_its_length(unit, route):
    matcher = Matcher([route("[a]-[b]-[c]-[d]-[e=int]"), route("x")], BUILT_IN)
    lengths = [length // len(unit) for length in (25, 250, 8000)]
    short, long, refused = (
        instructions(lambda count=count: matcher.match("/" + unit * count)) for count in lengths
    )
    assert long < 15 * short
    assert refused < 500  # longer than any name
    assert all(matcher.match("/" + unit * count) is None for count in lengths)


@pytest.mark.long
def test_a_match_costs_the_same_however_many_routes_there_are(route):
    def cost(count: int) -> int:
        paths = [f"s{number}/[slug]/[id=int]" for number in range(count)]
        matcher = Matcher(in_order(map(route, paths)), BUILT_IN)
        return instructions(lambda: matcher.match("/s7/hello/42"))

    assert cost(5000) <= 1.1 * cost(10)
