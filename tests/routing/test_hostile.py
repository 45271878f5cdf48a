"""No spelling of a path reaches a private name, a parent, or another host."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.routing.table import Found, Missing, Moved

TARGETS = [
    "_private/x",
    ".env",
    ".git/config",
    "../site.toml",
    "../../etc/passwd",
    "etc/passwd",
    "pages/index.py",
]
DOTS = ["..", "%2e%2e", "%2E.", "..%00", "..%5c", "..;", "%c0%ae%c0%ae", "..\\", "...", ". .", "\uff0e\uff0e"]
SLASHES = ["/", "//", "\\", "%5c", "/./", "/.//", "%2f"]
PREFIXES = [
    "",
    "/",
    "/blog",
    "/docs/",
    "/static",
    "/./",
    "//evil.example",
    "/\\evil.example",
    "\\\\?\\C:",
    "file://",
]
SPELLINGS = sorted(
    {
        unquote(spelling, errors="surrogateescape")
        for prefix in PREFIXES
        for dots in DOTS
        for slash in SLASHES
        for target in TARGETS
        for spelling in (
            f"{prefix}{slash}{dots}{slash}{target}",
            f"{prefix}{slash}{dots}{slash}{dots}{slash}{target}",
            f"{prefix}{slash}{target}{slash}{dots}",
        )
    }
)


@pytest.fixture(scope="module")
def static_site(table):
    """A site without parameters: only its own paths may be found."""
    return table("index", "blog/index", "etc/index", "docs/index", ".well-known/x.txt")


@pytest.fixture(scope="module")
def open_site(table):
    """A site that takes any path there is."""
    return table("index", "[...path]", "[a].txt", "x/[b]")


def test_there_are_many_spellings():
    assert len(SPELLINGS) > 5000


def test_no_spelling_finds_a_page_that_has_another_path(static_site):
    own = {"/", "/blog/", "/etc/", "/docs/", "/.well-known/x.txt"}
    assert [
        path for path in SPELLINGS if isinstance(static_site.match(path), Found) and path not in own
    ] == []


def test_no_parameter_ever_holds_a_step_up_a_hidden_name_or_a_backslash(open_site):
    for path in SPELLINGS:
        match = open_site.match(path)
        if isinstance(match, Found):
            for value in match.params.values():
                assert "\\" not in value
                assert value.isprintable()
                assert not any(part.startswith(".") or not part for part in value.split("/") if value)


def test_no_spelling_is_sent_to_another_host(static_site, open_site):
    for path in SPELLINGS:
        for site in (static_site, open_site):
            match = site.match(path)
            if isinstance(match, Moved):
                assert match.location[0] == "/"
                assert match.location[1:2] not in ("/", "\\")
                assert isinstance(site.match(unquote(match.location)), Found)


@pytest.mark.parametrize(
    "path",
    [
        "//",
        "///",
        "//blog/",
        "/blog//",
        "/blog//x/",
        "/./",
        "/../",
        "/blog/..",
        "/blog/../",
        "/.env",
        "/blog/.git/",
        "/.well-known-not/x",
        "/..well-known/",
        "/blog\\x",
        "/blog/\x00",
        "/blog/\x7f/",
        "/blog/\x9b/",
        "/blog\n/",
        "/\udcff/",
        "",
        "*",
        "blog/",
        "http://example.org/blog/",
        "/" + "a" * 9000,
        "/a" * 300,
    ],
)
def test_an_unsound_path_is_missing_even_where_anything_is_taken(path, open_site):
    assert isinstance(open_site.match(path), Missing)


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("/.\\_ab%\x00\n;:~é\u0301\ud800") | st.characters(), max_size=30))
def test_any_text_at_all_has_an_answer(static_site, open_site, path):
    for site in (static_site, open_site):
        for spelling in (path, "/" + path):
            assert isinstance(site.match(spelling), Found | Moved | Missing)


def test_a_name_with_an_underscore_is_a_value_but_never_a_source(open_site, table):
    assert open_site.match("/_bob/").params == {"path": "_bob"}
    assert isinstance(table("index", "users/index").match("/users/_bob/"), Missing)
