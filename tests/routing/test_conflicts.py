"""What cannot stand beside each other is named, all at once."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from engine.errors import SiteError
from engine.routing.route import Route
from engine.routing.segments import Static, parse
from engine.routing.table import RouteTable


def faults_of(*routes: Route) -> list[str]:
    with pytest.raises(SiteError) as caught:
        RouteTable(routes)
    return [str(fault) for fault in caught.value.faults]


CONFLICTS = {
    "the same path": (("a", "pages/a.md"), ("a", "pages/a.html"), "duplicate-url"),
    "a page and a directory": (("a", "pages/a.md"), ("a/index", "pages/a/index.md"), "duplicate-url"),
    "two groups": (("(x)/a", "1"), ("(y)/a", "2"), "duplicate-url"),
    "a group and its parent": (("index", "1"), ("(y)/index", "2"), "duplicate-url"),
    "two names of a parameter": (("[a]/x", "1"), ("[b]/x", "2"), "duplicate-url"),
    "two names of a typed parameter": (("[a=int]", "1"), ("[b=int]", "2"), "duplicate-url"),
    "two names of mixed parameters": (("x-[a]-[b]", "1"), ("x-[c]-[d]", "2"), "duplicate-url"),
    "two names of a catch-all": (("[...a]", "1"), ("[...b]", "2"), "duplicate-url"),
    "an escape": (("a.b", "1"), ("a[x+2e]b", "2"), "duplicate-url"),
    "normal forms": ((unicodedata.normalize("NFD", "é"), "1"), ("é", "2"), "duplicate-url"),
    "a file and a directory of the same name": (("a.xml", "1"), ("a.xml/index", "2"), "duplicate-url"),
    "upper and lower case": (("Foo", "1"), ("foo", "2"), "case-conflict"),
    "upper and lower case above": (("Foo/x", "1"), ("foo/X", "2"), "case-conflict"),
    "upper and lower case of letters beyond ASCII": (("STRASSE", "1"), ("straße", "2"), "case-conflict"),
    "upper and lower case with a parameter": (("Foo/[a]", "1"), ("foo/[b]", "2"), "case-conflict"),
    "a file as a directory": (("a.xml", "1"), ("a.xml/b/c", "2"), "file-and-directory"),
    "a file as a directory of a parameter": (("a.xml", "1"), ("a.xml/[x]", "2"), "file-and-directory"),
    "a file as a directory, case aside": (("a.xml", "1"), ("A.XML/b", "2"), "file-and-directory"),
    "the index of a directory": (("index.html", "1"), ("index", "2"), "duplicate-output"),
    "the index of a directory below": (("a/index.html", "1"), ("a", "2"), "duplicate-output"),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_two_sources_that_collide_are_named_both_with_a_way_out(name, route):
    one, other, code = CONFLICTS[name]
    one, other = route(*one), route(*other)
    if name == "a file and a directory of the same name":
        other = replace(other, is_file=False)
    with pytest.raises(SiteError) as caught:
        RouteTable([one, other])
    (fault,) = caught.value.faults
    assert fault.code == code
    assert {fault.file} | {source for source in (one.source, other.source) if source in fault.what} == {
        one.source,
        other.source,
    }
    assert fault.hint.endswith("Rename or remove one of the two")


def test_the_message_says_who_answers_what(route):
    assert faults_of(route("a", "pages/a.py"), route("a", "pages/a.md")) == [
        "pages/a.py: answers the same URL as pages/a.md (/a/). Rename or remove one of the two."
    ]


def test_an_asset_collides_like_a_page(route):
    pattern = parse("feed.xml", file="static/feed.xml", literal_name=True)
    asset = Route(pattern.id, pattern.segments, pattern.is_file, "static/feed.xml")
    assert len(faults_of(asset, route("feed.xml", "pages/feed.xml.py"))) == 1


def test_a_file_without_a_suffix_is_in_the_way_of_a_directory(route):
    asset = Route("/a", (Static("a"),), True, "static/a")
    assert "/a/b/" in faults_of(asset, route("a/b"))[0]


@pytest.mark.parametrize(
    "paths",
    [
        ("[a]", "[a=int]", "[a=slug]", "[...a]", "[[a]]", "x-[a]", "[a]-x", "x"),
        ("[lang]/about", "[[lang]]/about", "about", "[...lang]/about"),
        ("a", "a/b", "a/b/c", "a.xml", "ab/c.xml"),
        ("[x].xml", "[x]", "[x].xml/b"),
        ("a[x+5b]b[x+5d]", "a[b]"),
        ("index.xml", "index", "a/index.html"),
    ],
)
def test_routes_that_share_some_paths_only_stand_beside_each_other(paths, table):
    assert len(table(*paths).routes) == len(paths)


def test_all_conflicts_and_unknown_types_come_at_once(route):
    paths = [
        ("a", "1"),
        ("a", "2"),
        ("a", "3"),
        ("B", "4"),
        ("b", "5"),
        ("c.d", "6"),
        ("c.d/e", "7"),
        ("[x=itn]", "8"),
    ]
    faults = faults_of(*(route(*path) for path in paths))
    assert len(faults) == 5
    assert faults[-1] == '8: there is no type "itn" for parameters. Did you mean int.'


def test_the_faults_are_the_same_whatever_the_order_of_the_routes(route):
    routes = [
        route("a", "1"),
        route("a", "2"),
        route("A", "3"),
        route("b.c", "4"),
        route("b.c/d", "5"),
        route("B.c/e", "6"),
    ]
    assert faults_of(*routes) == faults_of(*reversed(routes))


def test_a_redirect_may_lead_from_the_index_of_a_directory(route):
    old = replace(route("index.html", "site.toml"), any_slash=True)
    assert len(RouteTable([old, route("index")]).routes) == 2
