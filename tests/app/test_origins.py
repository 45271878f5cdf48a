"""What a page of another site sends is refused, unless the site says otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Served
from engine import SiteError

PAGE = """{}freeze = False

def get():
    return "got"

def post():
    return "posted"

delete = put = post
"""
HERE, ELSEWHERE = "http://localhost", "https://evil.example"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "made up"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": ELSEWHERE}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, 403),
        ({"Origin": HERE}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "http://localhost:81"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": ELSEWHERE}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_unsafe_request_must_come_from_here(
    served: Callable[..., Served], method: str, headers: dict[str, str], status: int
) -> None:
    opened = served({"pages/a.py": PAGE.format("")})
    assert opened.get("/a/", method=method, headers=headers).status == status
    assert opened.get("/a/", headers=headers).status == 200


def test_a_site_may_trust_others(served: Callable[..., Served]) -> None:
    opened = served({"pages/a.py": PAGE.format("")}, trusted_origins=("https://friend.example",))
    for origin, status in (("https://friend.example", 200), ("http://friend.example", 403), (ELSEWHERE, 403)):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        assert opened.get("/a/", method="POST", headers=headers).status == status


def test_a_page_and_a_directory_may_take_what_anybody_sends(served: Callable[..., Served]) -> None:
    opened = served(
        {
            "pages/a.py": PAGE.format("csrf = False\n"),
            "pages/hooks/_data.yaml": "csrf: false\n",
            "pages/hooks/b.py": PAGE.format(""),
            "pages/hooks/c.py": PAGE.format("csrf = True\n"),
        }
    )
    found = {path: opened.get(path, method="POST", headers={"Origin": ELSEWHERE}).status for path in PATHS}
    assert found == {"/a/": 200, "/hooks/b/": 200, "/hooks/c/": 403}


PATHS = ("/a/", "/hooks/b/", "/hooks/c/")


def test_the_refusal_is_an_error_page_of_the_site(served: Callable[..., Served]) -> None:
    opened = served(
        {
            "pages/a.py": PAGE.format(""),
            "pages/403.html": "---\nlayout: false\n---\nNo: {{ error.description }}",
            "pages/_hooks.py": "def before_request():\n    raise RuntimeError('is not called')\n",
        }
    )
    answer = opened.get("/a/", method="POST", headers={"Origin": ELSEWHERE})
    assert (answer.status, answer.text) == (403, "No: This request comes from a page of another site.")


@pytest.mark.parametrize(
    "origin",
    [
        *("example.org", "https://example.org/", "https://example.org/a", "null", ""),
        *("https://Example.org", "https://example.org:443", "http://example.org:80", "https://*.example.org"),
    ],
)
def test_an_origin_that_no_browser_sends_is_a_fault(served: Callable[..., Served], origin: str) -> None:
    with pytest.raises(SiteError, match=r"site.toml:1.* `trusted_origins` must be like https://example.org"):
        served({"site.toml": f'trusted_origins = ["{origin}"]\n'})


def test_a_setting_that_is_no_flag_is_a_fault(served: Callable[..., Served]) -> None:
    with pytest.raises(SiteError, match="`csrf` must be True or False, not 'no'"):
        served({"pages/a.py": PAGE.format("csrf = 'no'\n")})


@pytest.mark.parametrize("origin", ["https://xn--caf-dma.example", "http://[::80]", "https://a.example:80"])
def test_an_origin_that_browsers_send_is_taken(served: Callable[..., Served], origin: str) -> None:
    opened = served({"pages/a.py": PAGE.format("")}, trusted_origins=(origin,))
    assert opened.get("/a/", method="POST", headers={"Origin": origin}).status == 200
