"""What proxies say of a visitor is believed as far as the settings count them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Served

PAGE = """
    def get(request):
        return f"{request.remote_addr} {request.scheme} {request.host}"
"""
SAID = {
    "X-Forwarded-For": "192.0.2.1, 192.0.2.2, 192.0.2.3",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "666",
}
SERVER = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "127.0.0.1 http localhost"),
        (1, "192.0.2.3 https localhost"),
        (2, "192.0.2.2 https localhost"),
        (3, "192.0.2.1 https localhost"),
        (4, "127.0.0.1 https localhost"),
    ],
)
def test_the_visitor_is_the_one_before_the_last_trusted_proxy(
    served: Callable[..., Served], number: int, expected: str
) -> None:
    door = served({"pages/a.py": PAGE}, trusted_proxies=number)
    assert door.client.get("/a/", headers=SAID, environ_overrides=SERVER).text == expected


def test_a_negative_number_of_proxies_is_a_fault(faults: Callable[..., list[str]]) -> None:
    assert faults({"site.toml": "trusted_proxies = -1\n"}) == [
        "site.toml:1:1: `trusted_proxies` must be a number of proxies, not -1. 0 is none."
    ]


def test_a_partitioned_session_is_told_so_to_browsers(served: Callable[..., Served]) -> None:
    page = "from engine import session\n\n\ndef get():\n    session['a'] = 1\n    return ''\n"
    files = {
        "pages/a.py": page,
        "site.toml": "secret_key = 'k'\n[session]\npartitioned = true\nsame_site = 'None'\n",
    }
    cookie = served(files).get("/a/").headers["Set-Cookie"]
    assert {"Secure", "SameSite=None", "Partitioned"} <= set(cookie.split("; "))


def test_a_session_for_all_sites_is_for_this_one_where_there_is_no_https(
    served: Callable[..., Served],
) -> None:
    page = "from engine import session\n\n\ndef get():\n    session['a'] = 1\n    return ''\n"
    files = {"pages/a.py": page, "site.toml": "[session]\npartitioned = true\nsame_site = 'None'\n"}
    cookie = served(files, dev=True, secret_key="k").get("/a/").headers["Set-Cookie"]
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "SameSite=Lax", "Path=/"}


@pytest.mark.parametrize("said", ["partitioned = true", 'same_site = "None"'])
def test_a_session_for_all_sites_must_be_secure(faults: Callable[..., list[str]], said: str) -> None:
    [fault] = faults({"site.toml": f"[session]\n{said}\nsecure = false\n"})
    key = said.replace(" = true", "")
    assert fault.startswith(f"site.toml:2:1: `session.{key}` needs `session.secure`. ")


@pytest.mark.parametrize("name", ["", "a b", "a;b", "a=b"])
def test_a_name_that_no_cookie_has_is_a_fault(faults: Callable[..., list[str]], name: str) -> None:
    [fault] = faults({"site.toml": f'[session]\ncookie = "{name}"\n', "pages/a.md": "x"})
    assert fault.startswith(f"site.toml:2:1: `session.cookie` must be the name of a cookie, not {name!r}. ")
