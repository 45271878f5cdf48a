"""A saved edit is seen in a browser, without a hand on it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import Process, command
from doors import write_site

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed; name one in $CHROMIUM")

LAYOUT = (
    '<!doctype html><html><head><link rel="stylesheet" href="/style.css"></head>'
    "<body>{{ content }}<div style='height: 4000px'></div></body></html>"
)
TEXT = "---\ntitle: Text\n---\n"
SITE = {
    "pages/text.md": f"{TEXT}One\n",
    "pages/_layout.html": LAYOUT,
    "pages/index.html": "<p id='text'>One</p>",
    "pages/fails.py": "def get():\n    return 1 / 0\n",
    "static/style.css": "p { color: rgb(1, 2, 3) }",
}


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


@pytest.fixture
def dev(root: Path) -> Iterator[Process]:
    with Process(command("dev", root, "-p", "0")) as process:
        yield process.ready()


@pytest.fixture
def page(chromium: object, dev: Process) -> Iterator[object]:
    page = chromium.new_page()  # type: ignore[attr-defined]
    page.set_default_timeout(60_000)
    with page.expect_request("**/_engine/events*"):
        page.goto(dev.origin)
    yield page
    page.close()


def colour(page: object) -> Callable[[str], object]:
    return lambda expected: page.wait_for_function(  # type: ignore[attr-defined]
        f"getComputedStyle(document.querySelector('#text')).color === '{expected}'"
    )


def test_a_saved_edit_shows_up_where_one_was_reading(page, root: Path) -> None:  # type: ignore[no-untyped-def]
    page.evaluate("scrollTo(0, 1500)")
    page.evaluate("window.before = true")
    (root / "pages/index.html").write_text("<p id='text'>Two</p>")
    page.wait_for_function("document.querySelector('#text').textContent === 'Two'")
    assert page.evaluate("window.before") is None, "the page was asked for again"
    page.wait_for_function("scrollY === 1500")


def test_another_text_is_put_into_the_page(page, root: Path, dev: Process) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{dev.origin}/text/")
    page.evaluate("window.before = true; scrollTo(0, 1500)")
    for word in ("Two", "Three"):
        (root / "pages/text.md").write_text(f"{TEXT}{word}\n")
        page.wait_for_function(f"document.querySelector('p').textContent === '{word}'")
    assert page.evaluate("[window.before, scrollY]") == [True, 1500], "the page stayed"
    (root / "pages/text.md").write_text("---\ntitle: Another\n---\nFour\n")
    page.wait_for_function("document.querySelector('p').textContent === 'Four'")
    assert page.evaluate("window.before") is None, "it was asked for again"


@pytest.mark.long
def test_a_page_with_a_script_is_asked_for_again(page, root: Path, dev: Process) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{dev.origin}/text/")
    page.evaluate("window.before = true")
    (root / "pages/text.md").write_text(
        f"{TEXT}Two\n\n<script>document.body.append(document.createElement('hr'))</script>\n"
    )
    page.wait_for_function("document.querySelector('hr')")
    assert page.evaluate("window.before") is None
    (root / "pages/text.md").write_text(f"{TEXT}Three\n")
    page.wait_for_function("document.querySelector('p').textContent === 'Three'")


def test_a_style_sheet_is_swapped_in_place(page, root: Path) -> None:  # type: ignore[no-untyped-def]
    page.evaluate("window.before = true")
    for number in (7, 8):
        (root / "static/style.css").write_text(f"p {{ color: rgb({number}, 2, 3) }}")
        colour(page)(f"rgb({number}, 2, 3)")
    page.wait_for_function("document.querySelectorAll('link').length === 1")
    assert page.evaluate("window.before") is True, "the page stayed"


@pytest.mark.long
@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'none'",
        "default-src 'none'; style-src 'self'",
        "script-src 'nonce'; connect-src https://api.example",
        "script-src 'nonce' 'strict-dynamic'; default-src 'self'",
        "script-src 'unsafe-inline', default-src https://cdn.example",
    ],
)
def test_a_page_with_a_strict_policy_hears_of_changes(page, root: Path, dev: Process, policy: str) -> None:  # type: ignore[no-untyped-def]
    (root / "pages/_hooks.py").write_text(
        "from engine import csp_nonce\ndef before_request():\n    csp_nonce()\n"
    )
    (root / "site.toml").write_text(f'[headers]\nContent-Security-Policy = "{policy}"\n')
    page.wait_for_event("load")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    with page.expect_request("**/_engine/events*"):
        page.goto(f"{dev.origin}/text/")
    (root / "pages/text.md").write_text(f"{TEXT}Two\n")
    page.get_by_text("Two").wait_for()
    assert not [text for text in said if "_engine" in text]


@pytest.mark.long
def test_a_break_is_shown_and_its_mend_too(page, root: Path) -> None:  # type: ignore[no-untyped-def]
    (root / "pages/index.html").write_text("<p id='text'>\n{% if %}</p>")
    page.wait_for_selector("text=pages/index.html:2")
    (root / "pages/index.html").write_text("<p id='text'>Mended</p>")
    page.wait_for_function("document.querySelector('#text')?.textContent === 'Mended'")


@pytest.mark.long
def test_a_failing_handler_is_shown_and_its_mend_too(page, root: Path, dev: Process) -> None:  # type: ignore[no-untyped-def]
    page.goto(f"{dev.origin}/fails/")
    page.wait_for_selector("text=ZeroDivisionError")
    (root / "pages/fails.py").write_text("def get():\n    return '<!doctype html><p id=text>Mended'\n")
    page.wait_for_function("document.querySelector('#text')?.textContent === 'Mended'")


@pytest.mark.long
def test_a_page_finds_a_server_that_was_started_anew(page, root: Path, dev: Process) -> None:  # type: ignore[no-untyped-def]
    dev.stop()
    (root / "pages/index.html").write_text("<p id='text'>Anew</p>")
    with Process(command("dev", root, "-p", str(dev.port))) as again:
        again.ready()
        page.wait_for_function("document.querySelector('#text')?.textContent === 'Anew'")
        (root / "pages/index.html").write_text("<p id='text'>And on</p>")
        page.wait_for_function("document.querySelector('#text')?.textContent === 'And on'")


@pytest.mark.long
def test_a_page_of_another_origin_learns_nothing(chromium, dev: Process, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Neither by asking for a page, nor by listening with the right token."""
    other = write_site(tmp_path / "other", {"pages/index.md": "Elsewhere\n"})
    with Process(command("dev", other, "-p", "0")) as elsewhere:
        elsewhere.ready()
        page = chromium.new_page()
        page.goto(elsewhere.origin)
        token = dev.browse().text.partition("?t=")[2].partition("&amp;")[0]
        read = "url => fetch(url).then(answer => answer.text(), () => 'refused')"
        assert page.evaluate(read, dev.origin) == "refused"
        listen = """url => new Promise(done => {
            const source = new EventSource(url);
            source.onopen = () => done('open');
            source.onerror = () => done(source.readyState === 2 ? 'refused' : 'failed');
        })"""
        assert page.evaluate(listen, f"{dev.origin}/_engine/events?t={token}&v=0") == "refused"
        page.close()
