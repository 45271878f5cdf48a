"""What is well-formed HTML, by HTML's own rules."""

from __future__ import annotations

import pytest

from doors import Served
from engine.testing.markup import flaws
from test_example import EXAMPLE


def said(text: str) -> list[str]:
    return [f"{flaw.line}:{flaw.column}: {flaw.what}" for flaw in flaws(text)]


@pytest.mark.parametrize(
    "text",
    [
        "<!doctype html><html><head><title>a <b> c</title></head><body><p>x</p></body></html>",
        "<!doctype html><title>x</title><p>one<p>two<div>three</div>",
        "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>",
        "<dl><dt>a<dd>b<dt>c<dd>d</dl><dl><div><dt>a<dd>b</div><div><dt>a</div></dl>",
        "<table><caption>c<thead><tr><th>a<th>b<tbody><tr><td>1<td><p>2<tr><td>3</table>",
        "<table><tr><td><table><tr><td>x</table><td>y</table>",
        "<select><optgroup label=a><option>1<option>2<optgroup label=b><option>3</select>",
        "<ruby>x<rp>(<rt>y<rp>)</ruby>",
        "<br><br/><img src=a><input disabled><hr><wbr>",
        "<a href=/about/>x</a> <a href=a?b=1&c=2>y</a> 1 < 2 & 3 > 2",
        "<script>if (a < b) { '</p>' }</script><style>a > b {}</style><textarea><b></textarea>",
        "<!-- <b> --><p>a<!-- </p> -->",
        '<svg viewBox="0 0 1 1"><path d="M0"/><g><title>t</title><foreignObject><p>x<p>y</foreignObject></g></svg>',
        "<math><mi>x</mi><mo>=</mo><mspace/></math>",
        "<template><tr><td>1</td></tr></template>",
        "<p>a<svg><desc>d</desc></svg>b<p>c",
        "<BUTTON>x</button><p><button>y</button>",
        "",
        "just text",
    ],
)
def test_this_is_well_formed(text: str) -> None:
    assert said(text) == []


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("<p><div>x</div></p>", "1:16: </p> ends what is not open"),
        ("<div>\n<span>x</div>", "2:1: <span> is not closed before </div>"),
        ("<main>\n  <b>x\n", "1:1: <main> is not closed before the end"),
        ("<p><em>x<p>y", "1:4: <em> is not closed before <p>"),
        ("<ul><li><div>a<li>b</ul>", "1:9: <div> is not closed before <li>"),
        ("x</section>", "1:2: </section> ends what is not open"),
        ("<br></br>", "1:5: </br> ends what has no end tag"),
        ("<div/>x", "1:1: <div/> closes nothing: the slash of an element of HTML has no meaning"),
        ("<a href=x HREF=y>z</a>", "1:1: <a> has the attribute href twice"),
        ("<svg><g><path></g></svg>", "1:9: <path> is not closed before </g>"),
        ("<svg><p/></svg><p/>", "1:16: <p/> closes nothing: the slash of an element of HTML has no meaning"),
        ("<b><i>x</b></i>", "1:4: <i> is not closed before </b>"),
    ],
)
def test_this_is_not(text: str, flaw: str) -> None:
    assert said(text)[0] == flaw


def test_deep_and_hostile_texts_are_read_to_their_end() -> None:
    assert len(said("<b>" * 2_000)) == 2_000
    assert said("<" * 10_000) == []
    assert len(said("</b>" * 2_000)) == 2_000


def test_the_pages_of_the_example_are_well_formed() -> None:
    served = Served(EXAMPLE, secret_key="only for tests")
    for page in served.app.site.pages:
        assert said(served.get(page.path).text) == [], page.path
