"""nginx, Caddy and Apache answer as the server does, whatever characters names, addresses and headers have."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from commands import Process
from doors import freeze_site, write_site
from engine import create_app
from engine.freeze.checks.verify import verify
from engine.freeze.hosts.asking import Answer, ask, declared
from engine.freeze.hosts.inventory import host_of, inventory
from engine.freeze.hosts.model import Deployment
from engine.freeze.hosts.table import HOSTS
from engine.freeze.publish.write import read_manifest
from hosts_tools import asked, free_port
from web_servers import NGINX, apache_running, caddy_running, nginx_running

NAMED = ["h[x+23]sh", "per[x+25]", "q't", "dol$1", "sp ace", "se;mi", "{br}", "ba`ck", "(par)", "ü"]
ONE = "from engine import Response\ndef get():\n    return Response({}, content_type={!r}, headers={})\n"
HEADERS = {
    "Cache-Control": "max-age=60",
    "Content-Disposition": "attachment; filename=\"a b.csv\"; filename*=UTF-8''%C3%BC.csv",
    "Report-To": '{"group":"x","max_age":1}',
    "X-Signs": r"c=$1 $host {y} \ `z`",
}
SITE = {
    "pages/index.md": "# Home",
    "pages/about.md": "# About",
    "pages/100%.md": "# All of it",
    "pages/sp ace.md": "# Space",
    "pages/list.py": ONE.format("'a'", "text/html; charset=utf-8", HEADERS),
    "static/UP.TXT": "loud",
    "static/noext": "plain",
    "static/.well-known/security.txt": "Contact: x",
    "site.toml": """[redirects]
"/für/[x]/" = "/sub/[x]/"
"/tags/[x]/" = "/tag/[x]/"
"/rest/[...x]" = "/more/[...x]"
"/old/" = "/sp%20ace/"
"/sign/" = "https://example.org/$1/%7Bx%7D"
"/gone/[x]/" = 410
""",
    **{
        f"pages/{name}.foo.py": ONE.format("b'x'", "application/octet-stream", {"X-Number": str(number)})
        for number, name in enumerate(NAMED)
    },
}
URLS = [
    "/", "/about/", "/about", "/about?x=a%20b", "/about/index.html", "/about/nope", "/about/;x",
    "/100%25/", "/100%25?q=%20", "/list", "/list/", "/UP.TXT", "/noext/", "/noext/?x=1", "/.well-known/security.txt",
    "/f%C3%BCr/a%20b/", "/tags/c%23/", "/tags/what%3F", "/tags/100%25/", "/tags/a%0Ab/", "/tags/x/y", "/rest/a/b%3F",
    "/old/", "/sign", "/gone/x/", "/404.html", "/404", "/404/", "/_redirects", "/_redirects/", "/nope.txt",
    *(f"/{name}.foo" for name in ("h%23sh", "per%25", "q%27t", "dol%241", "sp%20ace", "se%3Bmi", "%7Bbr%7D",
                                  "ba%60ck", "%28par%29", "%C3%BC")),
]  # fmt: skip
HYBRID = {
    **SITE,
    "pages/blog/a.md": "# A post",
    "pages/blog/index.py": "freeze = False\ndef get():\n    return 'the blog'\n",
    "pages/live.txt.py": "freeze = False\n"
    + ONE.format("'now'", "text/plain; charset=iso-8859-1", {"Cache-Control": "private"}),
    "pages/users/[name].py": "freeze = False\ndef get(name):\n    return repr(name)\n",
}  # fmt: skip
LIVE = [
    "/blog/",
    "/blog",
    "/blog/a/",
    "/live.txt",
    "/users/what%3F/",
    "/users/c%23",
    "/users//x/",
    "/UP.TXT/",
    "/old",
]


@contextmanager
def serving(host: str, site: Deployment, home: Path) -> Iterator[Callable[[str], Answer]]:
    """The web server with what is written for it; gives a function that asks it."""
    if (NGINX if host == "nginx" else shutil.which({"apache": "apache2"}.get(host, host))) is None:
        pytest.skip(f"{host} is not installed")
    if host == "nginx":
        with nginx_running(site, home) as get:
            yield get
        return
    home.mkdir()
    start: Any = {"caddy": caddy_running, "apache": apache_running}[host]
    with start(site, home) as port:
        yield lambda path: asked(port, path)


def seen(url: str, answer: Answer, *, body: bool) -> tuple[object, ...]:
    """What a visitor sees: the status, where a redirect leads, else the text and the headers of a page."""
    to = answer.header("Location")
    if to:
        parts = urlsplit(urljoin("http://localhost" + url, to.encode("latin-1").decode()))
        return answer.status, parts.netloc, unquote(parts.path), parts.query, parts.fragment
    if answer.status != 200:
        return (answer.status, answer.body if body else b"")
    headers = [it for it in declared(answer.headers) if it[0].lower() not in ("keep-alive", "via", "alt-svc")]
    return (
        answer.status,
        answer.body,
        answer.header("Content-Type"),
        {name.lower(): value for name, value in headers},
    )


@pytest.mark.parametrize("host", ["nginx", "caddy", "apache"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"slash": "never"}, {"base_url": "https://localhost/shop"}],
    ids=["root", "never", "below"],
)
def test_frozen_files_are_answered_as_by_the_server(
    settings: dict[str, Any], host: str, tmp_path: Path
) -> None:
    root = write_site(tmp_path / "site", SITE)
    assert not freeze_site(root, tmp_path / "dist", **settings).faults
    app = create_app(root, **settings)
    site = inventory(app, read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    assert verify(app, site, tmp_path / "dist", HOSTS[host]) == []
    with serving(host, site, tmp_path / "home") as get:
        for url in (site.base_path + it for it in URLS):
            ours, theirs = ask(app, url, host=host_of(app)), get(url)
            assert (url, *seen(url, theirs, body=False)) == (url, *seen(url, ours, body=False))


@pytest.mark.parametrize("host", ["nginx", "caddy", "apache"])
def test_in_front_of_the_server_nobody_can_tell(host: str, tmp_path: Path) -> None:
    root, port = write_site(tmp_path / "site", HYBRID), free_port()
    assert not freeze_site(root, tmp_path / "dist", hybrid=True).faults
    app = create_app(root)
    files = read_manifest(tmp_path / "dist")
    site = inventory(app, files, root=str(tmp_path / "dist"), hybrid=True, server=f"127.0.0.1:{port}")
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "engine.wsgi:app"]
    with Process(command, ENGINE_SITE=str(root)) as server:
        server.port = port
        server.answering()
        with serving(host, site, tmp_path / "home") as get:
            for url in [*URLS, *LIVE]:
                theirs = get(url)
                assert (url, *seen(url, theirs, body=True)) == (url, *seen(url, asked(port, url), body=True))


@pytest.mark.parametrize("host", ["nginx", "caddy"])
def test_the_output_may_be_in_a_directory_with_a_space(host: str, tmp_path: Path) -> None:
    root, output = (
        write_site(tmp_path / "site", {"pages/index.md": "# Home"}),
        tmp_path / "my $1 {site}; dist",
    )
    assert not freeze_site(root, output).faults
    site = inventory(create_app(root), read_manifest(output), root=str(output))
    with serving(host, site, tmp_path / "home") as get:
        assert get("/").status == 200


def test_an_answer_that_there_is_nothing_has_the_headers_of_every_answer_on_caddy(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {"pages/index.md": "# Home", "static/a.css": "a{}"})
    assert not freeze_site(root, tmp_path / "dist").faults
    site = inventory(create_app(root), read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    with serving("caddy", site, tmp_path / "home") as get:
        missing = get("/nope.css")
        assert missing.header("X-Content-Type-Options") == "nosniff"
        assert missing.header("Cache-Control") == ""


@pytest.mark.parametrize("host", ["netlify", "cloudflare"])
def test_a_query_in_a_target_and_a_suffix_in_capitals_are_no_fault(host: str, tmp_path: Path) -> None:
    files = {
        "pages/index.md": "# Home",
        "static/UP.TXT": "loud",
        "static/low.txt": "low",
        "site.toml": '[redirects]\n"/search/" = "https://example.org/find?q=bread#first"\n',
    }
    root = write_site(tmp_path / "site", files)
    assert not freeze_site(root, tmp_path / "dist").faults
    app = create_app(root)
    site = inventory(app, read_manifest(tmp_path / "dist"), root=str(tmp_path / "dist"))
    assert verify(app, site, tmp_path / "dist", HOSTS[host]) == []
