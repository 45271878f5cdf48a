"""`engine preview`: the frozen files as a plain static host serves them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from werkzeug.test import Client, EnvironBuilder, run_wsgi_app

from commands import Process, command, run
from doors import Answer, freeze_site, write_site
from engine.dev.preview import StaticHost

FILES = {
    "index.html": "<!doctype html>Home",
    "about/index.html": "<!doctype html>About",
    "größe/index.html": "<!doctype html>Größe",
    "empty/data.json": "{}",
    "feed.xml": "<feed/>",
    "style.css": "p { color: red }",
    "404.html": "<!doctype html>Nothing here",
    ".engine.json": "{}",
    ".well-known/security.txt": "Contact: us",
}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        file = tmp_path / "dist" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (tmp_path / "secret.txt").write_text("SECRET")
    (tmp_path / "dist-of-another").mkdir()
    (tmp_path / "dist-of-another/secret.txt").write_text("SECRET")
    (tmp_path / "dist/leak.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "dist/leak").symlink_to(tmp_path)
    return tmp_path / "dist"


def get(output: Path, path: str, base: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw, _, query = path.partition("?")
    environ = EnvironBuilder(headers=named, query_string=query).get_environ()
    environ["PATH_INFO"] = unquote_to_bytes(raw).decode("latin-1")
    body, status, answered = run_wsgi_app(StaticHost(str(output), base), environ, buffered=True)
    return Answer(int(status[:3]), b"".join(body), answered)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("/", "Home", "text/html; charset=utf-8"),
        ("/about/", "About", "text/html; charset=utf-8"),
        ("/about/index.html", "About", "text/html; charset=utf-8"),
        ("/gr%C3%B6%C3%9Fe/", "Größe", "text/html; charset=utf-8"),
        ("/feed.xml", "<feed/>", "application/xml"),
        ("/style.css?v=1", "red", "text/css; charset=utf-8"),
        ("/empty/data.json", "{}", "application/json"),
        ("/.well-known/security.txt", "Contact", "text/plain; charset=utf-8"),
    ],
)
def test_a_file_is_served_with_its_type(output: Path, path: str, text: str, kind: str) -> None:
    answer = get(output, path)
    assert answer.status == 200
    assert text in answer.text
    assert answer.headers["Content-Type"] == kind


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/about", "/about/"),
        ("/about?a=1&b=%20", "/about/?a=1&b=%20"),
        ("/gr%C3%B6%C3%9Fe", "/gr%C3%B6%C3%9Fe/"),
        ("//about", "/about/"),
        ("///about", "/about/"),
    ],
)
def test_a_directory_wants_its_slash(output: Path, path: str, location: str) -> None:
    answer = get(output, path)
    assert answer.status == 301
    assert answer.headers["Location"] == location


@pytest.mark.parametrize(
    "path",
    [
        "/missing",
        "/missing/",
        "/feed.xml/",
        "/empty",
        "/empty/",
        "/About/",
        "/.engine.json",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/about/../../secret.txt",
        "/../dist-of-another/secret.txt",
        "/leak.txt",
        "/leak/secret.txt",
        "/%00",
        "/%ff",
        "/" + "a" * 5000,
        "/about\\..\\..\\secret.txt",
    ],
)
def test_everything_else_is_the_frozen_404(output: Path, path: str) -> None:
    answer = get(output, path)
    assert answer.status == 404
    assert answer.text == "<!doctype html>Nothing here"


def test_an_empty_path_is_the_start(output: Path) -> None:
    assert "Home" in get(output, "").text


def test_without_a_404_page_there_is_a_plain_one(output: Path) -> None:
    (output / "404.html").unlink()
    answer = get(output, "/missing")
    assert (answer.status, answer.text) == (404, "404 NOT FOUND\n")


def test_parts_and_versions_are_told_apart(output: Path) -> None:
    part = get(output, "/style.css", Range="bytes=4-8")
    assert (part.status, part.text) == (206, "color")
    tag = get(output, "/style.css").headers["ETag"]
    assert get(output, "/style.css", If_None_Match=tag).status == 304


def test_only_reading_is_answered(output: Path) -> None:
    assert Client(StaticHost(str(output))).post("/").status_code == 405
    assert Client(StaticHost(str(output))).head("/style.css").get_data() == b""


def test_a_site_below_a_prefix_is_there_and_nowhere_else(output: Path) -> None:
    assert "About" in get(output, "/docs/about/", "/docs").text
    assert get(output, "/docs/about", "/docs").headers["Location"] == "/docs/about/"
    assert get(output, "/docs", "/docs").headers["Location"] == "/docs/"
    assert get(output, "/", "/docs").headers["Location"] == "/docs/"
    assert get(output, "/about/", "/docs").status == 404
    assert get(output, "/docsabout/", "/docs").status == 404


SITE = {
    "site.toml": 'base_url = "https://example.org/docs"\n',
    "pages/index.md": "Home, [about](about.md)\n",
    "pages/about.md": "About\n",
    "pages/404.md": "Nothing here\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


@pytest.fixture
def preview(root: Path) -> Iterator[Process]:
    assert not freeze_site(root, root / "dist").faults
    with Process(command("preview", root, "-p", "0")) as process:
        yield process.ready("/docs/")


def test_what_was_frozen_is_served_unchanged(preview: Process, root: Path) -> None:
    page = preview.ask("/docs/about/")
    assert page.body == (root / "dist/about/index.html").read_bytes()
    assert "_engine" not in page.text
    assert f"{preview.origin}/docs/" in preview.said
    assert preview.ask("/docs/missing/").status == 404
    assert "Nothing here" in preview.ask("/docs/missing/").text
    assert preview.ask("/docs/", Host="evil.example").status == 403
    assert preview.stop() == 0


def test_without_a_frozen_site_it_says_how_to_make_one(root: Path) -> None:
    ended = run("preview", root)
    assert ended.returncode == 1
    assert ended.stderr == f"There is no frozen site in {root / 'dist'}. Make it: engine freeze {root}\n"
