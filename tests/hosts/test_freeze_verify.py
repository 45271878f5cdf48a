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


@pytest.mark.long
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


def test_a_hybrid_site_without_a_host_has_the_list_of_what_stays_with_the_server(site: Path) -> None:
    write_site(
        site,
        {
            "pages/time.py": "freeze = False\n\n\ndef get():\n    return 'now'\n\n\ndef post():\n    return 'set'\n",
            "pages/bread/[name].py": "def get(name):\n    return name\n",
            "pages/index.md": "[Rye](/bread/rye/)\n",
            "site.toml": '[redirects]\n"/old/[id=int]/" = "/bread/[id]/"\n',
        },
    )
    done = run("freeze", "--hybrid", site)
    assert done.returncode == 0, done.stderr
    assert f"Wrote {site}/deploy/dynamic.json" in done.stderr
    found = json.loads((site / "deploy/dynamic.json").read_text())
    kept = {it["route"]: (it["methods"], it["source"], it["reason"]) for it in found["routes"]}
    assert kept == {
        "/time/": (["GET", "HEAD", "OPTIONS", "POST"], "pages/time.py", "it says `freeze = False`"),
        "/bread/[name]/": (
            ["GET", "HEAD", "OPTIONS"],
            "pages/bread/[name].py",
            "nothing says which pages it has: those that were not frozen are the server's",
        ),
    }
    assert [(it["route"], it["reason"]) for it in found["redirects"]] == [
        ("/old/[id=int]", "no rule of a host can express it")
    ]
    assert (site / "dist/bread/rye/index.html").exists()
    assert not list((site / "dist").rglob("dynamic.json"))


@pytest.mark.long
def test_a_list_of_what_stays_with_the_server_that_was_removed_is_written_again(site: Path) -> None:
    for _ in range(3):  # the last finds nothing to do
        assert run("freeze", "--hybrid", site).returncode == 0
    assert "Wrote" not in run("freeze", "--hybrid", site).stderr
    (site / "deploy/dynamic.json").unlink()
    assert run("freeze", "--hybrid", site).returncode == 0
    assert (site / "deploy/dynamic.json").exists()


def test_a_site_that_is_not_hybrid_has_no_such_list(site: Path) -> None:
    assert run("freeze", site).returncode == 0
    assert not (site / "deploy").exists()


GONE = {"site.toml": '[redirects]\n"/shop/" = 410\n"/sold/[slug]/" = 410\n"/all/[...path]" = 410\n'}


@pytest.mark.long
@pytest.mark.parametrize(
    ("host", "title"),
    [("netlify", "Netlify"), ("cloudflare", "Cloudflare Pages"), ("github", "GitHub Pages")],
)
def test_a_host_that_cannot_say_gone_is_told_in_a_note(site: Path, host: str, title: str) -> None:
    write_site(site, GONE)
    what = f"{title} has no rule for 410 and answers 404 at what is said to be gone"
    note = f"{what}: /shop, /all/[...path], /sold/[slug]"
    done = run("freeze", "--host-profile", host, site)
    assert done.returncode == 0, done.stderr
    assert f"Note: {note}.\n" in done.stderr
    assert note in json.loads(run("freeze", "--host-profile", host, "--json", site).stdout)["notes"]
    assert f"Note: {note}.\n" in run("host", host, site).stderr


@pytest.mark.parametrize("options", [["nginx"], ["netlify", "--hybrid"]])
def test_a_host_at_which_an_address_is_gone_has_no_note(site: Path, options: list[str]) -> None:
    write_site(site, GONE)
    done = run("freeze", site, "--host-profile", *options)
    assert done.returncode == 0 and "Note:" not in done.stderr


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
    assert "site.toml:2:1: `deploy.host` names no host: ngnix. Choose one of nginx, caddy," in done.stderr
