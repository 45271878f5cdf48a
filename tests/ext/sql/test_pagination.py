"""Pages of what a query finds: by the query of a request, by a parameter, and by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import create_environ

from engine import App
from engine.ext.sql import Pagination
from sql_tools import opened

PAGES = {
    "pages/asked.json.py": """
        from models import Loaf, db, select

        freeze = False

        def get():
            found = db.paginate(select(Loaf.name).order_by(Loaf.name), per_page=None, max_per_page=4)
            return {"items": list(found), "page": found.page, "pages": found.pages, "total": found.total,
                    "next": found.next_num, "prev": found.prev_num, "from": found.first, "to": found.last}
    """,
    "pages/by/[page=int].json.py": """
        from models import Loaf, db, select

        freeze = True

        def static_params():
            return [1, 2]

        def get(page):
            return [it.name for it in db.paginate(select(Loaf).order_by(Loaf.name), page=page, per_page=5)]
    """,
    "pages/rows.json.py": """
        from models import Crumb, Loaf, db, select
        from sqlalchemy.orm import joinedload

        freeze = False

        def get():
            db.session.add_all([Crumb(loaf_id=1), Crumb(loaf_id=1)])
            db.session.flush()
            rows = db.paginate(select(Loaf.id, Loaf.name).order_by(Loaf.id), per_page=2)
            joined = db.paginate(select(Loaf).options(joinedload(Loaf.crumbs)).order_by(Loaf.id), per_page=2)
            first = db.first_or_404(select(Loaf.id, Loaf.name).order_by(Loaf.id))
            return [[list(it) for it in rows], [[it.name, len(it.crumbs)] for it in joined], joined.total, first.name]
    """,
    "pages/none.json.py": """
        from models import Crumb, db, select

        freeze = False

        def get():
            found = db.paginate(select(Crumb))
            return [found.items, found.page, found.pages, found.has_next, found.first, found.last]
    """,
}


@pytest.fixture
def app(tmp_path: Path, url: str) -> Iterator[App]:
    """The shop with ten loaves."""
    app = opened(tmp_path / "site", url, PAGES, *"abcdefghij")
    yield app
    app.site.modules.close()


def test_the_query_says_which_page_and_how_long(app: App) -> None:
    client = app.test_client()
    first = {
        "items": [*"abcd"],
        "page": 1,
        "pages": 3,
        "total": 10,
        "next": 2,
        "prev": None,
        "from": 1,
        "to": 4,
    }
    assert client.get("/asked.json").json == first
    assert client.get("/asked.json?page=3").json == {
        **first,
        "items": [*"ij"],
        "page": 3,
        "next": None,
        "prev": 2,
        "from": 9,
        "to": 10,
    }
    assert client.get("/asked.json?page=2&per_page=3").json["items"] == [*"def"]
    assert client.get("/asked.json?per_page=1000").json["items"] == [*"abcd"]


def test_a_page_that_there_is_not_is_a_404(app: App) -> None:
    client = app.test_client()
    queries = ["page=4", "page=0", "page=-1", "page=x", "page=1.0", "page=", "page=" + "9" * 40, "per_page=0"]
    assert {client.get(f"/asked.json?{query}").status_code for query in queries} == {404}


def test_a_page_may_be_a_parameter_and_then_the_query_counts_for_nothing(app: App) -> None:
    client = app.test_client()
    assert client.get("/by/2.json?page=1&per_page=1").json == [*"fghij"]
    assert client.get("/by/3.json").status_code == 404
    assert client.get("/by/0.json").status_code == 404
    assert not app.observe(create_environ("/by/1.json"))[1].visitor


def test_several_things_are_rows_and_joined_ones_come_once(app: App) -> None:
    assert app.test_client().get("/rows.json").json == [[[1, "a"], [2, "b"]], [["a", 2], ["b", 0]], 10, "a"]


def test_the_first_page_of_nothing_is_there_and_empty(app: App) -> None:
    assert app.test_client().get("/none.json").json == [[], 1, 1, False, 0, 0]


@pytest.mark.parametrize(
    ("page", "total", "numbers"),
    [
        (1, 1, [1]),
        (1, 20, [1, 2]),
        (1, 90, [1, 2, 3, None, 9]),
        (5, 90, [1, None, 3, 4, 5, 6, 7, None, 9]),
        (4, 90, [1, 2, 3, 4, 5, 6, None, 9]),
        (9, 90, [1, None, 7, 8, 9]),
    ],
)
def test_the_numbers_of_pages_to_link_to_have_gaps(page: int, total: int, numbers: list[int | None]) -> None:
    assert list(Pagination([], page, 10, total).iter_pages()) == numbers


def test_it_may_show_less_at_the_ends() -> None:
    assert list(Pagination([], 5, 10, 90).iter_pages(edge=0, around=1)) == [None, 4, 5, 6, None]


def test_the_numbers_of_a_billion_pages_are_no_more_work_than_those_of_ten() -> None:
    page = Pagination([], 500_000_000, 1, 1_000_000_000)
    numbers = [1, None, 499_999_998, 499_999_999, 500_000_000, 500_000_001, 500_000_002, None, 1_000_000_000]
    assert list(page.iter_pages()) == numbers
