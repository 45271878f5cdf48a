"""The reference page in a browser: styled under its own policy, at every width, in both schemes, without a script."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from api_site import LOAVES
from commands import Process, command
from doors import write_site

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = {
        **LOAVES,
        "site.toml": "[headers]\nContent-Security-Policy = \"default-src 'self'\"\n",
        "static/favicon.ico": b"x",
    }
    root = write_site(tmp_path_factory.mktemp("site"), files)
    with Process(command("serve", root, "--port", "0")).ready("/api/") as server:
        yield server.origin


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_reads_well(chromium: object, origin: str, width: int, scheme: str) -> None:
    page = chromium.new_page(  # type: ignore[attr-defined]
        viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    told: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{origin}/api/")
    colours = page.evaluate(
        "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    )
    light = [sum(map(int, it[4:-1].split(","))) / 3 for it in colours]
    assert abs(light[0] - light[1]) > 150 and (light[0] < light[1]) is (scheme == "light")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("nav a[href='#post_api_loaves']")
    assert page.evaluate("document.querySelector('#post_api_loaves').getBoundingClientRect().top") < 100
    assert told == []
    assert {it.partition("#")[0] for it in asked} <= {
        f"{origin}/api/",
        f"{origin}/favicon.ico",
    }
    page.close()
