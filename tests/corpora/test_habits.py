"""Habits of other generators' content, each on a small site of its own."""

from __future__ import annotations

import re

import pytest

from freeze_tools import Freezer

LAYOUT = "<title>{{ page.title }}</title>{{ content }}"


def headings(page: str) -> list[str]:
    return re.findall(r"<h1[^>]*>(.*?)</h1>", page)


@pytest.fixture
def freezer(tmp_path) -> Freezer:
    return Freezer(tmp_path / "site", tmp_path / "dist")


@pytest.mark.parametrize("name", ["README.MD", "README.Markdown", "README.HTML"])
def test_a_suffix_in_capitals_makes_a_page_and_no_asset(door, name):
    site = door({f"pages/{name}": "---\ntitle: Secret\n---\ntext"})
    assert site.get("/README/").status == 200
    assert "title: Secret" not in site.get("/README/").text
    assert site.get(f"/{name}").status == 404


def test_code_is_not_served_for_the_case_of_its_suffix(door):
    site = door({"pages/index.md": "x", "pages/api.PY": "def get():\n    return 'answer'\n"})
    assert site.get("/api.PY").status == 404
    assert site.get("/api/").text == "answer"


def test_a_layout_is_named_with_or_without_its_suffix(door):
    files = {
        "templates/post.html": "post: {{ content }}",
        "pages/a.md": "---\nlayout: post\n---\nA",
        "pages/b.md": "---\nlayout: post.html\n---\nB",
        "pages/below/_data.yaml": "layout: post\n",
        "pages/below/c.md": "C",
    }
    site = door(files)
    assert [site.get(path).text for path in ("/a/", "/b/", "/below/c/")] == [
        f"post: <p>{letter}</p>\n" for letter in "ABC"
    ]


def test_a_layout_that_does_not_exist_is_a_fault_at_the_line_that_names_it(faults):
    hint = "Layouts are in templates/, or beside the page or above it with a name that begins with _."
    assert faults(
        {
            "pages/a.md": "---\ntitle: A\nlayout: post\n---\nA",
            "pages/b.html": "---\nlayout: posts/deep\n---\nB",
            "pages/below/_data.yaml": "title: x\nlayout: gone.html\n",
            "pages/below/c.md": "C",
            "pages/below/d.md": "D",
            "pages/below/own/_layout.html": "{{ content }}",
            "pages/below/own/e.md": "E",
        }
    ) == [
        f"pages/a.md:3: the layout `post` does not exist. {hint}",
        f"pages/b.html:2: the layout `posts/deep` does not exist. {hint}",
        f"pages/below/_data.yaml:2: the layout `gone.html` does not exist. {hint}",
    ]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("text", ["Given"]),
        ("## Second\n\ntext", ["Given"]),
        ("# Own\n\ntext", ["Own"]),
        ("<!-- comment -->\n\n# Own\n", ["Own"]),
        ("# Given\n\ntext\n\n# Section\n", ["Given", "Section"]),
        ("text\n\n# Section\n", ["Given", "Section"]),
        ("# Abstract\n\ntext\n\n# Motivation\n", ["Given", "Abstract", "Motivation"]),
    ],
)
def test_the_built_in_layout_shows_the_title_where_the_page_does_not(door, body, shown):
    page = door({"pages/a.md": f"---\ntitle: Given\n---\n{body}"}).get("/a/").text
    assert headings(page) == shown


def test_a_page_in_html_that_has_a_heading_keeps_it_alone(door):
    page = door({"pages/a.html": "---\ntitle: Given\n---\n<p>Before</p>\n<h1>Own</h1>"}).get("/a/").text
    assert headings(page) == ["Own"]


def test_links_may_leave_out_the_suffix_name_a_readme_or_begin_at_the_root(door):
    files = {
        "pages/docs/a.md": "[1](./b) [2](../lib) [3](@/docs/b.md#part) [4](b#part) [5](../lib/) [6](/docs/b)",
        "pages/docs/b.md": "# Part\n",
        "pages/lib/README.md": "Library",
    }
    page = door(files).get("/docs/a/").text
    assert re.findall(r'<a href="([^"]+)">\d', page) == [
        "/docs/b/",
        "/lib/README/",
        "/docs/b/#part",
        "/docs/b/#part",
        "/lib/README/",
        "/docs/b/",
    ]


def test_a_dead_link_is_found_where_it_stands_and_not_in_an_example(freezer):
    page = """
        ---
        title: A
        ---
        `[x](/gone/)`

        ```
        [x](/gone/)
        ```

            [x](/gone/)

        text [x](/gone/) and [y][gone]

        [gone]: /gone/
    """
    assert freezer.faults({"pages/a.md": page}) == [
        "pages/a.md:12:10: links to /gone/, which does not exist.",
        "pages/a.md:14:9: links to /gone/, which does not exist.",
    ]


def test_every_dead_link_of_a_line_is_said_once(freezer):
    page = "[a](gone.md) ![b](gone.png) [c](../../gone.md#x) [d](gone.md?q)"
    outside = "which is outside pages/. A link is relative to its file; a URL of the site begins with /."
    hint = "Correct the link, or make the file."
    found = [
        (fault.line, fault.column, fault.what.split("`")[1])
        for fault in freezer({"pages/a.md": page}).faults
        if "`" in fault.what
    ]
    assert found == [(1, 1, "gone.md"), (1, 29, "../../gone.md"), (1, 50, "gone.md")]
    said = freezer.faults({"pages/a.md": page})
    assert f"pages/a.md:1:29: links to `../../gone.md`, {outside}" in said
    assert f"pages/a.md:1:1: links to `gone.md`, which does not exist. {hint}" in said
    assert len(said) == len(set(said))


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("/blog/fist-post/", "which does not exist. The nearest is /blog/first-post/."),
        ("/blgo/", "which does not exist. The nearest is /blog/."),
        ("/blog/", "which does not exist. That directory has no index page."),
        ("/", "which does not exist. That directory has no index page."),
        ("www.example.org", "which does not exist. Begin the address of another site with https://."),
        ("github.com/a/b", "which does not exist. Begin the address of another site with https://."),
        ("/blog/first-post/#capter", "but pages/blog/first-post.md has no #capter. The nearest is #chapter."),
        ("/nothing/like/it/", "which does not exist."),
    ],
)
def test_a_dead_link_comes_with_the_way_out(freezer, link, fault):
    files = {"pages/a.md": f"[x]({link})", "pages/blog/first-post.md": "# Chapter\n"}
    assert freezer.faults(files) == [f"pages/a.md:1:5: links to {link}, {fault}"]


def test_a_very_long_link_is_cut_in_the_fault(freezer):
    [fault] = freezer({"pages/a.md": f"[x](/{'a' * 5000})"}).faults
    assert len(fault.what) < 250
    assert (fault.line, fault.column) == (1, 5)


@pytest.mark.parametrize(
    "name",
    ["a b", "a+b", "a#b", "a%b", "a%20b", "a@b", "a&b", "a'b", "a(b)", "é", "日本語", "a=b", "a,b;c", "a~b"],
)
def test_a_name_of_any_characters_has_a_page_that_can_be_linked_to(door, name):
    files = {
        f"pages/{name}.md": "# Here\n",
        "pages/_layout.html": LAYOUT,
        "pages/index.html": '{% for page in pages %}<a href="{{ page.url }}">{% endfor %}',
    }
    site = door(files)
    urls = re.findall(r'href="([^"]+)"', site.get("/").text)
    [url] = [url.replace("&amp;", "&").replace("&#39;", "'") for url in urls if url != "/"]
    assert site.get(url).status == 200
    assert "Here" in site.get(url).text
