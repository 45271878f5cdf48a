"""The pages of a site can be asked; the answers are pages in an order, and never change."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doors import Files, write_site
from engine import Page, create_app
from engine.content.pages import MOST_ANSWERS, Pages

POST = "---\ntitle: {}\ndate: {}\ntags: {}\nrank: {}\n---\n"
BLOG = {
    "pages/index.md": "# Home",
    "pages/about.md": "# About",
    "pages/blog/index.md": "# Blog",
    "pages/blog/a.md": POST.format("A", "2024-03-01", "[x]", 2),
    "pages/blog/b.md": POST.format("B", "2023-05-05", "[]", 10),
    "pages/blog/c.md": POST.format("C", "2024-06-01T10:00:00Z", "[x, y]", 1),
    "pages/blog/deep/d.md": "---\nauthor:\n  name: Ada\n---\n# D",
    "pages/blogger.md": "# Blogger",
    "pages/data.json.jinja": "{}",
    "pages/[slug].md": "a page of a route with parameters",
    "pages/code.py": "def get():\n    return ''\n",
}


@pytest.fixture
def pages(site: Callable[[Files], Path]) -> Pages:
    return create_app(site(BLOG)).site.pages


def paths(pages: object) -> str:
    assert isinstance(pages, Pages)
    return " ".join(page.path for page in pages)


def test_pages_are_those_with_a_text_and_one_address_in_the_order_of_paths(pages: Pages) -> None:
    assert paths(pages) == "/ /about/ /blog/ /blog/a/ /blog/b/ /blog/c/ /blog/deep/d/ /blogger/"


def test_under_gives_what_is_below_a_path_and_not_the_page_at_it(pages: Pages) -> None:
    for spelling in ("/blog", "/blog/"):
        assert paths(pages.under(spelling)) == "/blog/a/ /blog/b/ /blog/c/ /blog/deep/d/"
    assert paths(pages.under("/blog/deep")) == "/blog/deep/d/"
    assert paths(pages.under("/")) == paths(pages[1:])
    assert paths(pages.under("/nothing")) == ""
    assert paths(pages.sort("-rank").under("/blog")) == "/blog/b/ /blog/a/ /blog/c/ /blog/deep/d/"


def test_where_compares_fields_and_looks_into_lists(pages: Pages) -> None:
    assert paths(pages.where(title="A")) == "/blog/a/"
    assert paths(pages.where(tags="x")) == "/blog/a/ /blog/c/"
    assert paths(pages.where(tags="x", rank=1)) == "/blog/c/"
    assert paths(pages.where(date__year=2024)) == "/blog/a/ /blog/c/"
    assert paths(pages.where(author__name="Ada")) == "/blog/deep/d/"
    assert paths(pages.where(lambda page: page.meta.get("rank", 0) > 1)) == "/blog/a/ /blog/b/"
    assert paths(pages.where(lambda page: bool(page.date), tags="y")) == "/blog/c/"
    assert paths(pages.where(tags=["x", "y"])) == ""
    assert paths(pages.where(nothing=None)) == paths(pages)


def test_sort_takes_several_fields_reverse_ones_and_puts_pages_without_the_field_last(pages: Pages) -> None:
    blog = pages.under("/blog")
    assert paths(blog.sort("date")) == "/blog/b/ /blog/a/ /blog/c/ /blog/deep/d/"
    assert paths(blog.sort("-date")) == "/blog/c/ /blog/a/ /blog/b/ /blog/deep/d/"
    assert paths(blog.sort("rank")) == "/blog/c/ /blog/a/ /blog/b/ /blog/deep/d/"
    assert paths(blog.sort("-date.year", "title")) == "/blog/a/ /blog/c/ /blog/b/ /blog/deep/d/"
    assert paths(blog.sort()) == paths(blog)


def test_group_gives_each_value_with_its_pages_in_the_order_of_values(pages: Pages) -> None:
    assert [(key, paths(members)) for key, members in pages.group("tags")] == [
        ("x", "/blog/a/ /blog/c/"),
        ("y", "/blog/c/"),
    ]
    assert [(group.key, len(group.pages)) for group in pages.group("date.year")] == [(2023, 1), (2024, 2)]
    assert pages.group("nothing") == ()


def test_get_finds_a_page_by_its_path_or_its_source(pages: Pages) -> None:
    for name in ("/blog/a/", "/blog/a", "pages/blog/a.md"):
        found = pages.get(name)
        assert found is not None
        assert found.path == "/blog/a/"
    home = pages.get("/")
    assert home is not None
    assert home.source.path == "pages/index.md"
    assert pages.get("/nothing/") is None


def test_slices_are_collections_and_the_rest_is_a_sequence(pages: Pages) -> None:
    assert paths(pages[:2]) == "/ /about/"
    assert paths(pages[::-1][:1]) == "/blogger/"
    assert pages[-1].path == "/blogger/"
    assert len(pages[100:]) == 0
    assert not pages[100:]
    assert pages[0] in pages
    assert repr(pages) == "<Pages: 8>"
    with pytest.raises(IndexError):
        pages[100]


def test_the_same_question_has_the_same_answer_without_work(pages: Pages) -> None:
    assert pages.under("/blog") is pages.under("/blog/")
    assert pages.where(tags="x").sort("-date")[:1] is pages.where(tags="x").sort("-date")[:1]
    assert pages.group("tags") is pages.group("tags")


def test_questions_without_end_do_not_fill_the_memory(pages: Pages) -> None:
    for number in range(3 * MOST_ANSWERS):
        pages.where(title=f"question {number}")
        pages.where(lambda page, number=number: page.title == number)
    gc.collect()
    assert sum(type(thing) is Pages for thing in gc.get_objects()) < 2 * MOST_ANSWERS


def test_neighbours_are_the_older_and_the_newer_of_a_directory(pages: Pages) -> None:
    a, b, c = (pages.get(f"/blog/{name}/") for name in "abc")
    assert a and b and c
    assert (b.prev, b.next, a.prev, a.next, c.prev, c.next) == (None, a, b, c, a, None)
    for alone in ("/blog/", "/blog/deep/d/"):
        page = pages.get(alone)
        assert page is not None
        assert (page.prev, page.next) == (None, None)


def test_neighbours_without_dates_go_by_weight_and_then_by_path(site: Callable[[Files], Path]) -> None:
    files = {
        "pages/a.md": "",
        "pages/b.md": "---\nweight: -1\n---\n",
        "pages/c.md": "---\nweight: 2.5\n---\n",
        "pages/d.md": "",
    }
    pages = create_app(site(files)).site.pages
    order = [page.path for page in pages if page.prev is None]
    page = pages.get(order[0])
    while page and (page := page.next):
        order.append(page.path)
    assert order == ["/b/", "/a/", "/d/", "/c/"]


def test_values_of_any_types_can_be_sorted_and_grouped(site: Callable[[Files], Path]) -> None:
    values = [
        "1",
        "one",
        "2024-01-01",
        "2024-01-01T00:00:00+02:00",
        "true",
        "[1, 2]",
        "1.5",
        "-3",
        "{a: 1}",
        "0001-01-01",
    ]
    files = {f"pages/{number}.md": f"---\nvalue: {value}\n---\n" for number, value in enumerate(values)}
    pages = create_app(site(files)).site.pages
    assert len(pages.sort("value")) == len(values)
    assert paths(pages.sort("-value")) != paths(pages.sort("value"))
    assert sorted(paths(pages.sort("value")).split()) == sorted(paths(pages).split())


names = st.sampled_from(["a", "b", "aa", "a-b", "z", "B", "é", "0", "a b"])
trees = st.dictionaries(
    st.lists(names, min_size=1, max_size=4).map("/".join),
    st.tuples(st.none() | st.dates(date(2000, 1, 1), date(2001, 1, 1)), st.lists(names, max_size=3)),
    max_size=12,
)


def folded(tree: dict[str, object]) -> bool:
    """Whether the names are those of one site: no two alike but for case."""
    return len({name.casefold() for name in tree}) == len(tree)


@pytest.mark.long
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(trees.filter(folded), st.lists(names, max_size=3).map("/".join))
def test_the_laws_of_collections(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, tuple[date | None, list[str]]], below: str
) -> None:
    files = {}
    for name, (day, tags) in tree.items():
        when = f"date: {day}\n" if day else ""
        files[f"pages/{name}.md"] = f"---\n{when}tags: {tags!r}\n---\n"
    pages = create_app(write_site(tmp_path_factory.mktemp("laws"), files)).site.pages
    everything: list[Page] = list(pages)
    prefix = f"/{below}/".replace("//", "/")
    assert list(pages.under(prefix)) == [
        it for it in everything if it.path.startswith(prefix) and it.path != prefix
    ]
    assert list(pages.sort("-path").under(prefix)) == list(pages.under(prefix).sort("-path"))
    for tag, members in pages.group("tags"):
        assert list(members) == list(pages.where(tags=tag)) == [it for it in everything if tag in it.tags]
    dated = pages.sort("date")
    assert sorted(it.path for it in dated) == [it.path for it in everything]
    days = [it.date for it in dated if it.date]
    assert days == sorted(days)
    assert [it.date for it in dated[len(days) :]] == [None] * (len(everything) - len(days))
    for page in everything:
        assert page.next is None or page.next.prev is page
        assert page.prev is None or page.prev.next is page
