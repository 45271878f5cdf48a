"""`engine freeze --verify` and `--host-profile`: nothing is published that the host would answer otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import run
from doors import Files, write_site
from engine.freeze.hosts.table import EMULATED

SITE: Files = {
    "pages/index.md": "# Home\n",
    "pages/about.md": "---\naliases: [/us/]\n---\n# About\n",
    "pages/404.md": "# Not here\n",
    "static/style.css": "p { color: red }\n",
    "site.toml": '[redirects]\n"/old/[slug]/" = "/[slug]/"\n',
}
TIRED = """
    import os

    def get():
        with open("asked.txt", "a+") as file:
            file.write("x")
            file.seek(0)
            return f"<p>Asked {len(file.read())} times</p>"
    """
"""A page that says another thing each time."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


@pytest.mark.parametrize("host", EMULATED)
def test_a_sound_site_is_published_for_every_host(site: Path, host: str) -> None:
    if host == "github":  # which has no redirects with parameters
        write_site(site, {"site.toml": ""})
    done = run("freeze", "--verify", "--host-profile", host, "--json", site)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["published"] and report["compared"] >= 5


def test_what_differs_is_named_and_nothing_is_published(site: Path, tmp_path: Path) -> None:
    assert run("freeze", "--quiet", site).returncode == 0
    before = (site / "dist/.engine.json").read_bytes()
    write_site(site, {"pages/tired.py": TIRED, "pages/weary.py": TIRED})
    done = run("freeze", "--verify", "--json", site, cwd=tmp_path)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert not report["published"]
    assert {it["code"] for it in report["faults"]} == {"verify-differs"}
    assert [it["file"] for it in report["faults"]] == ["tired/index.html", "weary/index.html"]
    assert "/tired/ has another body on nginx" in done.stderr
    assert (site / "dist/.engine.json").read_bytes() == before
    assert not list(site.glob(".dist*"))


def test_a_failed_comparison_publishes_nothing_although_all_that_is_sound_shall_be(site: Path) -> None:
    write_site(site, {"pages/tired.py": TIRED})
    done = run("freeze", "--verify", "--keep-going", site, cwd=site)
    assert done.returncode == 1 and "Nothing was published" in done.stderr
    assert not (site / "dist").exists()


def test_faults_of_pages_and_of_the_host_come_together(site: Path) -> None:
    write_site(site, {"pages/dead.md": "[Nowhere](/nowhere/)\n"})
    done = run("freeze", "--host-profile", "github", site)
    assert done.returncode == 1
    assert "dead.md:1:11: links to /nowhere/" in done.stderr
    assert "GitHub Pages cannot redirect from /old/[slug]" in done.stderr
    assert "Nothing was published" in done.stderr


def test_the_rules_of_a_host_are_published_with_the_pages(site: Path) -> None:
    assert run("freeze", "--quiet", "--host-profile", "netlify", site).returncode == 0
    assert "/us /about/ 301!" in (site / "dist/_redirects").read_text()
    assert "_headers" in json.loads((site / "dist/.engine.json").read_text())["files"]
    done = run("freeze", "--host-profile", "netlify", site)
    assert " 0 written" in done.stderr
    assert run("freeze", "--quiet", site).returncode == 0
    assert not (site / "dist/_headers").exists()


def test_what_a_host_needs_beside_the_output_is_written_there(site: Path) -> None:
    write_site(
        site,
        {
            "pages/time.py": "freeze = False\n\n\ndef get():\n    return 'now'\n",
            "site.toml": """
                [freeze]
                hybrid = true
                [deploy]
                host = "nginx"
                server = "10.0.0.7:9000"
                path = "/srv/crust"
                """,
        },
    )
    done = run("freeze", "--verify", site)
    assert done.returncode == 0, done.stderr
    text = (site / "deploy/nginx/nginx.conf").read_text()
    assert "proxy_pass http://10.0.0.7:9000;" in text and "root /srv/crust;" in text
    found = json.loads((site / "deploy/nginx/dynamic.json").read_text())
    assert [it["route"] for it in found["routes"]] == ["/time/"]


def test_what_an_author_wrote_for_the_host_goes_first(site: Path) -> None:
    own = {"static/_redirects": "/mine /about/ 302\n", "static/_headers": "/about/\n  X-Mine: yes\n"}
    write_site(site, own)
    done = run("freeze", "--host-profile", "netlify", site)
    assert done.returncode == 0, done.stderr
    assert (site / "dist/_redirects").read_text().startswith("/mine /about/ 302\n# For Netlify.")
    assert (site / "dist/_headers").read_text().startswith("/about/\n  X-Mine: yes\n")
    assert run("host", "netlify", "--quiet", site).returncode == 0
    assert (site / "dist/_redirects").read_text().count("/mine") == 1


def test_a_host_that_there_is_not_is_a_fault(site: Path) -> None:
    write_site(site, {"site.toml": '[deploy]\nhost = "ngnix"\n'})
    done = run("freeze", site)
    assert done.returncode == 1
    assert "site.toml: `deploy.host` names no host: ngnix. Choose one of nginx, caddy," in done.stderr
