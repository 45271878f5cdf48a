"""What templates see of a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from markupsafe import Markup

from doors import Files, Served
from engine import Page, create_app

POST = """
    ---
    date: 2024-01-02
    updated: 2024-02-03
    tags: one, two
    author: {name: Ada}
    url: mine
    ---
    # A *good* [day](about.md)

    The first paragraph.

    ## Part

    More.
"""


@pytest.fixture
def page(site: Callable[[Files], Path]) -> Page:
    found = create_app(site({"pages/blog/post.md": POST, "pages/blog/about.md": ""})).site.pages.get(
        "/blog/post/"
    )
    assert found is not None
    return found


def test_a_page_knows_where_it_stands(page: Page) -> None:
    assert (page.path, page.url, page.source.path, page.directory) == (
        *("/blog/post/", "/blog/post/", "pages/blog/post.md", "pages/blog"),
    )
    assert repr(page) == "<Page /blog/post/ from pages/blog/post.md>"


def test_a_page_has_what_its_author_wrote(page: Page) -> None:
    assert page.title == "A good day"
    assert (page.date, page.updated, page.draft) == (date(2024, 1, 2), date(2024, 2, 3), False)
    assert page.tags == ("one", "two")
    assert page.author == {"name": "Ada"}
    assert page.meta["url"] == "mine"
    with pytest.raises(AttributeError, match="nothing"):
        page.nothing


def test_a_page_has_a_body_rendered_when_asked_for(page: Page) -> None:
    assert isinstance(page.content, Markup)
    assert "<h1" in page.content
    assert "The first paragraph." in page.summary
    assert "More." not in page.summary
    assert [(entry.text, entry.id) for entry in page.toc[0].children or page.toc] == [("Part", "part")]
    assert page.words > 5


def test_a_page_without_dates_has_none(site: Callable[[Files], Path]) -> None:
    [page] = create_app(site({"pages/a.md": ""})).site.pages
    assert (page.date, page.updated, page.tags, page.prev, page.next) == (None, None, (), None, None)
    assert page.title == "A"


def test_an_unknown_name_is_undefined_in_templates(served: Callable[..., Served]) -> None:
    door = served(
        {"pages/a.html": "---\nlayout: false\n---\n[{{ page.nothing }}][{{ page.nothing or 'else' }}]"}
    )
    assert door.get("/a/").text == "[][else]"


def test_the_body_of_another_page_can_be_shown_and_a_circle_is_a_fault(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/_layout.html": "{{ content }}",
            "pages/list.html": "{% for page in pages.under('/posts') %}{{ page.content }}{% endfor %}",
            "pages/posts/a.md": "*A*",
            "pages/posts/b.html": "<b>{{ page.title }}</b>",
            "pages/circle.html": "{{ pages.get('/circle').content }}",
        }
    )
    assert door.get("/list/").text == "<p><em>A</em></p>\n<b>B</b>"
    assert door.get("/circle/").status == 500
