"""nginx with the configuration that is written for it answers as the server does."""

from __future__ import annotations

import gzip
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from commands import REPOSITORY, Process
from doors import freeze_site, write_site
from engine import create_app
from engine.freeze.finishing import Finish
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.hosts.asking import Answer, ask
from engine.freeze.hosts.inventory import host_of, inventory
from engine.freeze.publish.write import read_manifest
from hosts_tools import free_port
from test_contract import SOUND, copy_of
from web_servers import NGINX, nginx_running

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

STATIC = sorted(name for name in SOUND if not SOUND[name].get("hybrid"))


def same(ours: Answer, theirs: Answer) -> None:
    """Status, body, type and location agree."""
    assert theirs.status == ours.status
    assert theirs.header("Location") == ours.header("Location")
    if not theirs.header("Location"):
        assert theirs.body == ours.body
    assert theirs.header("Content-Type") == ours.header("Content-Type")


@pytest.mark.parametrize("name", STATIC)
def test_frozen_files_are_answered_as_by_the_server(name: str, tmp_path: Path) -> None:
    root = copy_of(name, tmp_path / "site")
    settings = SOUND[name].get("settings", {})
    report = freeze_site(root, tmp_path / "dist", **settings)
    assert not report.faults
    app = create_app(root, **settings)
    deployment = inventory(app, read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    with nginx_running(deployment, tmp_path / "nginx") as get:
        for url in SOUND[name]["url"]:
            if not {"served_only", "method", "headers"} & url.keys():
                same(ask(app, url["path"], host=host_of(app)), get(url["path"]))
        for output in deployment.outputs:
            if output.status == 200:
                same(ask(app, output.url, host=host_of(app)), get(output.url))


@pytest.mark.parametrize("name", ["example", *(pytest.param(it, marks=pytest.mark.long) for it in SOUND)])
def test_in_front_of_the_server_every_answer_is_the_servers(name: str, tmp_path: Path) -> None:
    """Files come from the disk, everything else from gunicorn; nobody can tell."""
    settings: dict[str, Any] = {"freeze__output": str(tmp_path / "dist")}
    if name == "example":
        root = shutil.copytree(REPOSITORY / "sites" / "example", tmp_path / "site")
        asked = [{"path": path} for path in EXAMPLE]
    else:
        root = copy_of(name, tmp_path / "site")
        settings |= SOUND[name].get("settings", {})
        asked = SOUND[name]["url"]
    assert not freeze_site(root, tmp_path / "dist", hybrid=True, **settings).faults
    app = create_app(root, **settings)
    port = free_port()
    files = read_manifest(tmp_path / "dist")
    site = inventory(app, files, root=str(tmp_path / "dist"), hybrid=True, server=f"127.0.0.1:{port}")
    environment = {f"ENGINE_{key.upper()}": str(value) for key, value in settings.items()}
    arguments = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "engine.wsgi:app"]
    environment.setdefault("ENGINE_SECRET_KEY", "a key")
    with Process(arguments, ENGINE_SITE=str(root), **environment) as server:
        server.port = port
        server.answering()
        with nginx_running(site, tmp_path / "nginx") as get:
            for url in asked:
                if ".." not in url["path"]:  # which nginx resolves before it looks at it
                    expected = server.ask(url["path"], url.get("method", "GET"))
                    answer = Answer(expected.status, tuple(expected.headers.items()), expected.body)
                    same(answer, get(url["path"], url.get("method", "GET")))
            for output in site.pages:
                from_disk = get(output.url).header("ETag")
                assert from_disk and from_disk != ask(app, output.url, host=host_of(app)).header("ETag")


def test_the_rules_say_what_a_host_cannot_tell_from_names(tmp_path: Path) -> None:
    """The declared headers, an unlucky spelling, HEAD, and a location that must not leave the site."""
    files = {
        "pages/index.md": "# Home",
        "pages/about.md": "# About",
        "pages/data.json.py": "from engine import Response\n"
        "def get():\n    return Response('{}', mimetype='application/json', headers={'Cache-Control': 'max-age=60'})\n",
        "site.toml": '[redirects]\n"/old/[slug]/" = "/[slug]/"\n"/files/[...path]" = {to = "/[...path]", code = 301}\n'
        '"/shop/" = 410\n"/sold/[slug]/" = 410\n',
    }
    root = write_site(tmp_path / "site", files)
    assert not freeze_site(root, tmp_path / "dist").faults
    site = inventory(create_app(root), read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    with nginx_running(site, tmp_path / "nginx") as get:
        assert [get(it).status for it in ("/shop", "/shop/", "/sold/x/", "/sold/")] == [410, 410, 410, 404]
        assert get("/data.json").header("Cache-Control") == "max-age=60"
        assert get("/about?x=1").header("Location") == "/about/?x=1"
        assert get("/old/about").header("Location") == "/about/"
        assert get("/files/a/b").status == 301
        assert get("/files/a/b").header("Location") == "/a/b"
        assert get("//about").status == 404
        assert get("/%2fabout").status == 404
        assert get("/about/index.html").status == 404
        assert get("/.engine.json").status == 404
        assert get("/_redirects").status == 404
        head = get("/about/", "HEAD")
        assert (head.status, head.body) == (200, b"")


def test_compressed_files_are_sent_to_those_who_take_them(tmp_path: Path) -> None:
    pytest.importorskip("brotli", reason="the extra `compress` is not installed")
    root = write_site(tmp_path / "site", {"pages/index.md": "word " * 500, "static/a.txt.gz": b"an author's"})
    app, output = create_app(root), tmp_path / "dist"
    assert not freeze(app, FreezeOptions(str(output), finish=Finish(compress=True))).faults
    site = inventory(app, read_manifest(output), root=str(output), compressed=True)
    with nginx_running(site, tmp_path / "nginx") as get:
        page, plain = get("/", **{"Accept-Encoding": "gzip"}), get("/")
        assert (page.header("Content-Encoding"), page.header("Vary")) == ("gzip", "Accept-Encoding")
        assert gzip.decompress(page.body) == plain.body == ask(app, "/").body
        assert page.header("Content-Type") == plain.header("Content-Type")
        assert plain.header("Content-Encoding") == ""
        assert get("/index.html.gz").status == get("/index.html.br").status == 404
        assert get("/a.txt.gz").body == b"an author's"


EXAMPLE = [
    "/",
    "/about",
    "/blog/",
    "/blog/nowhere/",
    "/nowhere",
    "/telescopes/",
    "/telescopes",
    "/api/visits/3/",
    "/api/visits/x/",
    "/contact/",
    "/members/",
    "/members/night-sheet.svg",
    "/feed.xml/",
    "/_redirects",
    "/.engine.json",
    "/404.html",
    "/blog/index.html",
]
