"""Long lists come in parts, each with links to those beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from doors import Served

Open = Callable[..., Served]
LIST = """
    from pydantic import BaseModel
    from engine.ext.api import Paging, Query, Slice, api

    class Loaf(BaseModel):
        id: int

    class Wanted(Paging):
        odd: bool = False
        word: str = ""

    @api
    def get(query: Wanted) -> Slice[Loaf]:
        return query.of([{"id": it, "secret": 1} for it in range(7) if it % 2 or not query.odd])
"""


def links(answer: TestResponse) -> dict[str, str]:
    found = {}
    for link in filter(None, answer.headers.get("Link", "").split(", ")):
        url, options = parse_options_header(link)
        found[options["rel"]] = url.strip("<>")
    return found


def ids(answer: TestResponse) -> list[int]:
    assert answer.status_code == 200 and answer.json is not None, answer.text
    return [loaf["id"] for loaf in answer.json["items"]]


def test_following_the_links_reads_all_of_it_in_both_directions(served: Open) -> None:
    client = served({"pages/loaves.py": LIST}).client
    found, answer = [], client.get("/loaves/?limit=3")
    while True:
        found.append(ids(answer))
        assert answer.json is not None
        assert answer.json["total"] == 7
        assert links(answer) == {rel: url for rel in ("next", "prev") if (url := answer.json[rel])}
        if "next" not in links(answer):
            break
        answer = client.get(links(answer)["next"])
    assert found == [[0, 1, 2], [3, 4, 5], [6]]
    back = []
    while "prev" in links(answer):
        answer = client.get(links(answer)["prev"])
        back.append(ids(answer))
    assert back == [[3, 4, 5], [0, 1, 2]]


def test_links_keep_the_rest_of_the_query(served: Open) -> None:
    client = served({"pages/loaves.py": LIST}).client
    answer = client.get("/loaves/?odd=true&limit=2&word=a%26b%3C%22%3E")
    assert links(answer) == {"next": "/loaves/?odd=true&word=a%26b%3C%22%3E&offset=2&limit=2"}
    assert ids(client.get(links(answer)["next"])) == [5]


def test_links_lead_below_the_prefix_of_the_site(served: Open) -> None:
    files = {"pages/loaves.py": LIST, "site.toml": 'base_url = "https://example.org/shop"\n'}
    client = served(files).client
    assert links(client.get("/shop/loaves/?limit=6"))["next"] == "/shop/loaves/?offset=6&limit=6"
    answer = client.get("/loaves/?limit=6", environ_overrides={"SCRIPT_NAME": "/shop"})
    assert links(answer)["next"] == "/shop/loaves/?offset=6&limit=6"


def test_a_part_beyond_the_end_is_empty_and_an_offset_within_leads_to_the_start(served: Open) -> None:
    client = served({"pages/loaves.py": LIST}).client
    assert ids(client.get("/loaves/?offset=100")) == []
    assert links(client.get("/loaves/?offset=1&limit=3"))["prev"] == "/loaves/?offset=0&limit=3"


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "offset=-1", "offset=1000001", "limit=x"])
def test_what_no_part_can_be_is_422(served: Open, query: str) -> None:
    assert served({"pages/loaves.py": LIST}).client.get(f"/loaves/?{query}").status_code == 422


def test_a_site_may_page_by_what_it_likes(served: Open) -> None:
    page = """
        from engine.ext.api import Query, Slice, api

        @api
        def get(after: Query[str] = "") -> Slice[str]:
            found = [it for it in ("bun", "oat", "rye", "<&>") if it > after][:2]
            return Slice(found, next={"after": found[-1]} if found else None)
    """
    client = served({"pages/loaves.py": page}).client
    answer = client.get("/loaves/?after=bun")
    assert answer.json == {
        "items": ["oat", "rye"], "total": None, "next": "/loaves/?after=rye", "prev": None,
    }  # fmt: skip


def test_one_more_than_was_asked_for_tells_that_there_are_more(served: Open) -> None:
    page = """
        from engine.ext.api import Paging, Slice, api

        @api
        def get(query: Paging) -> Slice[int]:
            rows = range(query.offset, min(query.offset + query.limit + 1, 5))  # as of a database
            return query.part(rows)
    """
    client = served({"pages/loaves.py": page}).client
    assert "next" not in links(client.get("/loaves/?limit=5"))
    assert links(client.get("/loaves/?limit=4")) == {"next": "/loaves/?offset=4&limit=4"}
