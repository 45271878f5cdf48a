"""What would differ between the server and a host is found, and nothing else is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from commands import REPOSITORY
from doors import Files, freeze_site, write_site
from engine import App, create_app
from engine.freeze.checks.verify import verify
from engine.freeze.hosts.inventory import inventory
from engine.freeze.hosts.model import Deployment
from engine.freeze.hosts.table import HOSTS
from engine.freeze.publish.write import read_manifest
from test_contract import SOUND, copy_of

SITE: Files = {
    "pages/index.md": "# Home\n",
    "pages/about.md": "---\naliases: [/us/]\n---\n# About\n",
    "pages/data.json.py": """
        from engine import Response

        def get():
            return Response("{}", mimetype="application/json", headers={"Cache-Control": "max-age=60"})
        """,
    "static/style.css": "p { color: red }\n",
    "static/LICENSE": "Yours\n",
}
SENDING = sorted(name for name, host in HOSTS.items() if not host.is_server and name != "github")


class Frozen:
    """A frozen site, to be spoilt."""

    def __init__(self, root: Path, files: Files = SITE) -> None:
        site = write_site(root / "site", files)
        self.output = root / "dist"
        assert not freeze_site(site, self.output).faults
        self.app: App = create_app(site)
        self.site: Deployment = inventory(self.app, read_manifest(self.output))

    def faults(self, host: str = "nginx") -> list[str]:
        return [str(fault) for fault in verify(self.app, self.site, self.output, HOSTS[host])]


@pytest.fixture
def frozen(tmp_path: Path) -> Frozen:
    return Frozen(tmp_path)


@pytest.mark.parametrize("host", SENDING)
def test_a_sound_site_is_the_same_on_every_host(frozen: Frozen, host: str) -> None:
    assert frozen.faults(host) == []


def test_a_host_without_headers_says_which_it_cannot_send(frozen: Frozen) -> None:
    (fault,) = frozen.faults("github")
    assert "GitHub Pages cannot send the header Cache-Control of /data.json." in fault


@pytest.mark.parametrize("host", SENDING)
def test_the_example_is_the_same_on_every_host(host: str, tmp_path: Path) -> None:
    root = shutil.copytree(REPOSITORY / "sites" / "example", tmp_path / "site")
    assert not freeze_site(root, tmp_path / "dist", hybrid=True).faults
    app = create_app(root)
    site = inventory(app, read_manifest(tmp_path / "dist"))
    assert verify(app, site, tmp_path / "dist", HOSTS[host]) == []


@pytest.mark.parametrize("name", [name for name in SOUND if not SOUND[name].get("hybrid")])
def test_the_sites_of_the_contract_are_the_same_on_nginx(name: str, tmp_path: Path) -> None:
    root, settings = copy_of(name, tmp_path / "site"), SOUND[name].get("settings", {})
    assert not freeze_site(root, tmp_path / "dist", **settings).faults
    app = create_app(root, **settings)
    site = inventory(app, read_manifest(tmp_path / "dist"))
    assert verify(app, site, tmp_path / "dist", HOSTS["nginx"]) == []


ONE_SUFFIX = {
    "pages/old.txt.py": """
        from engine import Response

        def get():
            return Response("caf\\u00e9".encode("latin-1"), content_type="text/plain; charset=iso-8859-1")
        """,
    "static/new.txt": "new",
}


@pytest.mark.parametrize("host", [name for name in SENDING if name != "cloudfront"])
def test_two_files_of_one_suffix_may_have_two_types(host: str, tmp_path: Path) -> None:
    assert Frozen(tmp_path, {**SITE, **ONE_SUFFIX}).faults(host) == []


def test_a_wrong_body_is_found(frozen: Frozen) -> None:
    (frozen.output / "about/index.html").write_text("other")
    (fault,) = frozen.faults()
    assert fault.startswith("about/index.html: /about/ has another body on nginx: 5 bytes, and ")


def test_a_missing_file_is_found(frozen: Frozen) -> None:
    (frozen.output / "style.css").unlink()
    assert (
        "style.css: /style.css has another status on nginx: 404, and 200 from the server."
        in frozen.faults()[0]
    )


def test_a_wrong_error_page_is_found(frozen: Frozen) -> None:
    (frozen.output / "404.html").write_text("other")
    assert "404.html: /there-is-no-such-page-here/ has another body" in frozen.faults()[0]


def test_a_wrong_type_is_found(tmp_path: Path) -> None:
    script = 'def get():\n    return "a: 1", {"Content-Type": "application/yaml"}\n'
    frozen = Frozen(tmp_path, {**SITE, "pages/data.yaml.py": script})
    found = frozen.faults("github")
    assert any(
        "/data.yaml has another type on GitHub Pages: text/yaml, and application/yaml" in it for it in found
    )


def test_a_wrong_redirect_is_found(frozen: Frozen) -> None:
    """The rules are made of values that are out of date."""
    (redirect,) = frozen.site.redirects
    old = type(redirect)(redirect.source, ("/elsewhere/",), 301, redirect.file)
    made = HOSTS["nginx"].make(type(frozen.site)(frozen.site.outputs, (old,)))

    host = type(HOSTS["nginx"])("nginx", lambda site: made, HOSTS["nginx"].read)
    found = [str(fault) for fault in verify(frozen.app, frozen.site, frozen.output, host)]
    assert any(
        "/us/ has another location on nginx: /elsewhere/, and /about/ from the server" in it for it in found
    )


def test_a_wrong_header_is_found(frozen: Frozen) -> None:
    made = HOSTS["netlify"].make(frozen.site)
    made.inside["_headers"] = made.inside["_headers"].replace("max-age=60", "no-store")
    host = type(HOSTS["netlify"])(
        "Netlify",
        lambda site: made,
        HOSTS["netlify"].read,
        HOSTS["netlify"].behaviour,
        HOSTS["netlify"].statuses,
    )
    found = [str(fault) for fault in verify(frozen.app, frozen.site, frozen.output, host)]
    assert any(
        "/data.json has another Cache-Control on Netlify: no-store, and max-age=60" in it for it in found
    )


HYBRID: Files = {
    **SITE,
    "pages/time.py": "freeze = False\n\n\ndef get():\n    return 'now'\n",
    "site.toml": "[freeze]\nhybrid = true\n",
}


@pytest.mark.parametrize("host", ["nginx", "caddy", "apache", "netlify", "cloudfront"])
def test_what_the_server_keeps_reaches_it(host: str, tmp_path: Path) -> None:
    frozen = Frozen(tmp_path, HYBRID)
    frozen.site = replace(frozen.site, hybrid=True)
    assert frozen.faults(host) == []


@pytest.mark.parametrize("host", ["nginx", "caddy", "apache", "netlify"])
def test_a_file_that_hides_what_the_server_keeps_is_found(host: str, tmp_path: Path) -> None:
    frozen = Frozen(tmp_path, HYBRID)
    frozen.site = replace(frozen.site, hybrid=True)
    assert frozen.faults(host) == []
    (frozen.output / "time").mkdir()
    (frozen.output / "time/index.html").write_text("then")
    (fault,) = frozen.faults(host)
    assert fault.startswith(f"pages/time.py: /time/ is answered by a file on {HOSTS[host].title}, and not by")


GONE: Files = {
    **SITE,
    "site.toml": '[redirects]\n"/shop/" = 410\n"/old/[slug]" = 410\n"/a/[...path]" = 410\n',
}


@pytest.mark.parametrize("host", [name for name, host in HOSTS.items() if host.knows_gone])
def test_an_address_that_is_gone_is_gone_on_the_host(host: str, tmp_path: Path) -> None:
    frozen = Frozen(tmp_path, GONE)
    assert frozen.faults(host) == []
    made = HOSTS[host].make(replace(frozen.site, gone=()))
    faults = verify(frozen.app, frozen.site, frozen.output, replace(HOSTS[host], make=lambda site: made))
    for url in ("/shop", "/old/an-example", "/a/an-example"):
        assert any(f" {url} has another status on " in str(it) for it in faults)


@pytest.mark.parametrize("host", [it for it in SENDING if it != "github"])
def test_a_wrong_redirect_with_parameters_is_found(host: str, tmp_path: Path) -> None:
    site = {**SITE, "site.toml": '[redirects]\n"/old/[slug]/" = "/[slug]/"\n"/a/[...path]" = "/[...path]"\n'}
    frozen = Frozen(tmp_path, site)
    assert frozen.faults(host) == []
    found = [it for it in frozen.site.redirects if it.is_static]
    made = HOSTS[host].make(replace(frozen.site, redirects=tuple(found)))
    spoilt = replace(HOSTS[host], make=lambda site: made)
    faults = [str(it) for it in verify(frozen.app, frozen.site, frozen.output, spoilt)]
    for url in ("/old/an-example", "/old/an-example/", "/a/an-example", "/a/an-example/"):
        assert any(f" {url} has another " in it for it in faults)
