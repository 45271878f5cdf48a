"""Caddy and Apache with the configuration that is written for them answer as the server does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest

from doors import freeze_site, write_site
from engine import create_app
from engine.freeze.finishing import Finish
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.hosts.asking import Answer, ask
from engine.freeze.hosts.inventory import host_of, inventory
from engine.freeze.publish.write import read_manifest
from hosts_tools import asked
from test_contract import SOUND, copy_of
from web_servers import apache_running, caddy_running

SERVERS = {"caddy": caddy_running, "apache2": apache_running}
STATIC = [name for name in SOUND if not SOUND[name].get("hybrid")]


@pytest.mark.parametrize("which", SERVERS)
@pytest.mark.parametrize("name", STATIC)
def test_frozen_files_are_answered_as_by_the_server(name: str, which: str, tmp_path: Path) -> None:
    if shutil.which(which) is None:
        pytest.skip(f"{which} is not installed")
    root, settings = copy_of(name, tmp_path / "site"), SOUND[name].get("settings", {})
    assert not freeze_site(root, tmp_path / "dist", **settings).faults
    app = create_app(root, **settings)
    site = inventory(app, read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    (tmp_path / "home").mkdir()
    running: Callable[..., object] = SERVERS[which]
    cannot = {output.url for output in site.literal}
    with running(site, tmp_path / "home") as port:  # type: ignore[attr-defined]
        urls = [
            url["path"] for url in SOUND[name]["url"] if not {"served_only", "method", "headers"} & url.keys()
        ]
        for url in [*urls, *(output.url for output in site.pages)]:
            if url not in cannot and not (which == "apache2" and "%2F" in url.partition("?")[0]):
                _same(url, ask(app, url, host=host_of(app)), asked(port, url))


@pytest.mark.parametrize("which", SERVERS)
def test_types_of_single_files_and_what_is_gone(which: str, tmp_path: Path) -> None:
    if shutil.which(which) is None:
        pytest.skip(f"{which} is not installed")
    root = write_site(tmp_path / "site", ONE_SUFFIX)
    assert not freeze_site(root, tmp_path / "dist").faults
    site = inventory(create_app(root), read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    (tmp_path / "home").mkdir()
    running: Callable[..., object] = SERVERS[which]
    with running(site, tmp_path / "home") as port:  # type: ignore[attr-defined]
        assert asked(port, "/old.txt").header("Content-Type") == "text/plain; charset=iso-8859-1"
        assert [asked(port, it).status for it in ("/shop", "/shop/", "/sold/x/", "/sold/")] == [
            410,
            410,
            410,
            404,
        ]
        assert asked(port, "/new.txt").header("Content-Type") == "text/plain; charset=utf-8"


def test_caddy_sends_compressed_files_to_those_who_take_them(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard", reason="the extra `compress` is not installed")
    if shutil.which("caddy") is None:
        pytest.skip("caddy is not installed")
    root = write_site(tmp_path / "site", {"pages/index.md": "word " * 500, "static/a.txt.gz": b"an author's"})
    app, output = create_app(root), tmp_path / "dist"
    assert not freeze(app, FreezeOptions(str(output), finish=Finish(compress=True))).faults
    site = inventory(app, read_manifest(output), root=str(output), compressed=True)
    (tmp_path / "home").mkdir()
    with caddy_running(site, tmp_path / "home") as port:
        page = asked(port, "/", **{"Accept-Encoding": "zstd"})
        assert page.header("Content-Encoding") == "zstd"
        assert zstandard.ZstdDecompressor().decompress(page.body) == asked(port, "/").body
        assert page.header("Content-Type") == "text/html; charset=utf-8"
        assert asked(port, "/index.html.gz").status == asked(port, "/index.html.zst").status == 404
        assert asked(port, "/a.txt.gz").body == b"an author's"


@pytest.mark.parametrize("which", SERVERS)
def test_frozen_files_take_no_other_method(which: str, tmp_path: Path) -> None:
    if shutil.which(which) is None:
        pytest.skip(f"{which} is not installed")
    root = write_site(tmp_path / "site", {"pages/index.md": "# Home"})
    assert not freeze_site(root, tmp_path / "dist").faults
    site = inventory(create_app(root), read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    (tmp_path / "home").mkdir()
    running: Callable[..., object] = SERVERS[which]
    with running(site, tmp_path / "home") as port:  # type: ignore[attr-defined]
        assert [asked(port, "/", method).status for method in ("GET", "HEAD", "POST", "DELETE")] == [
            200,
            200,
            405,
            405,
        ]


ONE_SUFFIX = {
    "pages/old.txt.py": "from engine import Response\n"
    "def get():\n    return Response(b'x', content_type='text/plain; charset=iso-8859-1')\n",
    "static/new.txt": "new",
    "site.toml": '[redirects]\n"/shop/" = 410\n"/sold/[slug]/" = 410\n',
}


def _same(url: str, ours: Answer, theirs: Answer) -> None:
    """Status, location, body and type agree; the body of a redirect is each server's own."""
    origin = "http://localhost"
    there = urljoin(origin + url, theirs.header("Location"))
    assert (url, theirs.status) == (url, ours.status)
    assert unquote(there) == unquote(urljoin(origin + url, ours.header("Location")))
    if not ours.header("Location"):
        assert theirs.body == ours.body
        assert theirs.header("Content-Type") == ours.header("Content-Type")
