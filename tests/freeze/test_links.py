"""Every internal link of a frozen page leads to a frozen page, and every fragment to an id that is there."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from doors import write_site
from engine import create_app
from engine.freeze.freeze import FreezeOptions, freeze
from freeze_tools import Freezer

GONE = "which does not exist."


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (
            {"pages/a.md": "---\ntitle: x\n---\n\ntext [x](/gone/)\n"},
            f"pages/a.md:5:10: links to /gone/, {GONE}",
        ),
        (
            {"pages/a.md": "[x][ref]\n\n[ref]: /gone/\n"},
            f"pages/a.md:3:8: links to /gone/, {GONE}",
        ),
        (
            {"pages/a.md": '# A\n\n![x](/gone.png "title")\n'},
            f"pages/a.md:3:6: links to /gone.png, {GONE}",
        ),
        (
            {"pages/a.md": 'text\n\n<img src="/gone.png">\n'},
            f"pages/a.md:3:11: links to /gone.png, {GONE}",
        ),
        (
            {"pages/a.html": "<p>\n  <a class=x href='/gone/'>x</a></p>"},
            f"pages/a.html:2:20: links to /gone/, {GONE}",
        ),
        (
            {"pages/a.html": '<p>\n<a href="../gone/?a=1&amp;b=2">x</a>'},
            f"pages/a.html:2:10: links to ../gone/?a=1&b=2, {GONE}",
        ),
        (
            {"pages/_layout.html": (
                '<nav>\n<a href="/gone/">x</a></nav>{{ '
                'content }}'
            ), "pages/a.md": "a", "pages/b.md": "b"},
            f"pages/_layout.html:2:10: links to /gone/, {GONE}",
        ),
        (
            {"templates/nav.html": '<a href="/gone/">x</a>', "pages/a.html": "{% include 'nav.html' %}"},
            f"templates/nav.html:1:10: links to /gone/, {GONE}",
        ),
        (
            {"pages/a.py": "def get():\n    return '<a href=\"/gone/\">x</a>'\n"},
            f"pages/a.py:2:22: links to /gone/, {GONE}",
        ),
        (
            {"pages/a.py": "def get():\n    return '<a href=\"/' + 'gone/\">x</a>'\n"},
            f"pages/a.py: /a/ links to /gone/, {GONE}",
        ),
        (
            {"pages/café.md": "x", "pages/a.md": "[x](/caf%C3%A9/) [y](/gon%C3%A9/)"},
            f"pages/a.md:1:22: links to /gon%C3%A9/, {GONE}",
        ),
    ],
)  # fmt: skip
def test_a_dead_link_is_named_where_it_is_written(
    freezer: Freezer, files: dict[str, str], fault: str
) -> None:
    assert freezer.faults(files) == [fault]
    assert not freezer.output.exists()


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"pages/a.md": "# One\n\n[x](#two)"}, "pages/a.md:3:5: links to #two, but pages/a.md has no #two."),
        (
            {"pages/a.md": "text\n[x](b.md#two)", "pages/b.md": "# One"},
            "pages/a.md:2:5: links to /b/#two, but pages/b.md has no #two.",
        ),
        (
            {"pages/a.md": "[x](deep/b.md#two 'title')", "pages/deep/b.md": "# One\n\n[y](../a.md)"},
            "pages/a.md:1:5: links to /deep/b/#two, but pages/deep/b.md has no #two.",
        ),
        (
            {"pages/a.md": "[x]\n\n[x]: <./b.md#two>", "pages/b.md": "# One"},
            "pages/a.md:3:7: links to /b/#two, but pages/b.md has no #two.",
        ),
        (
            {"pages/a.html": '<a href="/b/#two">x</a>', "pages/b.html": '<p id="one">'},
            "pages/a.html:1:10: links to /b/#two, but pages/b.html has no #two.",
        ),
        (
            {"pages/_layout.html": '<a href="#main">x</a>{{ content }}', "pages/a.md": "a"},
            "pages/_layout.html:1:10: links to #main, but pages/a.md has no #main.",
        ),
    ],
)
def test_a_dead_fragment_is_named_where_it_is_written(
    freezer: Freezer, files: dict[str, str], fault: str
) -> None:
    found = freezer.faults(files)
    assert fault in found
    assert all("has no #" in other for other in found)


@pytest.mark.parametrize(
    "link",
    [
        "/b/", "/b", "../b/", "/b/?q=1", "/b/#one", "/b/#caf%C3%A9", "/b/#named", "#", "#top", "/b/#:~:text=x", "?q=1",
        "https://example.org/gone", "//example.org/gone", "mailto:a@example.org", "tel:1", "javascript:x()",
        "data:x,y", "/pic.svg", "/caf%C3%A9/", "/café/", "/cafe%CC%81/", "/pic.svg#anything", "http://[bad", "/",
    ],
)  # fmt: skip
def test_a_live_link_and_one_that_leads_elsewhere_is_no_fault(freezer: Freezer, link: str) -> None:
    files = {
        "pages/index.md": "Home",
        "pages/a.html": f'<a href="{link}">x</a>',
        "pages/b.html": '<p id="one"></p><a name="named"></a><p id="café"></p>',
        "pages/café.md": "x",
        "pages/pic.svg": "<svg/>",
    }
    assert freezer.faults(files) == []


def test_every_kind_of_reference_is_checked(freezer: Freezer) -> None:
    page = """
        <head><meta property="og:image" content="/og.png"><meta name="twitter:image" content="/tw.png">
        <link rel="stylesheet" href="/gone.css"><script src="/gone.js"></script>
        <style>p { background: url('/style.png') } @import "/imported.css";</style></head>
        <img src="/src.png" srcset="/small.png 1x, /large.png 2x,/huge.png 3x"><p style="background: url(/attr.png)">
        <video src="/v.mp4" poster="/poster.png"></video><object data="/object.svg"></object>
        <form action="/action/"><button formaction="/formaction/">x</button></form>
    """
    css = '@font-face { src: url(face.woff2) } p { background: url(  "../pic.png" ) } /* url(/comment.png) */'
    report = freezer({"pages/a.html": page, "static/css/site.css": css})
    said = sorted(
        fault.what.split(" links to ")[-1].removeprefix("links to ").split(",")[0] for fault in report.faults
    )
    assert said == sorted(
        [
            "/og.png",
            "/tw.png",
            "/gone.css",
            "/gone.js",
            "/style.png",
            "/imported.css",
            "/src.png",
            "/small.png",
            "/large.png",
            "/huge.png",
            "/attr.png",
            "/v.mp4",
            "/poster.png",
            "/object.svg",
            "/action/",
            "/formaction/",
            "face.woff2",
            "../pic.png",
        ]
    )


def test_raw_html_is_blamed_and_not_a_link_of_markdown_that_gets_the_prefix(freezer: Freezer) -> None:
    files = {"pages/index.md": 'x\n\n[b](/a/)\n\n<a href="/a/">raw</a>\n', "pages/a.md": "a"}
    assert freezer.faults(files, base_url="https://example.org/pre/") == [
        "pages/index.md:5:10: links to /a/, which misses the site's prefix /pre. "
        "Make the link with url_for() or page.url."
    ]


def test_a_style_sheet_is_blamed_at_its_line(freezer: Freezer) -> None:
    assert freezer.faults({"static/site.css": "p {\n  background: url(gone.png) }"}) == [
        f"static/site.css:2:19: links to gone.png, {GONE}"
    ]


def test_base_href_counts(freezer: Freezer) -> None:
    files = {
        "pages/index.html": '<base href="/deep/"><a href="page/">x</a>',
        "pages/deep/page.md": "x",
    }
    assert freezer.faults(files) == []


def test_a_page_that_failed_is_named_once_and_not_by_all_that_link_to_it(freezer: Freezer) -> None:
    files = {
        "pages/_layout.html": '<a href="/bad/">x</a><a href="/tags/x/">y</a><a href="/form/">z</a>{{ content }}',
        "pages/a.md": "a",
        "pages/b.md": "b",
        "pages/bad.py": "def get():\n    raise ValueError\n",
        "pages/form.py": "def post():\n    return ''\n",
        "pages/tags/[tag].py": "def static_params():\n    raise ValueError\n\n\ndef get(tag):\n    return tag\n",
    }
    assert [fault.code for fault in freezer(files).faults] == [
        "page-failed",
        "freeze-method",
        "static-params",
    ]


def test_a_link_to_what_static_params_does_not_yield_is_dead(freezer: Freezer) -> None:
    files = {
        "pages/index.md": "[x](/tags/b/)",
        "pages/tags/[tag].py": 'def static_params():\n    return ["a"]\n\n\ndef get(tag):\n    return tag\n',
    }
    assert freezer.faults(files) == [
        "pages/index.md:1:5: links to /tags/b/, which static_params() of pages/tags/[tag].py does not yield. "
        "Add it there."
    ]


def test_a_link_to_what_is_left_to_the_server_needs_hybrid(freezer: Freezer) -> None:
    files = {
        "pages/index.html": '<a href="/form/">x</a>\n<form action="/form/" method="post"></form>',
        "pages/form.py": "freeze = False\n\n\ndef get():\n    return ''\n",
    }
    fault = (
        "links to /form/, which pages/form.py leaves to the server. "
        "Freeze with --hybrid, which is `hybrid = true` in [freeze], or remove the link."
    )
    assert freezer.faults(files) == [f"pages/index.html:1:10: {fault}"]
    report = freezer(files, hybrid=True)
    assert report.faults == ()
    assert "form/index.html" not in freezer.tree


def test_the_setting_hybrid_is_as_good_as_the_flag(freezer: Freezer) -> None:
    files = {
        "site.toml": "[freeze]\nhybrid = true\n",
        "pages/index.html": '<a href="/form/">x</a>',
        "pages/form.py": "freeze = False\n\n\ndef post():\n    return ''\n",
    }
    assert freezer.faults(files) == []


def test_a_redirect_to_nowhere_is_dead(freezer: Freezer) -> None:
    files = {
        "site.toml": '[redirects]\n"/old/" = "/gone/"\n"/fine/" = "/page/#one"\n"/part/" = "/page/#two"\n',
        "pages/page.md": "# One",
        "pages/moved.py": 'from engine import redirect\n\n\ndef get():\n    return redirect("/nowhere/")\n',
    }
    assert freezer.faults(files) == [
        f"pages/moved.py:5:22: redirects to /nowhere/, {GONE}",
        f"site.toml:2:12: redirects to /gone/, {GONE}",
        "site.toml:4:13: redirects to /page/#two, but pages/page.md has no #two.",
    ]


def test_a_link_to_a_redirect_with_parameters_is_sent_to_its_target(freezer: Freezer) -> None:
    files = {
        "site.toml": '[redirects]\n"/old/[slug]/" = "/new/[slug]/"\n',
        "pages/new/x.md": "x",
        "pages/index.md": "[x](/old/x/)",
    }
    assert freezer.faults(files) == [
        "pages/index.md:1:5: links to /old/x/, which only a host that knows _redirects sends on. Link to /new/x/."
    ]


def test_every_link_that_the_engine_makes_has_the_prefix_and_a_hard_written_one_is_caught(
    freezer: Freezer,
) -> None:
    files = {
        "pages/index.md": "---\naliases: /old/\n---\n[a](a.html) [b](/a/) ![c](pic.svg)",
        "pages/a.html": (
            '<a href="{{ url_for("/") }}">x</a><a href="{{ page.url }}">y</a>\n<a href="/a/">z</a>\n<a '
            'href="/gone/">other</a>'
        ),
        "pages/pic.svg": "<svg/>",
    }
    options = {"base_url": "https://example.org/pre/fix"}
    assert freezer.faults(files, **options) == [
        "pages/a.html:2:10: links to /a/, which misses the site's prefix /pre/fix. Make the link with "
        "url_for() or page.url."
    ]
    files["pages/a.html"] = '<a href="{{ url_for("/") }}">x</a><a href="{{ page.url }}">y</a>'
    assert freezer.faults(files, **options) == []
    assert (
        '<a href="/pre/fix/a/">a</a> <a href="/pre/fix/a/">b</a> <img src="/pre/fix/pic.svg"'
        in freezer.text("index.html")
    )
    assert freezer.text("a/index.html") == '<a href="/pre/fix/">x</a><a href="/pre/fix/a/">y</a>'
    assert freezer.text("_redirects") == "/pre/fix/old/ /pre/fix/ 308\n"
    assert 'url=/pre/fix/"' in freezer.text("old/index.html")


def test_a_whole_address_of_the_site_is_checked_as_its_own(freezer: Freezer) -> None:
    page = '<link rel="canonical" href="https://example.org/a/"><a href="https://example.org/gone/">x</a>'
    assert freezer.faults({"pages/a.html": page}, base_url="https://example.org") == [
        f"pages/a.html:1:62: links to https://example.org/gone/, {GONE}"
    ]


def test_links_in_comments_scripts_and_text_are_none(freezer: Freezer) -> None:
    page = """
        <!-- <a href="/gone/"> --><script>var x = '<a href="/gone/">'</script><textarea><a href="/gone/"></textarea>
        <title><a href="/gone/"></title>&lt;a href="/gone/"&gt;<p title='<a href="/gone/">' data-href="/gone/">
    """
    assert freezer.faults({"pages/a.html": page}) == []


def test_every_dead_link_of_a_line_is_named(freezer: Freezer) -> None:
    faults = freezer.faults({"pages/a.md": "[a](gone.md) [b](/lost/) [c](missing.md#x)"})
    assert [fault.partition(" links to ")[0] for fault in faults] == [
        "pages/a.md:1:1:",
        "pages/a.md:1:18:",
        "pages/a.md:1:26:",
    ]


def test_nothing_of_a_site_stays_in_the_process_after_its_freeze(tmp_path: Path) -> None:
    files = {"pages/index.md": "[dead](/nowhere/)", "pages/a.py": "def get():\n    return 'a'\n"}
    root = write_site(tmp_path / "site", files)
    app = create_app(root)
    assert freeze(app, FreezeOptions(str(tmp_path / "dist"), jobs=1)).faults
    app.site.modules.close()
    left = weakref.ref(app)
    del app
    gc.collect()
    assert left() is None


TAGS = {
    "pages/tags/[tag].py": """
        from engine import abort


        def get(tag):
            return tag if tag in ("apples", "pears") else abort(404)
    """,
    "pages/index.md": "[a](/tags/apples/) [b](/tags/pears/)",
}


def test_a_link_to_a_page_that_its_handler_does_not_find_is_dead(freezer: Freezer) -> None:
    layout = '{{ content }}\n<a href="/tags/appels/">c</a>'
    assert freezer.faults({**TAGS, "pages/_layout.html": layout}) == [
        "pages/_layout.html:2:10: links to /tags/appels/, which is not found. The nearest is /tags/apples/."
    ]


def test_a_route_of_which_nobody_links_to_a_page_that_is_found_is_a_fault(freezer: Freezer) -> None:
    assert freezer.faults({**TAGS, "pages/index.md": "[c](/tags/plums/)"}) == [
        "pages/index.md:1:5: links to /tags/plums/, which is not found.",
        "pages/tags/[tag].py: nothing says which pages /tags/[tag] has: no static_params(), and no frozen page "
        "links to one. Define static_params(), or say `freeze = False`.",
    ]


def test_a_page_of_static_params_that_its_handler_does_not_find_is_a_fault(freezer: Freezer) -> None:
    files = dict(TAGS)
    files["pages/tags/[tag].py"] += """
        def static_params():
            return ["apples", "pears", "plums"]
    """
    [fault] = freezer.faults(files)
    assert fault.startswith("pages/tags/[tag].py: /tags/plums/ answers 404, not 200.")
