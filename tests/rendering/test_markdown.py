"""What a Markdown document becomes."""

import threading

import pytest

from engine.errors import Fault, SiteError
from engine.rendering.markdown import Markdown, MarkdownOptions, Rendered

AUTHOR = Markdown()
UNTRUSTED = Markdown(MarkdownOptions(trust="untrusted"))


def render(text: str, **settings) -> Rendered:
    return AUTHOR.render(text, file="pages/a.md", **settings)


def html(text: str) -> str:
    return render(text).html


def test_a_table_has_a_head_and_aligned_cells():
    assert html("a|b\n:-:|--\n1|2\n") == (
        '<table>\n<thead>\n<tr>\n<th style="text-align:center">a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n'
        '<td style="text-align:center">1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n'
    )


def test_one_tilde_or_two_strike_text_out_and_three_do_not():
    assert html("~a~ ~~b~~ ~~~c~~~") == "<p><s>a</s> <s>b</s> ~~~c~~~</p>\n"


def test_a_task_list_shows_boxes_that_cannot_be_changed():
    box = '<input class="task-list-item-checkbox" disabled="" type="checkbox"'
    assert html("- [x] done\n- [ ] open\n") == (
        f'<ul class="contains-task-list">\n<li class="task-list-item">{box} checked=""> done</li>\n'
        f'<li class="task-list-item">{box}> open</li>\n</ul>\n'
    )


@pytest.mark.parametrize("kind", ["note", "tip", "important", "warning", "caution"])
def test_an_alert_is_a_block_of_its_kind_with_a_title(kind):
    assert html(f"> [!{kind.upper()}]\n> Look *out*.\n") == (
        f'<div class="markdown-alert markdown-alert-{kind}">\n'
        f'<p class="markdown-alert-title">{kind.capitalize()}</p>\n<p>Look <em>out</em>.</p>\n</div>\n'
    )


def test_a_quotation_of_an_unknown_kind_is_no_alert():
    assert html("> [!HINT]\n> x\n").startswith("<blockquote>\n<p>[!HINT]")


def test_footnotes_stand_at_the_end_in_the_order_of_their_references():
    text = "b[^b] a[^a] b[^b]\n\n[^a]: First.\n\n[^b]: Second.\n\n[^c]: Never used.\n"
    assert html(text) == (
        '<p>b<sup class="footnote-ref"><a href="#fn1" id="fnref1">[1]</a></sup>'
        ' a<sup class="footnote-ref"><a href="#fn2" id="fnref2">[2]</a></sup>'
        ' b<sup class="footnote-ref"><a href="#fn1" id="fnref1-2">[1]</a></sup></p>\n'
        '<section class="footnotes" role="doc-endnotes">\n<ol class="footnotes-list">\n'
        '<li id="fn1" class="footnote-item"><p>Second.'
        ' <a href="#fnref1" class="footnote-backref" aria-label="Back to reference 1">\u21a9\ufe0e</a>'
        ' <a href="#fnref1-2" class="footnote-backref" aria-label="Back to reference 1-2">\u21a9\ufe0e</a></p>\n</li>\n'
        '<li id="fn2" class="footnote-item"><p>First.'
        ' <a href="#fnref2" class="footnote-backref" aria-label="Back to reference 2">\u21a9\ufe0e</a></p>\n</li>\n'
        "</ol>\n</section>\n"
    )


def test_a_reference_to_no_footnote_stays_text():
    assert html("a[^b]\n") == "<p>a[^b]</p>\n"


def test_no_footnote_leads_back_to_one_that_is_not_written():
    page = html("[^c]\n\n[^a]: Unused, with [^b].\n\n[^b]: Second.\n\n[^c]: Third.\n")
    assert 'href="#fnref1"' in page and 'href="#fnref2"' not in page


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        ("https://example.org/a_b?c=d&e=f#g", "https://example.org/a_b?c=d&amp;e=f#g", None),
        ("HTTPS-less www.example.org/x", "http://www.example.org/x", "www.example.org/x"),
        ("at http://localhost:8000/, then", "http://localhost:8000/", None),
        ("(see https://example.org/a_(b))", "https://example.org/a_(b)", None),
        ("“https://example.org/a”", "https://example.org/a%E2%80%9D", "https://example.org/a”"),
        ('"https://example.org/a"', "https://example.org/a", None),
        ("https://example.org/a.", "https://example.org/a", None),
        ("https://example.org/a?!*~", "https://example.org/a", None),
        ("https://example.org/a&copy;", "https://example.org/a", None),
        ("https://example.org/a<b", "https://example.org/a", None),
        ("**https://example.org**", "https://example.org", None),
        ("ftp://example.org/a", "ftp://example.org/a", None),
        ("|www.example.org|\n|-|\n", "http://www.example.org", "www.example.org"),
        (
            "some_one.else+tag@mail.example",
            "mailto:some_one.else+tag@mail.example",
            "some_one.else+tag@mail.example",
        ),
        ("mailto:a@b.example", "mailto:a@b.example", None),
    ],
)
def test_a_bare_url_or_address_is_a_link(text, url, shown):
    assert f'<a href="{url}">{shown or url}</a>' in html(text)


@pytest.mark.parametrize(
    "text",
    [
        "xhttps://example.org",
        "https://",
        "https://a_b.c_d",
        "www.example",
        "awww.example.org",
        "pkg@1.2.3",
        "a@b",
        "/@name@host.example",
        "a@b.c@d.e",
        "a@b.c-",
        "std::vector",
        "<http://example.org/a b>",
        "mailto:",
        "mailto:@b.c",
        "`https://example.org`",
    ],
)
def test_what_is_no_url_stays_text(text):
    assert "<a " not in html(text)


def test_a_url_in_the_text_of_a_link_is_not_a_second_link():
    assert html("[https://example.org](/x)") == '<p><a href="/x">https://example.org</a></p>\n'


def test_raw_html_of_an_author_is_kept():
    assert html("<div>\n\n*a* <b>c</b>\n\n</div>\n") == "<div>\n<p><em>a</em> <b>c</b></p>\n</div>\n"


@pytest.mark.parametrize("text", ["{{ page.title }}", "{% raw %}", "{# note #}", "`{{ x }}`"])
def test_template_marks_are_text(text):
    assert text.strip("`") in html(text)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#x09;script:alert(1))",
        "[a](&#106;avascript&colon;alert(1))",
        "[a](<javascript:alert(1)>)",
        "[a](data:text/html,x)",
        "![a](data:image/png;base64,x)",
        "[a](vbscript:x)",
        "[a](blob:x)",
        "[a][b]\n\n[b]: javascript:alert(1)",
        "<javascript:alert(1)>",
        "ftp://a.b/",
        '[a](x "\\" onclick=alert(1)")',
        '```"><script>\na\n```',
        '# a"><script> {#x"onclick=y}',
        '[^"><script>]\n\n[^"><script>]: <script>',
    ],
)
def test_a_strangers_text_makes_nothing_active(text):
    result = UNTRUSTED.render(text, file="a.md")
    for part in (result.html, result.summary, *(heading.html for heading in result.toc)):
        assert "<script" not in part
        assert "<img src=x" not in part
        assert 'href="j' not in part.lower() and "href=java" not in part.lower()
        assert not any(
            f'{name}="{scheme}:' in part
            for name in ("href", "src")
            for scheme in ("data", "vbscript", "blob", "ftp")
        )
        assert '" on' not in part.replace("&quot; on", "")


@pytest.mark.parametrize(
    "url",
    [
        "https://a.b/c",
        "http://a.b",
        "mailto:a@b.c",
        "tel:+491234",
        "/a",
        "a/b.md",
        "../a?b:c",
        "#d:e",
        "//a.b:8/",
    ],
)
def test_a_strangers_links_to_usual_places_work(url):
    assert UNTRUSTED.render(f"[a]({url})", file="a.md").html == f'<p><a href="{url}">a</a></p>\n'


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# One *two* `three`\n\n# Four", "One two three"),
        ("One\n===\n", "One"),
        ("<!-- lint: off -->\n\n# One\n", "One"),
        ("Text\n\n# One\n", None),
        ("## Two\n\n# One\n", None),
        ("> # One\n", None),
        ("", None),
    ],
)
def test_the_title_is_the_first_level_heading_that_the_document_begins_with(text, title):
    assert render(text).title == title


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("# T\n\n![hero](a.png)\n\nFirst *one*.\n\nSecond.", "<p>First <em>one</em>.</p>\n"),
        ("- list\n\n> quote\n\nText.", "<p>Text.</p>\n"),
        ("One.\n\nTwo.\n\n<!--more-->\n\nThree.", "<p>One.</p>\n<p>Two.</p>\n"),
        ("One.\n<!-- more -->\nTwo.", "<p>One.</p>\n"),
        ("One. <!--more--> Two.", "<p>One. </p>\n"),
        ("> quoted <!--more-->\n\nText.", "<p>Text.</p>\n"),
        ("`<!--more-->` is the marker.\n\nTwo.", "<p><code>&lt;!--more--&gt;</code> is the marker.</p>\n"),
        ("# Only a title", ""),
        ("", ""),
    ],
)
def test_the_summary_is_what_stands_before_the_marker_or_the_first_paragraph(text, summary):
    assert render(text).summary == summary


def test_a_stranger_may_mark_the_summary_too():
    result = UNTRUSTED.render("One.\n\nTwo.\n\n<!--more-->\n\nThree.", file="a.md")
    assert result.summary == "<p>One.</p>\n<p>Two.</p>\n"
    assert "more" not in result.html.replace("<!--more-->", "")


def test_a_summary_can_stand_on_any_page():
    text = "## Head\n\nSee [below](#x) and [that](/y)[^1].\n\n<!--more-->\n\n## x\n\n[^1]: Note.\n"
    assert render(text).summary == '<h2>Head</h2>\n<p>See below and <a href="/y">that</a>.</p>\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One two\nthree **fo**ur.", 4),
        ("# One\n\n- two\n- three\n\n| four | five |\n|-|-|\n| six | seven |\n", 7),
        ('[one two](https://example.org/a/b "title") ![not this](x.png)', 2),
        ("one `two three`\n\n```\nnot this\n```\n\n    nor this\n", 3),
        ("<b class='x'>one</b> two <!-- no -->", 2),
        ("漢字かな and two", 6),
        ("한국어 단어", 2),
        ("", 0),
    ],
)
def test_words_are_those_of_the_prose(text, words):
    assert render(text).words == words


def collect(text: str, **settings) -> list[tuple[str, int]]:
    seen: list[tuple[str, int]] = []
    render(text, link=lambda href, line: seen.append((href, line)) or href, **settings)
    return seen


def test_every_link_image_and_definition_is_asked_once_with_its_line_in_the_file():
    text = (
        '# [head](h.md)\n\nA [one](a.md), `x\ny` and\nthen ![two](b.png "t")\nor [th\nree](c.md)'
        " [![in](d.png)](e.md)\n\n> quote\n> [four](f.md)\n\n- item\n  [five](g.md)\n\n"
        "| [six](i.md) |\n|--|\n| [seven](j.md) |\n\n"
        "[ref] [again][ref] <https://example.org> https://example.org [^1]\n\n[^1]: note\n    [eight](k.md)\n\n"
        "[ref]:\n  l.md\n[unused]: m.md\n"
    )
    seen = collect(text, first_line=10)
    assert sorted(seen, key=lambda found: found[1]) == [
        ("h.md", 10),
        ("a.md", 12),
        ("b.png", 14),
        ("c.md", 15),
        ("e.md", 16),
        ("d.png", 16),
        ("f.md", 19),
        ("g.md", 22),
        ("i.md", 24),
        ("j.md", 26),
        ("k.md", 31),
        ("l.md", 33),
        ("m.md", 35),
    ]


def test_the_url_that_is_given_back_is_written_escaped():
    result = render('[a](b "c") ![d](e) [f]\n\n[f]: g', link=lambda href, line: f"/{href}?x&y")
    assert result.html == (
        '<p><a href="/b?x&amp;y" title="c">a</a> <img src="/e?x&amp;y" alt="d" /> <a href="/g?x&amp;y">f</a></p>\n'
    )


def test_faults_of_links_are_collected_with_their_columns_and_the_url_stays():
    def refuse(href: str, line: int) -> str:
        raise SiteError(Fault("dead-link", "pages/a.md", f"links to {href}", "", line))

    result = render("one\n> two [x](b.md)\n> and [y](c.md)\n\n[z]: d.md\n", first_line=5, link=refuse)
    assert [str(fault) for fault in sorted(result.faults, key=lambda fault: fault.sort_key)] == [
        "pages/a.md:6:7: links to b.md.",
        "pages/a.md:7:7: links to c.md.",
        "pages/a.md:9:1: links to d.md.",
    ]
    assert '<a href="b.md">' in result.html


def test_lines_are_counted_whatever_ends_them():
    assert collect("a\r\nb\r\n[c](d)\r[e](f)\n[g](h)") == [("d", 3), ("f", 4), ("h", 5)]


def test_a_byte_order_mark_and_nul_bytes_do_no_harm():
    assert html("\ufeff# a\0b\n") == '<h1 id="ab">a\ufffdb</h1>\n'


def test_a_document_above_the_limit_is_a_fault_and_not_rendered():
    small = Markdown(MarkdownOptions(max_bytes=10))
    assert small.render("ä" * 5, file="a.md").faults == ()
    result = small.render("ä" * 5 + "b", file="pages/a.md")
    assert result.html == ""
    assert [(fault.code, fault.file) for fault in result.faults] == [("markdown-too-large", "pages/a.md")]


def test_code_is_coloured_unless_that_is_off():
    assert '<span class="k">' in html("```python\nif x: pass\n```")
    plain = (
        Markdown(MarkdownOptions(highlight=False)).render("```python x\nif x: pass\n```", file="a.md").html
    )
    assert plain == '<pre><code class="language-python">if x: pass\n</code></pre>\n'


def test_threads_share_one_renderer():
    texts = [f"# T{number}\n\n[a](b{number}.md) www.a{number}.example\n" * 5 for number in range(8)]
    expected = [html(text) for text in texts]
    results: dict[int, list[str]] = {}

    def work(number: int) -> None:
        results[number] = [html(texts[number]) for _ in range(20)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: [expected[number]] * 20 for number in range(8)}
