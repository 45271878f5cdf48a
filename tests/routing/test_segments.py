"""The grammar of names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import SiteError
from engine.routing.segments import Param, Slot, Static, parse, parse_address, parse_literal, pieces

SOUND = {
    "index": ("/", ""),
    "about": ("/about", "about"),
    "blog/index": ("/blog", "blog"),
    "blog/[slug]": ("/blog/[slug]", "blog/[]"),
    "blog/[slug]/index": ("/blog/[slug]", "blog/[]"),
    "feed.xml": ("/feed.xml", "feed.xml"),
    "(marketing)/about": ("/(marketing)/about", "about"),
    "(marketing)/index": ("/(marketing)", ""),
    "(a)/(b)/c": ("/(a)/(b)/c", "c"),
    "[id=int]": ("/[id=int]", "[=int]"),
    "post-[id]": ("/post-[id]", "post-[]"),
    "post-[id=int]": ("/post-[id=int]", "post-[=int]"),
    "[a]-[b]": ("/[a]-[b]", "[]-[]"),
    "v[major=int].[minor=int]": ("/v[major=int].[minor=int]", "v[=int].[=int]"),
    "docs/[...path]/edit": ("/docs/[...path]/edit", "docs/[...]/edit"),
    "[...path]": ("/[...path]", "[...]"),
    "[...a]/x/[...b]": ("/[...a]/x/[...b]", "[...]/x/[...]"),
    "[[lang]]/about": ("/[[lang]]/about", "[[]]/about"),
    "[[page=int]]": ("/[[page=int]]", "[[=int]]"),
    "a[x+2e]b": ("/a[x+2e]b", "a.b"),
    "[x+5f]drafts": ("/[x+5f]drafts", "_drafts"),
    "[x+28]a[x+29]": ("/[x+28]a[x+29]", "(a)"),
    "a[x+5b]1[x+5D]": ("/a[x+5b]1[x+5D]", "a[x+5b]1[x+5d]"),
    "time[x+3a]now": ("/time[x+3a]now", "time:now"),
    "[x+69]ndex": ("/[x+69]ndex", "index"),
    ".well-known/security.txt": ("/.well-known/security.txt", ".well-known/security.txt"),
    "C++": ("/C++", "C++"),
    "a b/c (d)": ("/a b/c (d)", "a b/c (d)"),
    "Rust-1.88.0": ("/Rust-1.88.0", "Rust-1.88.0"),
    "[größe]": ("/[größe]", "[]"),
    "[match]": ("/[match]", "[]"),
}


@pytest.mark.parametrize(("path", "expected"), SOUND.items(), ids=SOUND)
def test_a_path_has_an_id_and_a_shape(path, expected):
    pattern = parse(path, file="pages/x")
    assert (pattern.id, "/".join(segment.shape for segment in pattern.segments)) == expected


MALFORMED = {
    "[": "bad-brackets",
    "a]": "bad-brackets",
    "[a": "bad-brackets",
    "[[a]": "bad-brackets",
    "[a]]": "bad-brackets",
    "[[[a]]]": "bad-brackets",
    "[a[b]]": "bad-brackets",
    "[[...a]]": "bad-brackets",
    "[...a=int]": "bad-brackets",
    "x[...a]": "bad-brackets",
    "[...a].xml": "bad-brackets",
    "[[a]]-x": "bad-brackets",
    "[a]-[[b]]": "bad-brackets",
    "[]": "bad-param-name",
    "[[]]": "bad-param-name",
    "[...]": "bad-param-name",
    "[=int]": "bad-param-name",
    "[1a]": "bad-param-name",
    "[a-b]": "bad-param-name",
    "[ a]": "bad-param-name",
    "[class]": "bad-param-name",
    "[None]": "bad-param-name",
    "[request]": "bad-param-name",
    "[[self]]": "bad-param-name",
    "[.a]": "bad-param-name",
    "[....a]": "bad-param-name",
    "[a=]": "bad-converter-name",
    "[a=1]": "bad-converter-name",
    "[a=b=c]": "bad-converter-name",
    "[a][b]": "adjacent-params",
    "[a]/[a]": "duplicate-param",
    "[a]-[a]": "duplicate-param",
    "[ﬁ]/[fi]": "duplicate-param",
    "[...a]/[...b]": "ambiguous-rest",
    "[...a]/[b]/[...c]": "ambiguous-rest",
    "[...a]/[[b=int]]/[...c]": "ambiguous-rest",
    "[x+2]": "unknown-escape",
    "[x+zz]": "unknown-escape",
    "[x+e9]": "unknown-escape",
    "[u+0041]": "unknown-escape",
    "[[x+2e]]": "unknown-escape",
    "a[x+2f]b": "bad-escape",
    "a[x+5c]b": "bad-escape",
    "a[x+00]b": "bad-escape",
    "a[x+0a]b": "bad-escape",
    "a[x+7f]b": "bad-escape",
    "(a)": "bad-group",
    "()/a": "bad-group",
    "(a/b": "bad-group",
    "a)/b": "bad-group",
    "a//b": "empty-name",
    "": "empty-name",
    "/a": "empty-name",
    "_x": "private-name",
    ".env": "private-name",
    "_x/a": "private-name",
    "a/.git/config": "private-name",
    "..": "private-name",
    ".well-known-not": "private-name",
    "[x+2e]env": "private-name",
    "[x+2e][a]": "private-name",
    "con": "reserved-name",
    "NUL": "reserved-name",
    "nul.xml": "reserved-name",
    "com1.tar.gz": "reserved-name",
    "LPT¹": "reserved-name",
    "aux .txt": "reserved-name",
    "con.[ext]": "reserved-name",
    "con/a": "reserved-name",
    "a.": "reserved-name",
    "a ": "reserved-name",
    "a[x+2e]": "reserved-name",
    "[a].": "reserved-name",
    "x" * 256: "reserved-name",
    "é" * 128: "reserved-name",
    "a:b": "reserved-character",
    "a*": "reserved-character",
    "a?": "reserved-character",
    'a"b': "reserved-character",
    "a<b": "reserved-character",
    "a>b": "reserved-character",
    "a|b": "reserved-character",
    "a\\b": "reserved-character",
    "a\x00b": "reserved-character",
    "a\x1bb": "reserved-character",
    "a\x85b": "reserved-character",
    "a\udcffb": "reserved-character",
    "(a:b)/c": "reserved-character",
    "/".join("abcdefgh" * 13): "too-deep",
}


@pytest.mark.parametrize(("path", "code"), MALFORMED.items(), ids=[ascii(path)[:40] for path in MALFORMED])
def test_a_malformed_name_is_a_fault_with_a_way_out(path, code, codes):
    assert set(codes(lambda: parse(path, file="pages/x"))) == {code}


def test_all_faults_of_a_path_come_at_once_and_name_the_file():
    with pytest.raises(SiteError) as caught:
        parse("_a/[class]/b:c/[d", file="pages/_a/[class]/b:c/[d.md")
    faults = caught.value.faults
    assert {fault.code for fault in faults} == {
        "private-name",
        "bad-param-name",
        "reserved-character",
        "bad-brackets",
    }
    assert all(fault.file == "pages/_a/[class]/b:c/[d.md" and fault.what and fault.hint for fault in faults)


def test_a_message_names_the_thing_and_shows_what_cannot_be_printed():
    with pytest.raises(SiteError) as caught:
        parse("a\x1b[31m", file="f")
    assert "\x1b" not in str(caught.value)
    assert "\\x1b" in str(caught.value)


def test_a_character_that_a_file_cannot_have_is_offered_as_an_escape():
    with pytest.raises(SiteError, match=r"Write \[x\+3a\] for it"):
        parse("a:b", file="f")


def test_an_almost_reserved_name_is_sound():
    for path in ("console", "com", "com10", "nullable", "x.con", "x" * 255, "con-[a]", "com[n=int]"):
        parse(path, file="f")


def test_the_file_name_of_an_asset_means_itself():
    pattern = parse("img/[slug]/a[1] (x).png", file="f", literal_name=True)
    assert pattern.segments == (Static("img"), Param((Slot("slug"),)), Static("a[1] (x).png"))
    assert pattern.is_file
    assert pattern.id == "/img/[slug]/a[x+5b]1[x+5d] (x).png"


def test_an_asset_and_a_page_of_the_same_brackets_have_different_ids():
    asset, page = parse("[x].png", file="f", literal_name=True), parse("[x].png", file="f", is_file=True)
    assert asset.id != page.id


@pytest.mark.parametrize("name", ["index", "(x)", "README", "a.b.c"])
def test_no_file_name_of_an_asset_is_special(name):
    assert parse(name, file="f", literal_name=True).segments == (Static(name),)


@pytest.mark.parametrize("name", ["_x.css", ".env", "nul.txt", "a:b.png", "a.", ""])
def test_an_asset_with_a_name_that_no_url_can_have_is_refused(name, codes):
    assert len(codes(lambda: parse(name, file="f", literal_name=True))) == 1


def test_names_are_composed():
    decomposed = unicodedata.normalize("NFD", "café/[größe]")
    assert parse(decomposed, file="f") == parse("café/[größe]", file="f")
    assert parse(decomposed, file="f").id == "/café/[größe]"


def test_a_parameter_is_named_as_python_reads_it():
    (segment,) = parse("[ﬁ]", file="f").segments
    assert segment.names == ("fi",)


def test_the_name_of_a_parameter_is_no_part_of_the_shape_but_its_type_is():
    assert parse("[a]", file="f").segments[0].shape == parse("[b]", file="f").segments[0].shape
    assert parse("[a]", file="f").segments[0].shape != parse("[a=int]", file="f").segments[0].shape


def test_a_left_address_may_have_any_name():
    for path in ("index", "_x/a", "(a)/b"):
        pattern = parse_address(path, file="site.toml")
        assert [str(segment) for segment in pattern.segments] == path.split("/")


def test_a_left_address_in_parentheses_has_another_id_than_a_group():
    assert parse_address("(a)/b", file="f").id != parse("(a)/b", file="f").id


def test_a_file_under_its_own_path_means_itself():
    pattern = parse_literal("(a)/_x/index/[b]/cafe\u0301 (1).png", file="static/x")
    assert pattern.segments == tuple(map(Static, ["(a)", "_x", "index", "[b]", "café (1).png"]))
    assert pattern.is_file
    assert parse_address(pattern.id[1:], file="f").segments == pattern.segments
    assert pattern.id == "/[x+28]a[x+29]/_x/index/[x+5b]b[x+5d]/café (1).png"


@pytest.mark.parametrize("path", [".env", "a/../b", "a//b", "nul", "a:b", "a."])
def test_a_file_under_its_own_path_needs_a_sound_name(path, codes):
    assert set(codes(lambda: parse_literal(path, file="static/x"))) <= {
        "private-name",
        "empty-name",
        "reserved-name",
        "reserved-character",
    }


def test_a_text_is_cut_at_its_slots():
    assert pieces("/a/[b]?c=[...d]", file="f") == ("/a/", Slot("b"), "?c=", Slot("d", takes="rest"))


NAMES = st.text(st.sampled_from("ab[]()x+.=_-/2e5f: é"), max_size=20)


@given(NAMES | st.text(max_size=20))
def test_any_name_is_either_sound_or_a_fault(path):
    try:
        pattern = parse(path, file="f")
    except SiteError as error:
        assert all(fault.what for fault in error.faults)
    else:
        assert all(segment.shape for segment in pattern.segments)


@given(NAMES)
def test_what_a_pattern_spells_is_parsed_to_the_same_segments(path):
    try:
        pattern = parse(path, file="f")
    except SiteError:
        return
    spelt = "/".join(map(str, pattern.segments))
    assert parse_address(spelt, file="f").segments == pattern.segments
