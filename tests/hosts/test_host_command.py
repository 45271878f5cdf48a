"""`engine host` and `engine preview --host-profile`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import Process, command, run
from doors import write_site

FILES = {
    "pages/index.md": "# Home\n",
    "pages/about.md": "---\naliases: [/us/]\n---\n# About\n",
    "pages/time.py": "freeze = False\n\n\ndef get():\n    return 'now'\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site", FILES)
    assert run("freeze", "--quiet", root).returncode == 0
    return root


def test_it_writes_a_configuration_and_the_list_of_what_stays_with_the_server(site: Path) -> None:
    done = run("host", "nginx", site, "--hybrid")
    assert done.returncode == 0, done.stderr
    assert 'location = "/us/" { return 418; }' in (site / "deploy/nginx/nginx.conf").read_text()
    (route,) = json.loads((site / "deploy/nginx/dynamic.json").read_text())["routes"]
    assert (route["route"], route["source"]) == ("/time/", "pages/time.py")


def test_rules_that_the_host_reads_go_into_the_output(site: Path) -> None:
    assert run("host", "netlify", site, "--quiet").returncode == 0
    assert "/us /about/ 301!" in (site / "dist/_redirects").read_text()


def test_what_the_host_cannot_do_is_a_fault_and_nothing_is_written(site: Path) -> None:
    done = run("host", "cloudflare", site, "--hybrid")
    assert done.returncode == 1
    assert "time.py: Cloudflare Pages passes no requests on to a server. Choose another host." in done.stderr
    assert not (site / "dist/_headers").exists()


def test_without_a_frozen_site_it_says_how_to_make_one(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", FILES)
    done = run("host", "nginx", root)
    assert done.returncode == 1
    assert "Make it: engine freeze" in done.stderr


@pytest.mark.long
def test_a_rule_is_the_engines_and_goes_with_the_next_freeze(site: Path) -> None:
    """It was made of the output that was; `engine freeze --host-profile` makes it anew each time."""
    assert run("host", "netlify", site, "--quiet").returncode == 0
    assert run("freeze", "--quiet", site).returncode == 0
    assert not (site / "dist/_headers").exists()
    assert "/us/ /about/ 308" in (site / "dist/_redirects").read_text()


@pytest.mark.parametrize(("host", "status"), [("netlify", 301), ("cloudflare", 308), ("nginx", 308)])
def test_preview_answers_as_the_host_does(site: Path, host: str, status: int) -> None:
    with Process(command("preview", site, "--host-profile", host, "--port", "0")).ready() as server:
        assert server.ask("/about/").status == 200
        assert server.ask("/about").status == status
        assert server.ask("/us/").status == status
        assert server.ask("/us/").headers["Location"] == "/about/"
        assert server.ask("/nowhere/").status == 404
