"""What a path leads to."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import UnknownRoute
from engine.routing.table import Found, Missing, Moved, RouteTable
from growth import seconds

SITE = (
    "index",
    "about",
    "feed.xml",
    "blog/index",
    "blog/[slug]",
    "blog/[slug]/feed.xml",
    "users/[id=int]",
    "files/[name].txt",
    "docs/[...path]",
    "[[lang]]/imprint",
    "(app)/inbox",
    "C++ & C#",
    "café",
    ".well-known/security.txt",
)
DIRECTORIES = ("", "blog", "blog/[slug]", "users", "files", "docs", "[[lang]]", "(app)", ".well-known")


@pytest.fixture(scope="module")
def site(table):
    return table(*SITE, directories=DIRECTORIES)


@pytest.fixture(scope="module")
def bare(table):
    return table(*SITE, directories=DIRECTORIES, slash="never")


FOUND = {
    "/": ("/", {}),
    "/about/": ("/about", {}),
    "/feed.xml": ("/feed.xml", {}),
    "/blog/": ("/blog", {}),
    "/blog/hello/": ("/blog/[slug]", {"slug": "hello"}),
    "/blog/a b:c%/": ("/blog/[slug]", {"slug": "a b:c%"}),
    "/blog/hello/feed.xml": ("/blog/[slug]/feed.xml", {"slug": "hello"}),
    "/users/7/": ("/users/[id=int]", {"id": 7}),
    "/files/a.b.txt": ("/files/[name].txt", {"name": "a.b"}),
    "/docs/": ("/docs/[...path]", {"path": ""}),
    "/docs/a/b/": ("/docs/[...path]", {"path": "a/b"}),
    "/imprint/": ("/[[lang]]/imprint", {"lang": None}),
    "/de/imprint/": ("/[[lang]]/imprint", {"lang": "de"}),
    "/inbox/": ("/(app)/inbox", {}),
    "/C++ & C#/": ("/C++ & C#", {}),
    "/café/": ("/café", {}),
    "/.well-known/security.txt": ("/.well-known/security.txt", {}),
}


@pytest.mark.parametrize("path", FOUND)
def test_a_path_finds_its_route_and_its_parameters(path, site):
    match = site.match(path)
    assert isinstance(match, Found)
    assert (match.route.id, dict(match.params)) == FOUND[path]


@pytest.mark.parametrize("path", FOUND)
def test_the_other_spelling_moves_to_the_one_with_the_right_slash(path, site):
    other = path[:-1] if path.endswith("/") else path + "/"
    assert path == "/" or site.match(other) == Moved(quote(path, safe="/+&:"))


@pytest.mark.parametrize("path", FOUND)
def test_the_slash_policy_never_turns_pages_round_and_leaves_files(path, site, bare):
    route = site.match(path).route
    canonical = path if path == "/" else path.rstrip("/")
    match = bare.match(canonical)
    assert isinstance(match, Found)
    assert (match.route.id, match.params) == (route.id, site.match(path).params)
    assert path == "/" or bare.match(canonical + "/") == Moved(quote(canonical, safe="/+&:"))


@pytest.mark.parametrize(
    ("path", "directory"),
    [
        ("/nothing/", "pages"),
        ("/nothing", "pages"),
        ("/About/", "pages"),
        ("/users/x/", "pages/users"),
        ("/users/007/", "pages/users"),
        ("/users/", "pages/users"),
        ("/blog/x/y/", "pages/blog/[slug]"),
        ("/blog/x/y/z", "pages/blog/[slug]"),
        ("/files/x.md", "pages/files"),
        ("/.well-known/x", "pages/.well-known"),
        ("/de/nothing/", "pages/[[lang]]"),
        ("/inbox/x", "pages/[[lang]]"),
        ("//blog/x/y/", "pages"),
        ("", "pages"),
        ("*", "pages"),
        ("blog/", "pages"),
    ],
)
def test_a_path_without_a_route_belongs_to_the_deepest_directory_of_its_url(path, directory, table):
    # Without the optional directory every path at the root would be the root's.
    directories = DIRECTORIES if "[[" in directory else tuple(d for d in DIRECTORIES if d != "[[lang]]")
    paths = SITE if "[[" in directory else tuple(p for p in SITE if "[[" not in p)
    match = table(*paths, directories=directories).match(path)
    assert isinstance(match, Missing) and match.directory == directory


def test_a_static_directory_owns_its_urls_before_a_dynamic_one(table):
    found = table("index", directories=("", "[x]", "[x]/b", "a", "a/[id=int]"))
    assert found.match("/a/b/c/") == Missing("pages/a")
    assert found.match("/a/5/c/") == Missing("pages/a/[id=int]", {"id": 5})
    assert found.match("/z/b/c/") == Missing("pages/[x]/b", {"x": "z"})


def test_a_group_does_not_own_the_urls_of_its_parent(table):
    assert table("index", directories=("(a)", "(a)/b", "", "b")).match("/b/x") == Missing("pages/b")
    assert table("index", directories=("(a)", "(a)/b", "")).match("/b/x") == Missing("pages/(a)/b")
    assert table("index", directories=("(a)", "(a)/b", "")).match("/x") == Missing("pages")


def test_a_directory_that_no_url_can_reach_owns_nothing(table):
    assert table("index", directories=("", "[x=unknown]")).match("/a/b") == Missing("pages")


def test_segments_have_an_owner_too(site, route):
    assert site.directory(route("blog/old/page").segments) == "pages/blog/[slug]"
    assert site.directory(route("users/[id=int]/old").segments) == "pages/users"
    assert site.directory(route("blog/[any]/old").segments) == "pages/blog/[slug]"
    assert site.directory(route("[...x]").segments) == "pages"


def test_a_path_that_is_not_composed_moves_to_its_composed_and_right_spelling(site):
    decomposed = unicodedata.normalize("NFD", "/café/")
    assert decomposed != "/café/"
    assert site.match(decomposed) == Moved("/caf%C3%A9/")
    assert site.match(decomposed.rstrip("/")) == Moved("/caf%C3%A9/")
    assert site.match(unicodedata.normalize("NFD", "/blog/é/")) == Moved("/blog/%C3%A9/")
    assert site.match(unicodedata.normalize("NFD", "/users/é/")) == Missing("pages/users")


def test_a_static_page_with_another_slash_goes_before_a_parameter(table):
    found = table("a.xml", "[slug]")
    assert found.match("/a.xml/") == Moved("/a.xml")
    assert table("about", "[name].txt", "[...path]").match("/about") == Moved("/about/")


def test_a_file_with_parameters_goes_before_a_catch_all(table):
    assert table("[name].xml", "[...path]").match("/a.xml/") == Moved("/a.xml")


def test_a_route_of_any_slash_is_found_either_way(route):
    routes = [
        replace(route("old"), any_slash=True),
        replace(route("gone/[...x]"), any_slash=True),
        route("index"),
    ]
    for slash in ("always", "never"):
        found = RouteTable(routes, slash=slash)
        for path in ("/old", "/old/", "/gone", "/gone/", "/gone/a", "/gone/a/"):
            assert isinstance(found.match(path), Found)


def test_the_answer_to_a_static_path_is_made_once(site):
    assert site.match("/about/") is site.match("/about/")


def test_the_parameters_of_a_static_route_cannot_be_changed(site):
    with pytest.raises(TypeError):
        site.match("/about/").params["x"] = 1


def test_each_request_gets_parameters_of_its_own(site):
    assert site.match("/users/7/").params is not site.match("/users/7/").params


def test_routes_come_in_order_whatever_the_order_they_are_given_in(table):
    assert table(*SITE).routes == table(*reversed(SITE)).routes


def test_a_table_has_the_routes_that_it_was_given(route):
    one, other = route("a"), route("a", "pages/other")
    found = RouteTable([one])
    assert found.has(one)
    assert not found.has(other)
    assert found.route("/a") is one


def test_the_canonical_url_of_a_route_has_its_slash_and_keeps_parameters(site, bare):
    def both(id: str) -> tuple[str, str]:
        return site.canonical(site.route(id)), bare.canonical(bare.route(id))

    assert both("/") == ("/", "/")
    assert both("/café") == ("/caf%C3%A9/", "/caf%C3%A9")
    assert both("/feed.xml") == ("/feed.xml", "/feed.xml")
    assert both("/(app)/inbox") == ("/inbox/", "/inbox")
    assert both("/blog/[slug]") == ("/blog/[slug]/", "/blog/[slug]")


def test_an_unknown_id_suggests_the_nearest(site):
    for id, near in {
        "/abuot": "/about",
        "about": "/about",
        "/blog/[slag]": "/blog/[slug]",
        "/inbox": "/(app)/inbox",
    }.items():
        with pytest.raises(UnknownRoute, match="Did you mean") as caught:
            site.route(id)
        assert f"Did you mean {near!r}?" in str(caught.value)
    with pytest.raises(UnknownRoute):
        site.route("/qqqqqqqqqqqqqqqqqq")


@settings(deadline=None)
@given(st.text(st.sampled_from("/ab.%é\u0301\\ -\x00[]~\ud800"), max_size=12).map(lambda text: "/" + text))
def test_every_move_stays_on_the_site_and_arrives_at_once(site, path):
    match = site.match(path)
    if isinstance(match, Moved):
        assert match.location[:1] == "/"
        assert match.location[1:2] not in ("/", "\\")
        assert match.location.isascii()
        assert isinstance(site.match(unquote(match.location)), Found)


@pytest.mark.long
def test_the_time_to_make_a_table_grows_as_its_routes_do(table):
    def took(count: int) -> float:
        routes = table(*(f"section-{number % 300}/page-{number}" for number in range(count))).routes
        return seconds(lambda: RouteTable(routes), times=3)

    assert took(50_000) < 30 * took(5_000)
