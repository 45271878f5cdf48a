"""The examples of the specifications, the stock renderer, and what other people wrote."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from engine.rendering.markdown import FEATURES, Markdown, MarkdownOptions
from engine.rendering.markdown_dialect import MAX_NESTING, Dialect

DATA = Path(__file__).parents[1] / "data"
CORPORA = Path(__file__).parents[2].parent / "shared" / "corpora"
COMMONMARK = json.loads((DATA / "commonmark-0.31.2.json").read_text("utf-8"))
GFM = json.loads((DATA / "gfm.json").read_text("utf-8"))

PLAIN = MarkdownOptions(features=frozenset(), highlight=False)
GITHUB = MarkdownOptions(features=FEATURES - {"heading-ids", "footnotes", "alerts"}, highlight=False)

WITHOUT_INPUT = {*range(198, 206), 279, 280, 491, 492, *range(621, 632), 653}
"""Examples of extensions whose input the file lacks: tables, task lists, strikethrough, autolinks, filtered tags."""

BARE_URLS = {616, 619, 620}
"""CommonMark's examples that a bare URL is text, which the autolink extension contradicts."""

NEWER_COMMENTS = {645, 646}
"""Examples of CommonMark 0.29, after which 0.31 made any text without `-->` a comment."""


def test_every_commonmark_example_gives_the_bytes_of_the_specification():
    markdown = Markdown(PLAIN)
    wrong = [
        e["example"] for e in COMMONMARK if markdown.render(e["markdown"], file="a.md").html != e["html"]
    ]
    assert (len(COMMONMARK), wrong) == (652, [])


def test_the_gfm_examples_differ_only_where_the_suite_or_its_age_is_the_reason():
    markdown = Markdown(GITHUB)
    wrong = {e["example"] for e in GFM if markdown.render(e["markdown"], file="a.md").html != e["html"]}
    assert wrong == WITHOUT_INPUT | BARE_URLS | NEWER_COMMENTS


STOCK = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable(["table", "strikethrough"])
STOCK.options.update({"strikethrough_single_tilde": True, "tasklists": True, "alerts": True})
OURS = Markdown(
    MarkdownOptions(features=frozenset({"tables", "strikethrough", "task-lists", "alerts"}), highlight=False)
)


def as_specified(html: str) -> str:
    """The stock renderer writes an empty quotation on one line, against CommonMark's examples 218, 239 and 240."""
    return html.replace("<blockquote></blockquote>", "<blockquote>\n</blockquote>")


@pytest.mark.parametrize("suite", [COMMONMARK, GFM], ids=["commonmark", "gfm"])
def test_the_rules_by_first_character_and_the_own_serialiser_give_what_the_stock_ones_give(suite):
    for example in suite:
        text = example["markdown"]
        assert OURS.render(text, file="a.md").html == as_specified(STOCK.render(text)), example["example"]


MARKS = st.text(st.sampled_from("ab12 \n\t*_~`#>-+=.:|[]()!<>&;\\\"'/{}^@w"), max_size=80)
WORDS = """
a b 12 * - 1. > # === --- ``` ~~~
<div> ** _ ~~ [a] (b) [a]: /u ![ ]( <a@b.c> &amp; \\ ` [!NOTE] [x] é | |-|-|"""
PIECES = st.lists(st.sampled_from([*WORDS.split(), " ", "    ", "\t", "\n", "\n\n"]), max_size=25).map(
    "".join
)

PLAIN_WORDS = """
a é 东 x_y __a__ _ * ** `c` `c_d e` ``c`` **b** **b.** **(b)** *i* *i!* *i*j ***k*** [t](/u) [t `c`](/u)
[`c`](u?a=b&c=d#e) [*i*](/u) ![p](q.png) ![p] [t]() [t](<u>) [t](u "v") [t](javascript:x) [^1](u)
& &amp; &x < <= <b> <!-- ! !! : :// . , ( ) " ' © ~"""
PLAIN_TEXTS = st.lists(
    st.sampled_from([*PLAIN_WORDS.split(), *([" "] * 12), "\n", " \n", "\n "]), max_size=25
).map("".join)

PLAIN_LINES = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "", "", "  ", "   ", "    ", "      "]),
    st.sampled_from(["", "- ", "- ", "* ", "1. ", "2. ", "1) ", "# ", "> ", "-\t"]),
    st.sampled_from(["a b", "12 c", "12.", "**d**", "`e` f", "[g](h) i", "[g]: h", "[x] j", "— k #", "==="]),
    st.sampled_from(["\n", "\n", "\n", "\n", "\n\n", "  \n", "\n\n\n", ""]),
)
PLAIN_BLOCKS = st.lists(PLAIN_LINES, max_size=9).map("".join)


@given(st.one_of(MARKS, PIECES, PLAIN_TEXTS, PLAIN_BLOCKS))
def test_any_text_gives_what_the_stock_parser_and_renderer_give(text):
    assert OURS.render(text, file="a.md").html == as_specified(STOCK.render(text))


@given(
    st.from_regex(r"(https?://[a-z0-9.-]{1,70})?[a-zA-Z0-9/?#:@%._~&=;+,!'()*\[\] -]{0,40}", fullmatch=True)
)
def test_a_url_that_takes_the_short_way_is_the_one_that_the_stock_function_gives(url):
    parser = Dialect(PLAIN).parser_for("")
    assert parser.normalizeLink(url) == STOCK.normalizeLink(url)


def corpus() -> list[Path]:
    suffixes = {".md", ".markdown"}
    return sorted(path for path in CORPORA.rglob("*") if path.suffix in suffixes and path.is_file())


@pytest.mark.long
@pytest.mark.skipif(not CORPORA.is_dir(), reason="the collection of real sites is not here")
@pytest.mark.parametrize("trust", ["author", "untrusted"])
def test_real_sites_render_whole(trust):
    markdown = Markdown(MarkdownOptions(trust=trust))
    for path in corpus()[::15]:
        text = path.read_bytes().decode("utf-8", "replace")
        assert bool(markdown.render(text, file="a.md").html.strip()) == bool(text.strip()), path


@pytest.mark.long
@pytest.mark.skipif(not CORPORA.is_dir(), reason="the collection of real sites is not here")
def test_every_file_of_the_real_sites_gives_what_the_stock_renderer_gives():
    for path in corpus():
        text = path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")
        assert OURS.render(text, file="a.md").html == as_specified(STOCK.render(text)), path


@pytest.mark.long
@pytest.mark.skipif(not CORPORA.is_dir(), reason="the collection of real sites is not here")
def test_every_file_of_the_real_sites_renders_with_every_feature_and_names_the_lines_of_its_links():
    markdown = Markdown()
    for path in corpus():
        text = path.read_bytes().decode("utf-8", "replace")
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        seen: list[tuple[str, int]] = []

        def note(href: str, line: int, seen: list[tuple[str, int]] = seen) -> str:
            seen.append((href, line))
            return href

        markdown.render(text, file="a.md", link=note)
        for href, line in seen:
            as_written = not set(href) & set("%&()") and "xn--" not in href and "&" not in lines[line - 1]
            if as_written:  # a link's text may go over several lines before its URL stands
                assert href in "".join(lines[line - 1 : line + 3]).replace("\\", ""), (path, href, line)
