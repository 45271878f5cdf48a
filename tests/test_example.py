"""The example does what a person would want to start from, and can be looked at on any screen."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from werkzeug.test import Client

from doors import Served, freeze_site
from engine import App, SiteError, create_app
from pytest_tools import run_pytest

EXAMPLE = Path(__file__).parents[1] / "sites" / "example"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def app() -> App:
    return Served(EXAMPLE, secret_key="only for tests", session__secure=False).app


@pytest.fixture
def client(app: App) -> Client:
    return Client(app)


def copied(folder: Path) -> Path:
    """A copy of the site, to be changed."""
    root = folder / "example"
    private = shutil.ignore_patterns("dist", "deploy", "instance", ".engine", "__pycache__")
    shutil.copytree(EXAMPLE, root, ignore=private)
    return root


def paths(app: App) -> list[str]:
    """Every page that a visitor may see, one of each kind with a parameter, and two that do not exist."""
    fixed = [page.path for page in app.site.pages if not page.path.startswith("/members")]
    found = [
        app.url_for("/instruments/[slug]", slug="barn-reflector"),
        app.url_for("/years/[year=year]", year=2025),
        app.url_for("/tags/[tag]", tag="visitors"),
    ]
    return [*fixed, *found, "/contact/", "/login/", "/nothing/", "/blog/nothing/"]


def test_the_contact_form_checks_thanks_and_redirects(client: Client) -> None:
    wrong = client.post("/contact/", data={"name": "<Ada>", "email": "ada"})
    assert wrong.status_code == 422
    assert 'value="&lt;Ada&gt;"' in wrong.text, "what was written is not lost"
    assert "Please give an address" in wrong.text and "Please write a sentence" in wrong.text
    right = {
        "name": "Ada",
        "email": "ada@example.org",
        "subject": "visit",
        "text": "May we come on Saturday?",
    }
    sent = client.post("/contact/", data=right)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/contact/")
    assert "Thank you, Ada." in client.get("/contact/").text
    assert "Thank you, Ada." not in client.get("/contact/").text, "it is said once"


def test_the_members_pages_and_their_files_are_behind_the_guard(client: Client) -> None:
    inside = ("/members/", "/members/opening-up/", "/members/night-sheet.svg", "/members/nothing/")
    for path in inside:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/login/"), path
    assert client.post("/login/", data={"name": "Ada", "password": "wrong"}).status_code == 422
    assert client.post("/login/", data={"name": "Ada", "password": "first light"}).status_code == 303
    assert [client.get(path).status_code for path in inside] == [200, 200, 200, 404]
    assert "no-store" in client.get("/members/").headers["Cache-Control"]
    assert client.post("/logout/").status_code == 303
    assert client.get("/members/").status_code == 303


def test_the_api_answers_machines(client: Client) -> None:
    nights = json.loads(client.get("/api/nights.json").text)["nights"]
    assert len(nights) == 6 and nights[0]["date"] == "2026-03-21"
    assert client.get("/api/visits/2/?party=5").json == {
        "id": 2,
        "date": "2026-03-28",
        "left": 7,
        "fits": True,
    }
    assert client.get("/api/visits/99/").status_code == 404
    assert client.get("/api/visits/two/").status_code == 404


def test_the_feed_and_the_sitemap_are_sound_and_lead_to_pages(client: Client) -> None:
    home = "https://hollinedge.example"
    feed = ET.fromstring(client.get("/feed.xml").data)
    entries = feed.findall("{*}entry")
    assert len(entries) >= 5
    found = [entry.find("{*}link").get("href") for entry in entries]  # type: ignore[union-attr]
    sitemap = ET.fromstring(client.get("/sitemap.xml").data).findall(".//{*}loc")
    assert len(sitemap) >= 20
    found += [place.text for place in sitemap]
    assert all(address.startswith(home) for address in found)
    assert {client.get(address.removeprefix(home)).status_code for address in found} == {200}


def test_a_night_with_more_visitors_than_places_is_a_fault(tmp_path: Path) -> None:
    root = copied(tmp_path)
    nights = root / "data" / "nights.yaml"
    nights.write_text(nights.read_text("utf-8").replace("booked: ", "booked: 9", 1), "utf-8")
    with pytest.raises(
        SiteError, match=r"^data/nights.yaml: 9\d+ visitors are booked for the \d+ places of 2026"
    ):
        create_app(root)


def test_a_page_that_is_too_heavy_for_the_hill_is_not_published(tmp_path: Path) -> None:
    root = copied(tmp_path)
    long = root / "pages" / "(pages)" / "about.md"
    long.write_text(long.read_text("utf-8") + "\nAnd so on." * 6000, "utf-8")
    [fault] = freeze_site(root, tmp_path / "dist", hybrid=True).faults
    assert re.match(r"about/index.html: it has \d\d,\d+ bytes, more than 60,000. Split the page.", str(fault))


@pytest.mark.long
def test_its_own_tests_pass(tmp_path: Path) -> None:
    root = copied(tmp_path)
    ended = run_pytest(root / "tests", "-c", "/dev/null", "-k", "not .::", "--site", root, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout


def test_an_error_page_belongs_to_its_directory(client: Client) -> None:
    assert "Nothing at these coordinates" in client.get("/nothing/").text
    assert "No such entry" in client.get("/blog/nothing/").text


def test_no_page_needs_a_script_or_another_host(app: App, client: Client) -> None:
    for path in paths(app):
        page = client.get(path).text
        assert "<script" not in page, path
        assert re.search(r"\son[a-z]+=", page) is None, path
        assert not re.findall(r'(?:src|srcset|stylesheet" href)="(?:https?:)?//', page), path


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def origin(app: App) -> Iterator[str]:
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed; name one in $CHROMIUM")
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_its_screen_and_none_is_blank_in_the_dark(
    app: App, origin: str, width: int
) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        grounds = set()
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            for path in paths(app):
                if path.endswith((".xml", ".txt")):
                    continue
                page.goto(origin + path)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
                ground, ink = page.evaluate(
                    "[document.documentElement, document.querySelector('h1')].map("
                    "(it, n) => getComputedStyle(it)[n ? 'color' : 'backgroundColor'])"
                )
                assert ground != ink, path
                grounds.add(ground)
            page.close()
        browser.close()
    assert len(grounds) == 2, "the night has colours of its own"
