"""The one total order of routes."""

from __future__ import annotations

import random

import pytest

from engine.routing.converters import BUILT_IN
from engine.routing.matcher import Matcher
from engine.routing.order import in_order, sort_key

ORDER = [
    "index",
    "introduction",
    "about",
    "blog/archive/[...path]",
    "blog/new",
    "blog/post-[id=int]",
    "blog/post-[id]",
    "blog/[a=int]-[b]",
    "blog/[a]-[b]",
    "blog/[day=date]",
    "blog/[id=int]/edit",
    "blog/[id=int]",
    "blog/[name=slug]",
    "blog/index",
    "blog/[slug]/edit",
    "blog/[slug]",
    "blog/[slug]/[[page=int]]",
    "blog/[slug]/[[page]]",
    "blog/[slug]/[...rest]",
    "blog/[[x=int]]/y",
    "blog/[[x]]/y",
    "blog/[...path]/edit",
    "blog/[...path]",
    "x-[y]",
    "[id=uuid]",
    "[slug]",
    "[[lang]]/about",
    "[[lang]]/[page]",
    "[...path]",
]
"""A path in this table goes before all below it."""


def test_the_table_is_the_order(route):
    # The root has no segment at all; where it stands among the others is a matter of the end's rank.
    paths = [path for path in ORDER if path != "index"]
    shuffled = [route(path) for path in paths]
    random.Random(1).shuffle(shuffled)
    assert [found.source.removeprefix("pages/") for found in in_order(shuffled)] == paths


@pytest.mark.parametrize(
    ("path", "winner"),
    [
        ("/", "index"),
        ("/blog/new", "blog/new"),
        ("/blog/post-7", "blog/post-[id=int]"),
        ("/blog/post-x", "blog/post-[id]"),
        ("/blog/7-x", "blog/[a=int]-[b]"),
        ("/blog/2024-02-29", "blog/[a=int]-[b]"),
        ("/blog/7", "blog/[id=int]"),
        ("/blog/7/edit", "blog/[id=int]/edit"),
        ("/blog/7/8", "blog/[slug]/[[page=int]]"),
        ("/blog/seven", "blog/[name=slug]"),
        ("/blog/Seven", "blog/[slug]"),
        ("/blog", "blog/index"),
        ("/blog/a/b/c", "blog/[slug]/[...rest]"),
        ("/x-1", "x-[y]"),
        ("/hello", "[slug]"),
        ("/en/about", "[[lang]]/about"),
        ("/en/imprint", "[[lang]]/[page]"),
        ("/a/b/c", "[...path]"),
    ],
)
def test_the_first_in_order_that_matches_answers(path, winner, route):
    hit = Matcher(in_order(map(route, ORDER)), BUILT_IN).match(path)
    assert hit is not None
    assert hit[0].source == f"pages/{winner}"


def test_routes_of_one_shape_keep_a_place_by_id_and_source(route):
    one, two, three = route("a"), route("(g)/a"), route("a/index", "pages/a/index.md")
    assert sort_key(one) != sort_key(two) != sort_key(three) != sort_key(one)
    assert in_order([one, two, three]) == in_order([three, one, two])
