"""What is frozen: fixed routes, what static_params() yields, what frozen pages link to; never outside of the output."""

from __future__ import annotations

import pytest

from freeze_tools import Freezer

SLUG = "def static_params():\n    return [{value!r}]\n\n\ndef get(slug):\n    return 'x'\n"


@pytest.mark.parametrize(
    "value",
    ["../../x", "..", ".", "", "a/b", "/etc/passwd", "a\\b", "con", "CON.txt", "x" * 300, "é" * 200,
    "a:b", "a?b", "a\0b",
     "a\nb", " ", "x.", ".hidden", "\ud800", "cafe\u0301", 7, None, b"x"],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
@pytest.mark.parametrize("name", ["[slug]", "[...slug]", "a-[slug]", "[slug].txt"])
def test_a_value_that_is_no_name_of_a_file_is_refused(freezer: Freezer, name: str, value: object) -> None:
    allowed = {
        "[...slug]": ("", "a/b", None),
        "a-[slug]": ("con", "CON.txt", ".hidden", ".", ".."),
        "[slug].txt": (" ", "x."),
    }
    report = freezer({f"pages/below/{name}.py": SLUG.format(value=value)})
    wrote = [path for path in report.written if path != "404.html"]
    assert all(path.startswith("below/") and ".." not in path.split("/") for path in wrote)
    if value not in ("cafe\u0301", *allowed.get(name, ())):
        assert [fault.file for fault in report.faults] == [f"pages/below/{name}.py"]
        assert not report.published


@pytest.mark.parametrize(
    "href", ["/con/", "/a:b/", "/x./", "/" + "x" * 300 + "/", "/a%5Cb/", "/%2e%2e/x/", "/a%00b/", "/a%2Fb/"]
)
def test_a_link_to_what_no_file_can_hold_is_a_fault_and_no_file(freezer: Freezer, href: str) -> None:
    files = {
        "pages/index.html": f'<a href="{href}">x</a><a href="/good/">y</a>',
        "pages/[slug].py": "def get(slug):\n    return slug\n",
    }
    report = freezer(files, keep_going=True)
    assert len(report.faults) == 1
    assert report.written == ["404.html", "good/index.html", "index.html"]


def test_what_static_params_yields_must_be_the_parameters(freezer: Freezer) -> None:
    route = "pages/[a]/[b=int].py"
    get = "\n\n\ndef get(a, b):\n    return ''\n"
    for code, said in {
        "return ['x']": (
            f"{route}: `static_params()` yielded 'x'; this route needs a mapping with a, b. Yield a dict for "
            f"each page."
        ),
        "return [{'a': 'x'}]": f"{route}: /[a]/[b=int] needs a value for b.",
        "return [{'a': 'x', 'b': 'y'}]": f"{route}: /[a]/[b=int]: ",
        "return [{'a': 'x', 'b': 1, 'c': 2}]": f"{route}: /[a]/[b=int] has no parameter c.",
        "return None": f"{route}: `static_params()` raised TypeError: 'NoneType' object is not iterable.",
        "raise KeyError('k')": f"{route}:2: `static_params()` raised KeyError: 'k'.",
        "yield {'a': 'x', 'b': 1}; 1 / 0": f"{route}:2: `static_params()` raised ZeroDivisionError: division by zero.",
    }.items():
        [fault] = freezer.faults({route: f"def static_params():\n    {code}{get}"})
        assert fault.startswith(said)


def test_what_another_page_answers_is_a_clash(freezer: Freezer) -> None:
    files = {"pages/about.md": "about", "pages/[slug].py": SLUG.format(value="about")}
    assert freezer.faults(files) == [
        "pages/[slug].py: static_params() yields /about/, which pages/about.md answers. Leave it out, or "
        "rename one of the two."
    ]


def test_pages_that_would_be_one_file_on_some_system_clash(freezer: Freezer) -> None:
    page = "def static_params():\n    return {!r}\n\n\ndef get(x):\n    return ''\n"
    files = {
        "pages/a/[x].py": page.format(["one", "ONE"]),
        "pages/b/[x].txt.py": page.format(["straße", "STRASSE"]),
        "pages/c/[...x].py": page.format(["d", "d/index.html"]),
        "pages/e/[x].txt.py": page.format(["f"]),
        "pages/e/[x]/g.py": page.format(["F.TXT"]),
    }
    assert freezer.faults(files) == [
        "pages/a/[x].py: /a/ONE/ would be written to a/ONE/index.html, as /a/one/ would. Choose one of the two.",
        "pages/b/[x].txt.py: /b/STRASSE.txt would be written to b/STRASSE.txt, as /b/stra%C3%9Fe.txt would. "
        "Choose one of the two.",
        "pages/c/[...x].py: /c/d/index.html/ needs a directory where /c/d/ is the file c/d/index.html. Choose "
        "one of the two.",
        "pages/e/[x]/g.py: /e/F.TXT/g/ needs a directory where /e/f.txt is the file e/f.txt. "
        "Rename one of pages/e/[x]/g.py and pages/e/[x].txt.py.",
    ]


def test_pages_found_by_links_clash_as_well(freezer: Freezer) -> None:
    files = {
        "pages/index.html": '<a href="/one/">x</a><a href="/One/">x</a>',
        "pages/[x].py": "def get(x):\n    return ''\n",
    }
    [fault] = freezer.faults(files)
    assert fault.startswith(
        "pages/[x].py: /one/ would be written to one/index.html, as /One/ would."
    ) or fault.startswith("pages/[x].py: /One/ would be written to One/index.html, as /one/ would.")


def test_pages_are_found_by_links_as_deep_as_they_lead(freezer: Freezer) -> None:
    files = {
        "pages/index.html": '<a href="/n/1/">x</a>',
        "pages/n/[n=int].html": '{% if params.n < 20 %}<a href="/n/{{ params.n + 1 }}/">x</a>{% endif %}{{ params.n }}',
    }
    assert freezer.faults(files) == []
    assert freezer.text("n/20/index.html") == "20"
    assert "n/21/index.html" not in freezer.tree


def test_a_css_file_and_an_image_set_lead_to_pages(freezer: Freezer) -> None:
    files = {
        "pages/index.html": '<link rel="stylesheet" href="/site.css"><img srcset="/pic/1.svg 1x,/pic/2.svg 2x">',
        "static/site.css": "p { background: url(pic/3.svg) }",
        "pages/pic/[n=int].svg.py": "def get(n):\n    return '<svg/>'\n",
    }
    assert freezer.faults(files) == []
    assert {"pic/1.svg", "pic/2.svg", "pic/3.svg"} <= freezer.tree.keys()


def test_the_root_error_page_is_frozen_whatever_parameters_there_are(freezer: Freezer) -> None:
    files = {
        "pages/404.html": '<p>{{ error.code }}</p><a href="/x/">x</a>',
        "pages/[...path].py": "def static_params():\n    return ['x']\n\n\ndef get(path):\n    return path\n",
    }
    assert freezer.faults(files) == []
    assert freezer.text("404.html") == '<p>404</p><a href="/x/">x</a>'


def test_a_404_page_of_the_sites_own_making_is_left_alone(freezer: Freezer) -> None:
    assert freezer.faults({"static/404.html": "my own", "pages/404.html": "not this"}) == []
    assert freezer.text("404.html") == "my own"


def test_an_error_page_that_shows_the_path_cannot_be_frozen(freezer: Freezer) -> None:
    files = {"pages/404.html": "<p>\n{{ request.path }} is not here</p>"}
    [fault] = freezer.faults(files)
    assert fault.startswith(
        "pages/404.html:2: /404.html reads the path of the request, so that it would differ"
    )


def test_redirects_are_pages_and_rules(freezer: Freezer) -> None:
    files = {
        "site.toml": """
            [redirects]
            "/away/" = "https://example.org/"
            "/blog/[slug]/" = { to = "/new/?was=[slug]", code = 302 }
            "/docs/[...path]" = "https://docs.example.org/[...path]"
        """,
        "pages/new.md": "---\naliases: [/old/, /feed.xml]\n---\nnew",
        "pages/moved.py": 'from engine import redirect\n\n\ndef get():\n    return redirect("/new/", 301)\n',
    }
    assert freezer.faults(files) == []
    assert freezer.text("_redirects") == (
        "/away/ https://example.org/ 308\n/blog/:slug /new/?was=:slug 302\n/docs/* "
        "https://docs.example.org/:splat 308\n"
        "/feed.xml /new/ 308\n/moved/ /new/ 301\n/old/ /new/ 308\n"
    )
    for path, location in {
        "away/index.html": "https://example.org/",
        "feed.xml": "/new/",
        "moved/index.html": "/new/",
        "old/index.html": "/new/",
    }.items():
        assert f'<meta http-equiv="refresh" content="0; url={location}">' in freezer.text(path)


def test_a_redirect_that_no_static_host_can_follow_is_a_fault_unless_hybrid(freezer: Freezer) -> None:
    files = {"site.toml": '[redirects]\n"/post-[id]/" = "/"\n', "pages/index.md": "x"}
    assert freezer.faults(files) == [
        "site.toml: no static host can redirect from /post-[id]. "
        "Use parameters that are a whole segment, and [...path] at the end only, or freeze with --hybrid."
    ]
    assert freezer.faults(files, hybrid=True) == []


def test_an_authors_own_rules_stand_before_ours(freezer: Freezer) -> None:
    files = {"static/_redirects": "/a /b 200\n", "pages/x.md": "---\naliases: /old/\n---\n"}
    assert freezer.faults(files) == []
    assert freezer.text("_redirects") == "/a /b 200\n/old/ /x/ 308\n"


def test_a_redirect_page_gives_way_to_a_page_of_the_same_file(freezer: Freezer) -> None:
    files = {
        "site.toml": '[redirects]\n"/old/" = "/new/"\n',
        "static/old/index.html": "a page of its own",
        "pages/new.md": "new",
    }
    assert freezer.faults(files) == []
    assert freezer.text("old/index.html") == "a page of its own"
