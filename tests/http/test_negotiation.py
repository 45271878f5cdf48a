"""One URL answers a page to browsers and data to programs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Served

PAGE = """
    from engine import negotiate

    def get():
        loaves = ["rye", "oat"]
        return negotiate(
            html={"loaves": loaves},
            json=loaves,
            csv=lambda: "\\n".join(loaves),
        )
"""
FILES = {"pages/a.py": PAGE, "pages/a.html": "---\nlayout: false\n---\n<p>{{ loaves|join }}</p>"}


@pytest.mark.parametrize(
    "accept, content_type, text",
    [
        (None, "text/html; charset=utf-8", "<p>ryeoat</p>"),
        ("*/*", "text/html; charset=utf-8", "<p>ryeoat</p>"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", "<p>ryeoat</p>"),
        ("application/json", "application/json", '["rye","oat"]'),
        ("application/json;q=0.5, text/csv", "text/csv; charset=utf-8", "rye\noat"),
    ],
)
def test_a_client_gets_what_it_likes_best(
    served: Callable[..., Served], accept: str | None, content_type: str, text: str
) -> None:
    answer = served(FILES).client.get("/a/", headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.content_type, answer.text.strip()) == (200, content_type, text)
    assert answer.headers["Vary"] == "Accept"


def test_a_client_that_takes_nothing_of_it_gets_406(served: Callable[..., Served]) -> None:
    answer = served(FILES).client.get("/a/", headers={"Accept": "image/png"})
    assert answer.status_code == 406
    assert "text/html, application/json, text/csv" in answer.text


def test_a_status_and_headers_go_along(served: Callable[..., Served]) -> None:
    page = """
        from engine import negotiate

        def get():
            return negotiate(html=("page", 201), json=lambda: ({"a": 1}, 202))
    """
    door = served({"pages/a.py": page})
    assert door.get("/a/").status == 201
    assert door.client.get("/a/", headers={"Accept": "application/json"}).status_code == 202


def test_a_page_that_negotiates_stays_with_the_server(
    tmp_path: object, served: Callable[..., Served]
) -> None:
    from engine.freeze.freeze import FreezeOptions, freeze

    door = served(FILES)
    report = freeze(door.app, FreezeOptions(str(door.app.root + "/dist"), jobs=1))
    assert "reads the headers of the request" in str(report.faults[0])
