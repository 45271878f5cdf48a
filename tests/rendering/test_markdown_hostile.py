"""Texts that were made to hurt: no text raises, and none takes long."""

import gc
import re
import sys
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rendering.fast.engine import FastMarkdown
from engine.rendering.markdown import Markdown, MarkdownOptions

SIZE = 50_000  # characters
LIMIT = 3.0  # seconds of processor time; a quadratic rule takes 10 and more
RENDERERS = {trust: Markdown(MarkdownOptions(trust=trust)) for trust in ("author", "untrusted")}
RENDERERS["fast"] = FastMarkdown()


def fill(unit: str) -> str:
    return unit * (SIZE // len(unit))


HALF = SIZE // 2
UNITS = {
    "emphasis": ["*a **a ", "a_ ", "_a ", "*a_ ", "*_", "**", "_*x ", "a**b", "a***", "~", "~a ~~b "],
    "links": [
        "a]",
        "[a",
        "[ a_",
        "[ (](",
        "![[]()",
        "[](",
        '[a](b "',
        "[a](b '",
        "[a](<b",
        "[a]((",
        "[a]: u\n",
        "[a\n",
    ],
    "HTML": [
        "<A ",
        "<!--",
        "</",
        "<?",
        "<!A ",
        "<![CDATA[",
        "<div>\n",
        "</p>\n\n",
        "a <!--more--> ",
        "<!--more-->\n\n",
    ],
    "URLs": [
        "http:",
        ":",
        "http://",
        "https://a.b_c ",
        "www.",
        "www._.",
        "mailto:a",
        "a@",
        "a@b.",
        "_a@b.c_",
        "<http://a",
    ],
    "blocks": [
        "- ",
        "1. ",
        "* ",
        "---\n",
        "# a\n",
        "# \n",
        "```\n",
        "~~~ x\n\n",
        "> [!NOTE]\n\n",
        "- [ ] a\n",
        "a\n",
        "|-",
    ],
    "notes": ["[^", "[^a] ", "[^a]:"],
    "characters": [
        "\\",
        "abc\0",
        "`a",
        "&#0;",
        "&",
        "\t",
        " ",
        " \n",
        "\n",
        "{",
        '"',
        "w",
        "漢",
        "👩‍👩‍👧",
        "# a {.a ",
    ],
}
MADE = {
    "emphasis that never closes": fill("*a ") + fill("_a*_ "),
    "brackets in brackets": "[" * HALF + "a" + "]" * HALF,
    "images in images": "![" * 8_000 + "a" + "](u)" * 8_000,
    "links in links": "[" * 8_000 + "a" + "](u)" * 8_000,
    "quotations in quotations": ">" * SIZE + "a",
    "lists in lists": "".join("  " * depth + "* a\n" for depth in range(220)),
    "runs of backticks": "".join("e" + "`" * length for length in range(1, 310)),
    "definitions": "".join(f"[{n}]: u\n" for n in range(3000)) + "".join(f"[{n}] " for n in range(2000)),
    "footnotes": "".join(f"[^{n}]: x\n\n" for n in range(2500)) + "".join(f"[^{n}]" for n in range(2500)),
    "one footnote": "[^a]: x\n\n" + fill("[^") + "[^a]",
    "a wide table": "|" + "a|" * 2000 + "\n|" + "-|" * 2000 + "\n" + "|a|\n" * 4000,
    "a long table": "a|b\n-|-\n" + "a|b\n" * 12_000,
    "an underlined paragraph": fill("a\n") + "===",
    "a lazy quotation": "> a\n" + fill("a\n"),
    "closing brackets of a URL": "http://a.b/" + ")" * SIZE,
    "entities of a URL": "http://a.b/" + fill("&a;"),
    "a long address": "a" * SIZE + "@b.c",
    "attributes": "# a {" + fill(".a ") + "}",
    "settings of a fence": "```" + fill('x="') + "\na\n```",
    "marked lines": '```py hl_lines="' + "1-999999 " * 5000 + '"\na\n```',
}
CASES = MADE | {f"{kind} {unit!r}": fill(unit) for kind, units in UNITS.items() for unit in units}
ONCE_QUADRATIC = ["URLs ':'", "URLs 'www._.'", "one footnote", "closing brackets of a URL"]


def seconds(text: str, trust: str) -> float:
    gc.collect()  # the garbage of tests before would be found while this one is measured
    start = time.thread_time()
    RENDERERS[trust].render(text, file="a.md", link=lambda href, line: href)
    return time.thread_time() - start


@pytest.mark.long
@pytest.mark.parametrize("name", ONCE_QUADRATIC)
def test_texts_that_other_rules_need_minutes_for_take_no_time(name):
    assert seconds(CASES[name], "author") < LIMIT


@pytest.mark.long
@pytest.mark.parametrize("trust", RENDERERS)
@pytest.mark.parametrize("name", CASES)
def test_no_text_of_50_kb_takes_long(name, trust):
    assert seconds(CASES[name], trust) < LIMIT


DEEP = ["> - ", ">", "- ", "1) ", "[", "![", "*a **b ", "[^a]: ", "<b>", "- [ ] ", "> [!NOTE]\n> "]


@pytest.mark.parametrize("unit", DEEP)
def test_ten_thousand_levels_do_not_raise(unit):
    assert (
        RENDERERS["author"].render("first\n\n" + unit * 10_000 + "a", file="a.md").summary == "<p>first</p>\n"
    )


@pytest.mark.parametrize(
    "opening, closing", [("[", "](u)"), ("![", "](u)"), ("[![", "](u)](v)"), ("> - ", "")]
)
def test_the_deepest_text_fits_into_half_of_the_stack(opening, closing):
    text = opening * 400 + "a" + closing * 400
    raised: list[BaseException] = []

    def at_depth(frames: int) -> None:
        if frames:
            at_depth(frames - 1)
        else:
            RENDERERS["author"].render(text, file="a.md")

    def work() -> None:
        try:
            at_depth(sys.getrecursionlimit() // 2)
        except RecursionError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert raised == []


WORDS = """
[^a] [^a]: > - [!NOTE] [x] # {#a} === | |-| ``` <!--more--> <a www.a.b a_b@c.d https://a.b/(c)
mailto: ** ~ ` [ ]( ) ![ &#1;
"""
PIECES = st.sampled_from([*WORDS.split(), " ", "    ", "```py hl_lines=1", "\n", "\n\n"])
MARKED = st.lists(st.one_of(PIECES, st.text(max_size=6)), max_size=30).map("".join)


@given(st.one_of(st.text(), MARKED), st.sampled_from(sorted(RENDERERS)))
def test_no_text_raises_and_each_renders_the_same_twice(text, trust):
    first = RENDERERS[trust].render(text, file="a.md")
    assert first == RENDERERS[trust].render(text, file="a.md")


@given(st.binary())
def test_bytes_that_are_not_utf_8_render(data):
    for trust in RENDERERS.values():
        trust.render(data.decode("utf-8", "surrogateescape"), file="a.md")


@given(MARKED)
def test_a_stranger_never_writes_a_tag(text):
    marked = text.replace("a", "<q onclick=x>")
    result = RENDERERS["untrusted"].render(marked, file="a.md")
    assert "<q" not in result.html and "<q" not in result.summary
    assert all("<q" not in heading.html for heading in result.toc)


@given(MARKED)
def test_a_reference_to_a_footnote_leads_to_it_and_back(text):
    html = RENDERERS["author"].render(text.replace("<", ""), file="a.md").html
    targets = set(re.findall(r' id="(fn[^"]*)"', html))
    assert set(re.findall(r'href="#(fn[^"]*)"', html)) <= targets
