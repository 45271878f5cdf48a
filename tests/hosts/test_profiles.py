"""`engine preview --host-profile`: what each host makes of slashes, case, suffixes, unknown addresses and types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from commands import Process, command
from doors import Files, freeze_site, write_site
from engine.freeze.hosts.table import EMULATED

SITE: Files = {
    "pages/index.md": "# Home\n",
    "pages/about.md": "# About\n",
    "pages/404.html": "---\nlayout: false\n---\nNot here",
    "static/app.js": "1",
    "static/LICENSE": "Yours",
    "static/_redirects": "/us /about/ 302\n",
}
STRICT = ["nginx", "caddy", "apache"]
# What is asked → by host the status, and where it leads or what type it has.
EXPECTED: dict[str, dict[str, tuple[int, str]]] = {
    "/about/": dict.fromkeys(EMULATED, (200, "text/html; charset=utf-8")),
    "/about": {
        **dict.fromkeys([*STRICT, "cloudflare", "cloudfront"], (308, "/about/")),
        **dict.fromkeys(["netlify", "github"], (301, "/about/")),
    },
    "/about?a=1": {
        **dict.fromkeys([*STRICT, "cloudflare", "cloudfront"], (308, "/about/?a=1")),
        **dict.fromkeys(["netlify", "github"], (301, "/about/?a=1")),
    },
    "/about/index.html": {
        **dict.fromkeys([*STRICT, "cloudfront"], (404, "text/html; charset=utf-8")),
        "cloudflare": (308, "/about/"),
        **dict.fromkeys(["netlify", "github"], (200, "text/html; charset=utf-8")),
    },
    "/ABOUT/": {
        **dict.fromkeys(EMULATED, (404, "text/html; charset=utf-8")),
        "netlify": (301, "/about/"),
    },
    "/app.js": {
        **dict.fromkeys(EMULATED, (200, "text/javascript; charset=utf-8")),
        "github": (200, "application/javascript; charset=utf-8"),
    },
    "/App.js": {
        **dict.fromkeys(EMULATED, (404, "text/html; charset=utf-8")),
        "netlify": (200, "application/javascript; charset=utf-8"),
    },
    "/LICENSE": dict.fromkeys(EMULATED, (200, "application/octet-stream")),
    "/_redirects": {
        **dict.fromkeys(EMULATED, (404, "text/html; charset=utf-8")),
        **dict.fromkeys(["netlify", "github"], (200, "application/octet-stream")),
        "cloudfront": (308, "/_redirects/"),
    },
    "/nowhere/": dict.fromkeys(EMULATED, (404, "text/html; charset=utf-8")),
    "/nowhere.txt": dict.fromkeys(EMULATED, (404, "text/html; charset=utf-8")),
}
NEVER: dict[str, dict[str, tuple[int, str]]] = {
    "/about": dict.fromkeys(EMULATED, (200, "text/html; charset=utf-8")),
    "/about/": {
        **dict.fromkeys([*STRICT, "cloudflare", "cloudfront"], (308, "/about")),
        "netlify": (301, "/about"),
        "github": (404, "text/html; charset=utf-8"),
    },
}


@pytest.fixture(params=EMULATED)
def host(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def previewed(site: Path, host: str) -> Iterator[Process]:
    report = freeze_site(site, site / "dist")
    assert not report.faults
    with Process(command("preview", site, "--host-profile", host, "--port", "0")).ready() as server:
        yield server


def said(server: Process, url: str) -> tuple[int, str]:
    answer = server.ask(url)
    return answer.status, answer.headers.get("Location") or answer.headers["Content-Type"]


@pytest.mark.long
def test_a_site_with_slashes(host: str, tmp_path: Path) -> None:
    for server in previewed(write_site(tmp_path / "site", SITE), host):
        assert {url: said(server, url) for url in EXPECTED} == {url: it[host] for url, it in EXPECTED.items()}
        assert server.ask("/nowhere/").text == "Not here"


def test_a_site_without_slashes(host: str, tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", {**SITE, "site.toml": 'slash = "never"\n'})
    for server in previewed(site, host):
        assert {url: said(server, url) for url in NEVER} == {url: it[host] for url, it in NEVER.items()}


def test_a_hybrid_site_has_itself_behind_the_host(tmp_path: Path) -> None:
    hybrid = {
        **SITE,
        "site.toml": "[freeze]\nhybrid = true\n",
        "pages/echo.py": """
            from engine import request

            freeze = False


            def post():
                return request.form["x"]
            """,
    }
    for server in previewed(write_site(tmp_path / "site", hybrid), "nginx"):
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        assert server.ask("/echo/", "POST", b"x=hello", **form).text == "hello"
        assert server.ask("/echo/").status == 405
        assert server.ask("/about").headers["Location"] == "/about/"
