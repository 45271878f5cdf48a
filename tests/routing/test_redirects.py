"""Addresses that a site has left."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import SiteError
from engine.routing.redirects import Redirect, check_loops, read_redirects
from engine.routing.table import Found, RouteTable


def read(*pairs: tuple[Any, Any], **settings: Any) -> list[Redirect]:
    redirects, faults = read_redirects([("site.toml", (3, 1), *pair) for pair in pairs], **settings)
    if faults:
        raise SiteError(faults)
    return redirects


def follow(redirects: list[Redirect], path: str) -> str:
    match = RouteTable([redirect.route for redirect in redirects]).match(path)
    assert isinstance(match, Found)
    return next(it for it in redirects if it.route is match.route).location(match.params)


@pytest.mark.parametrize(
    ("source", "target", "path", "location"),
    [
        ("/old", "/new/", "/old", "/new/"),
        ("/old", "/new/", "/old/", "/new/"),
        ("/old/", "/new/", "/old", "/new/"),
        ("/", "/start/", "/", "/start/"),
        ("/a.html", "/a/", "/a.html", "/a/"),
        ("/a/index.html", "/a/", "/a/index.html", "/a/"),
        ("/_posts/x", "/x/", "/_posts/x", "/x/"),
        ("/old", "https://example.org/x?y#z", "/old", "https://example.org/x?y#z"),
        ("/old", "HTTP://example.org", "/old", "HTTP://example.org"),
        ("/old", "/new/?a=1&b=%20#top", "/old", "/new/?a=1&b=%20#top"),
        ("/old", "/é/", "/old", "/%C3%A9/"),
        (
            "/old",
            "https://web.example/2020/https://a.example/",
            "/old",
            "https://web.example/2020/https://a.example/",
        ),
        ("/old/[slug]", "/new/[slug]/", "/old/a b", "/new/a%20b/"),
        ("/[a]/[b]", "/[b]/[a]/", "/1/2", "/2/1/"),
        ("/[year=int]/[...rest]", "/blog/[year=int]/[...rest]", "/2024/a/b", "/blog/2024/a/b"),
        ("/[day=date]", "/on/[day]/", "/2024-02-29", "/on/2024-02-29/"),
        ("/old/[...path]", "/new/[...path]", "/old/a/b/", "/new/a/b"),
        ("/old/[...path]", "/new/[...path]", "/old", "/new/"),
        ("/old/[...path]", "/new/[...path]/", "/old/", "/new/"),
        ("/old/[...path]", "https://example.org/[...path]", "/old/a/é", "https://example.org/a/%C3%A9"),
        ("/[[lang]]/old", "/[[lang]]/new/", "/old", "/new/"),
        ("/[[lang]]/old", "/[[lang]]/new/", "/de/old", "/de/new/"),
        ("/old/[[a]]/[...b]", "/[[a]]/[...b]", "/old", "/"),
        ("/find/[q]", "/search/?q=[q]&r=1", "/find/a&b=c/", "/search/?q=a%26b%3Dc&r=1"),
        ("/find/[...q]", "/search/#[...q]", "/find/a/b/", "/search/#a%2Fb"),
    ],
)
def test_a_redirect_leads_to_its_target_with_its_parameters(source, target, path, location):
    assert follow(read((source, target)), path) == location


@pytest.mark.parametrize("path", ["/evil.example", "//evil.example", "\\\\evil.example", "/"])
def test_no_value_leads_off_the_site(path):
    (redirect,) = read(("/old/[[a]]/[...b]", "/[[a]]/[...b]"))
    for params in ({"a": None, "b": path}, {"a": "", "b": path}, {"a": path, "b": ""}):
        location = redirect.location(params)
        assert location[0] == "/"
        assert location[1:2] not in ("/", "\\")


def test_a_redirect_is_permanent_unless_it_says_otherwise():
    assert [
        it.code for it in read(("/a", "/x"), ("/b", {"to": "/x"}), ("/c", {"to": "/x", "code": 302}))
    ] == [308, 308, 302]


def test_an_alias_leads_to_the_url_of_its_page(route):
    page, post = route("new/page"), route("blog/[slug]")
    assert read(("/old", page))[0].location({}) == "/new/page/"
    assert read(("/old", page), slash="never")[0].location({}) == "/new/page"
    assert read(("/b/[slug]", post))[0].location({"slug": "é x"}) == "/blog/%C3%A9%20x/"
    assert read(("/old", route("café & [x+5b]")))[0].location({}) == "/caf%C3%A9%20&%20%5B/"


def test_a_type_of_the_site_is_written_by_its_converter():
    class Hex:
        accepts = int

        def parse(self, text: str) -> int:
            return int(text, 16)

        def format(self, value: int) -> str:
            return f"{value:x}"

    (redirect,) = read(("/[n=hex]", "/new/[n]"), converters={"hex": Hex()})
    assert redirect.location({"n": 255}) == "/new/ff"


FAULTY = {
    "no slash": ("old", "/new", "bad-redirect-source"),
    "two slashes": ("//old", "/new", "bad-redirect-source"),
    "a backslash": ("/\\old", "/new", "bad-redirect-source"),
    "a URL": ("https://example.org/", "/new", "bad-redirect-source"),
    "a space": ("/a b", "/new", "bad-redirect-source"),
    "a query": ("/a?b", "/new", "bad-redirect-source"),
    "a fragment": ("/a#b", "/new", "bad-redirect-source"),
    "percent-encoding": ("/a%20b", "/new", "bad-redirect-source"),
    "no text": (5, "/new", "bad-redirect-source"),
    "an empty source": ("", "/new", "bad-redirect-source"),
    "an empty segment": ("/a//b", "/new", "empty-name"),
    "dots": ("/../a", "/new", "private-name"),
    "a hidden name": ("/.env", "/new", "private-name"),
    "a malformed parameter": ("/[a", "/new", "bad-brackets"),
    "a taken parameter": ("/[class]", "/new", "bad-param-name"),
    "a reserved character": ("/a:b", "/new", "reserved-character"),
    "a target of another host": ("/old", "//evil.example", "bad-redirect-target"),
    "a target with a backslash": ("/old", "/\\evil.example", "bad-redirect-target"),
    "a target with a backslash later": ("/old", "/a\\b", "bad-redirect-target"),
    "a target with a tab": ("/old", "/\t/evil.example", "bad-redirect-target"),
    "a target with a newline": ("/old", "/new\nSet-Cookie: a=b", "bad-redirect-target"),
    "a script": ("/old", "javascript:alert(1)", "bad-redirect-target"),
    "another scheme": ("/old", "ftp://example.org/", "bad-redirect-target"),
    "a relative target": ("/old", "new", "bad-redirect-target"),
    "an empty target": ("/old", "", "bad-redirect-target"),
    "no host": ("/old", "https:///x", "bad-redirect-target"),
    "a user": ("/old", "https://example.org@evil.example/", "bad-redirect-target"),
    "a host from a parameter": ("/[host]", "https://[host]/", "bad-redirect-target"),
    "a host with a parameter": ("/[x]", "https://example.org[x]/", "bad-redirect-target"),
    "a target that is no text": ("/old", None, "bad-redirect-target"),
    "a table without a target": ("/old", {"code": 301}, "bad-redirect-target"),
    "a table with more": ("/old", {"to": "/new", "status": 301}, "bad-redirect-target"),
    "a strange code": ("/old", {"to": "/new", "code": 200}, "bad-redirect-code"),
    "a code that is no number": ("/old", {"to": "/new", "code": "301"}, "bad-redirect-code"),
    "an unknown parameter": ("/old/[slug]", "/new/[slgu]", "unknown-param"),
    "a parameter from nowhere": ("/old", "/new/[slug]", "unknown-param"),
    "brackets in the target": ("/old", "/new/[slug", "bad-brackets"),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_redirect_is_named_with_its_line_and_a_way_out(name):
    source, target, code = FAULTY[name]
    redirects, faults = read_redirects([("site.toml", (3, 1), source, target)])
    assert redirects == []
    assert [(fault.code, fault.file, fault.line) for fault in faults] == [(code, "site.toml", 3)]
    assert faults[0].hint


def test_an_unknown_parameter_gets_a_suggestion():
    faults = read_redirects([("site.toml", (1, 1), "/old/[slug]", "/new/[slgu]")])[1]
    assert faults[0].hint == "Did you mean slug"


def test_sound_redirects_stand_beside_faulty_ones():
    redirects, faults = read_redirects(
        [("f", (1, 1), "/a", "/b"), ("f", (2, 1), "b", "/c"), ("f", (3, 1), "/d", "e")]
    )
    assert ([it.route.id for it in redirects], len(faults)) == (["/a"], 2)


def test_a_loop_is_named_as_a_chain_once():
    faults = read_redirects(
        [
            ("site.toml", (1, 1), source, target)
            for source, target in [("/c", "/a"), ("/a", "/b/?x"), ("/b", "/a/#y"), ("/ok", "/fine")]
        ]
    )[1]
    assert [fault.what for fault in faults] == ["redirects without end: /a → /b → /a"]
    assert faults[0].code == "redirect-loop"


def test_a_redirect_to_itself_is_a_loop():
    assert [fault.what for fault in read_redirects([("f", (1, 1), "/a", "/a/")])[1]] == [
        "redirects without end: /a → /a"
    ]


def test_a_way_longer_than_browsers_follow_is_a_fault():
    long = [("f", (1, 1), f"/{number}", f"/{number + 1}") for number in range(21)]
    assert "more than 20 times" in read_redirects(long)[1][0].what
    assert read_redirects(long[1:])[1] == []


@pytest.mark.parametrize(
    ("pairs", "pages", "chain"),
    [
        ([("/a/[...x]", "/b/[...x]"), ("/b/[...y]", "/a/[...y]")], [], "/a/[...x] → /b/[...y] → /a/[...x]"),
        ([("/a/[...x]", "/a/x/[...x]")], [], "/a/[...x] → /a/[...x]"),
        ([("/a/[n=int]", "/b/[n]"), ("/b/[n=int]", "/a/[n]")], [], "/a/[n=int] → /b/[n=int] → /a/[n=int]"),
        ([("/blog/[...x]", "/blog/")], [], "/blog/[...x] → /blog/[...x]"),
        ([("/blog/[...x]", "/blog/")], ["blog/index"], None),
        ([("/blog/[...x]", "/blog/archive")], ["blog/archive"], None),
        ([("/a/[x]/[...y]", "/a/[...y]")], [], None),
        ([("/[x=own]", "/[x=own]")], [], None),
    ],
)
def test_a_loop_of_parameters_is_found_with_the_whole_table(pairs, pages, chain, route):
    class Own:
        accepts = str

        def parse(self, text: str) -> str:
            return text

        def format(self, value: str) -> str:
            return value

    redirects = read(*pairs, converters={"own": Own()})
    routes = [redirect.route for redirect in redirects] + [route(page) for page in pages]
    table = RouteTable(routes, converters={"own": Own()})
    if chain is None:
        check_loops(redirects, table)
        return
    with pytest.raises(SiteError) as caught:
        check_loops(redirects, table)
    assert [fault.what for fault in caught.value.faults] == [f"redirects without end: {chain}"]
