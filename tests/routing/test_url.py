"""The path of a route."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadParams, UnknownRoute
from engine.routing.table import Found, Missing, Moved

SITE = (
    "index",
    "feed.xml",
    "blog/index",
    "blog/new",
    "blog/[slug]",
    "blog/[year=int]-[title]",
    "users/[id=int]",
    "days/[day=date]",
    "files/[name].txt",
    "[a]~[b]",
    "docs/[...path]",
    "wiki/[...path]/edit",
    "[[lang]]/imprint",
    "list/[[page=int]]",
    "pair/[[a]]/[[b]]",
    "C++ & C#",
    "café",
)


@pytest.fixture(scope="module", params=["always", "never"])
def site(table, request):
    return table(*SITE, slash=request.param)


@pytest.fixture(scope="module")
def slashed(table):
    return table(*SITE)


@pytest.mark.parametrize(
    ("id", "params", "url"),
    [
        ("/", {}, "/"),
        ("/feed.xml", {}, "/feed.xml"),
        ("/blog", {}, "/blog/"),
        ("/blog/[slug]", {"slug": "hello"}, "/blog/hello/"),
        ("/blog/[slug]", {"slug": "a b?c#d%e"}, "/blog/a%20b%3Fc%23d%25e/"),
        ("/blog/[slug]", {"slug": "a!$&'()*+,;=:@-._~b"}, "/blog/a!$&'()*+,;=:@-._~b/"),
        ("/blog/[slug]", {"slug": "é"}, "/blog/%C3%A9/"),
        ("/blog/[slug]", {"slug": "[x]"}, "/blog/%5Bx%5D/"),
        ("/blog/[year=int]-[title]", {"year": 2024, "title": "a-b"}, "/blog/2024-a-b/"),
        ("/users/[id=int]", {"id": -7}, "/users/-7/"),
        ("/days/[day=date]", {"day": datetime.date(2024, 2, 29)}, "/days/2024-02-29/"),
        ("/files/[name].txt", {"name": "a.b"}, "/files/a.b.txt"),
        ("/docs/[...path]", {}, "/docs/"),
        ("/docs/[...path]", {"path": ""}, "/docs/"),
        ("/docs/[...path]", {"path": "a/b c"}, "/docs/a/b%20c/"),
        ("/wiki/[...path]/edit", {"path": "a/b"}, "/wiki/a/b/edit/"),
        ("/[[lang]]/imprint", {}, "/imprint/"),
        ("/[[lang]]/imprint", {"lang": None}, "/imprint/"),
        ("/[[lang]]/imprint", {"lang": "de"}, "/de/imprint/"),
        ("/list/[[page=int]]", {"page": 2}, "/list/2/"),
        ("/C++ & C#", {}, "/C++%20&%20C%23/"),
        ("/café", {}, "/caf%C3%A9/"),
        (unicodedata.normalize("NFD", "/café"), {}, "/caf%C3%A9/"),
    ],
)
def test_a_route_has_the_path_that_its_parameters_make(id, params, url, slashed):
    assert slashed.url(id, params) == url


@pytest.mark.parametrize(
    ("id", "params", "reason"),
    [
        ("/blog/[slug]", {}, "needs a value for slug"),
        ("/blog/[slug]", {"slug": None}, "needs a value for slug"),
        ("/blog/[year=int]-[title]", {}, "needs a value for year, title"),
        ("/blog", {"slug": "x"}, "has no parameter slug. It takes no parameters"),
        ("/blog/[slug]", {"slug": "x", "page": 1}, "has no parameter page. It takes slug"),
        ("/blog/[slug]", {"slug": 5}, "needs text, not int"),
        ("/blog/[slug]", {"slug": b"x"}, "needs text, not bytes"),
        ("/blog/[slug]", {"slug": ""}, "empty segment or a slash"),
        ("/blog/[slug]", {"slug": "a/b"}, "empty segment or a slash"),
        ("/blog/[slug]", {"slug": ".."}, "no request can have the path"),
        ("/blog/[slug]", {"slug": "."}, "no request can have the path"),
        ("/blog/[slug]", {"slug": ".env"}, "no request can have the path"),
        ("/blog/[slug]", {"slug": "a\\b"}, "no request can have the path"),
        ("/blog/[slug]", {"slug": "a\x00b"}, "no request can have the path"),
        ("/blog/[slug]", {"slug": "a\nb"}, "no request can have the path"),
        ("/blog/[slug]", {"slug": "\ud800"}, "no request can have the path"),
        ("/blog/[slug]", {"slug": "x" * 9000}, "no request can have the path"),
        ("/users/[id=int]", {"id": "7"}, "the parameter id needs a whole number"),
        ("/users/[id=int]", {"id": True}, "the parameter id needs a whole number"),
        ("/days/[day=date]", {"day": "2024-02-29"}, "the parameter day needs a datetime.date"),
        ("/docs/[...path]", {"path": "/a"}, "empty segment or a slash"),
        ("/docs/[...path]", {"path": "a/"}, "empty segment or a slash"),
        ("/docs/[...path]", {"path": "a//b"}, "empty segment or a slash"),
        ("/docs/[...path]", {"path": "a/../b"}, "no request can have the path"),
        ("/docs/[...path]", {"path": ["a"]}, "needs text, not list"),
        ("/docs/[...path]", {"path": "/".join("a" * 300)}, "no request can have the path"),
        ("/[a]~[b]", {"a": "x~y", "b": "z"}, "would bring"),
        ("/pair/[[a]]/[[b]]", {"b": "x"}, "would bring"),
    ],
)
def test_parameters_that_make_no_path_are_refused_with_the_reason(id, params, reason, site):
    with pytest.raises(BadParams) as caught:
        site.url(id, params)
    assert reason in str(caught.value)
    assert str(caught.value).startswith(id)


def test_an_unknown_route_has_no_path(site):
    with pytest.raises(UnknownRoute):
        site.url("/blog/[id]", {"id": "x"})


def test_a_value_that_a_route_before_this_one_gets_is_allowed(slashed):
    assert slashed.url("/blog/[slug]", {"slug": "new"}) == "/blog/new/"


class Upper:
    """Not lawful: what it writes it does not read back."""

    accepts = str

    def parse(self, text: str) -> str:
        return text.upper()

    def format(self, value: str) -> str:
        return value


class Country:
    accepts = str

    def parse(self, text: str) -> str:
        return {"de": "Germany", "fr": "France"}[text] if text in ("de", "fr") else self.refuse(text)

    def format(self, value: str) -> str:
        return {"Germany": "de", "France": "fr"}.get(value) or self.refuse(value)

    def refuse(self, text: str) -> str:
        raise ValueError(f"knows no {text}")


def test_a_site_brings_types_of_its_own(table):
    site = table("[where=country]", "[...rest]", converters={"country": Country()})
    assert site.match("/de/").params == {"where": "Germany"}
    assert site.match("/xx/").params == {"rest": "xx"}
    assert site.url("/[where=country]", {"where": "France"}) == "/fr/"
    with pytest.raises(BadParams, match="the parameter where knows no Peru"):
        site.url("/[where=country]", {"where": "Peru"})


def test_a_type_that_breaks_the_law_is_found_out(table):
    site = table("[x=upper]", converters={"upper": Upper()})
    assert site.url("/[x=upper]", {"x": "A"}) == "/A/"
    with pytest.raises(BadParams, match="would bring"):
        site.url("/[x=upper]", {"x": "a"})


def test_text_that_composes_with_the_text_before_it_is_refused(table):
    with pytest.raises(BadParams):
        table("e[x]", "[slug]").url("/e[x]", {"x": "\u0301"})


TEXTS = st.text(max_size=6) | st.text(st.sampled_from("ab-~./%é\u0301 x1"), max_size=6)
VALUES = {"int": st.integers(-99, 9999), "date": st.dates(), "": TEXTS}


@st.composite
def calls(draw: st.DrawFn, routes: Any) -> tuple[Any, dict[str, Any]]:
    route = draw(st.sampled_from(routes))
    values = {
        slot.name: VALUES[slot.converter] | st.none() if slot.takes != "one" else VALUES[slot.converter]
        for slot in route.slots
    }
    return route, draw(st.fixed_dictionaries(values))


@pytest.mark.long
@settings(max_examples=1000, deadline=None)
@given(data=st.data())
def test_the_path_of_a_route_brings_its_parameters_back(site, data):
    route, params = data.draw(calls(site.routes))
    try:
        url = site.url(route.id, params)
    except BadParams:
        return
    assert url.isascii()
    match = site.match(unquote(url))
    if isinstance(match, Moved):
        match = site.match(unquote(match.location))
        assert match.route is not route
    assert not isinstance(match, Missing)
    assert isinstance(match, Found)
    if match.route is route:
        composed = {
            name: unicodedata.normalize("NFC", v) if isinstance(v, str) else v for name, v in params.items()
        }
        rests = {slot.name: "" for slot in route.slots if slot.takes == "rest"}
        assert match.params == {name: rests.get(name) if v is None else v for name, v in composed.items()}


@settings(deadline=None)
@given(
    st.text(
        st.characters(categories=["L", "N", "P", "S", "M"], exclude_characters="/\\."),
        min_size=1,
        max_size=20,
    )
)
def test_nearly_every_text_can_be_a_segment(slashed, text):
    assert slashed.url("/blog/[slug]", {"slug": text})
