"""A rule that a host does not take is a fault that names it; none is left out silently."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doors import freeze_site, write_site
from engine import create_app
from engine.freeze.hosts import cloudfront, emulator, github, servers, underscore
from engine.freeze.hosts.asking import ask
from engine.freeze.hosts.inventory import inventory
from engine.freeze.hosts.model import Capture, Deployment, Dynamic, Made, Output, Redirect
from engine.freeze.hosts.table import EMULATED, HOSTS
from engine.freeze.profiles import PROFILES
from engine.freeze.publish.write import read_manifest

PAGE = Output("index.html", "/", "text/html; charset=utf-8")


def moved(source: str, target: str = "/", status: int = 308) -> Redirect:
    return Redirect((source,), (target,), status, "site.toml")


def faults(made: Made) -> list[str]:
    return [str(fault) for fault in made.faults]


def test_a_freeze_can_be_for_each_host_that_answers_by_itself() -> None:
    assert list(PROFILES) == EMULATED


def test_cloudflare_takes_two_thousand_static_redirects() -> None:
    fits = Deployment((PAGE,), tuple(moved(f"/{number}") for number in range(1000)))
    assert faults(underscore.cloudflare(fits)) == []
    (fault,) = faults(underscore.cloudflare(Deployment((PAGE,), (*fits.redirects, moved("/more")))))
    assert "takes 2,000 static redirects, and this site has 2,002: /more is too much." in fault


def test_cloudflare_takes_a_hundred_dynamic_redirects_after_the_static_ones() -> None:
    many = [Redirect((f"/{n}/", Capture("x")), ("/",), 301, "site.toml") for n in range(51)]
    made = underscore.cloudflare(Deployment((PAGE,), (*many, moved("/plain"))))
    assert "takes 100 dynamic redirects, and this site has 102: /50/:a is too much." in faults(made)[0]
    assert made.inside["_redirects"].splitlines()[1].startswith("/plain ")


def test_cloudflare_takes_a_hundred_rules_of_headers() -> None:
    names = [f"page-{number}" for number in range(101)]
    pages = tuple(
        Output(f"{it}/index.html", f"/{it}/", PAGE.content_type, 200, (("X-Name", it),)) for it in names
    )
    assert "takes 100 rules of headers" in faults(underscore.cloudflare(Deployment(pages)))[0]


def test_cloudflare_takes_so_many_characters_a_line() -> None:
    (fault, *_) = faults(underscore.cloudflare(Deployment((PAGE,), (moved("/old", "/" + "x" * 1000),))))
    assert "takes 1,000 characters a line, and this has 1,010: /old /xxx" in fault
    page = Output("a.txt", "/a.txt", "text/plain", 200, (("X-Long", "x" * 2000),))
    assert "takes 2,000 characters a line" in faults(underscore.cloudflare(Deployment((page,))))[0]


def test_cloudflare_would_hide_a_page_behind_a_rule() -> None:
    rule = Redirect(("/blog/", Capture("slug")), ("/",), 308, "site.toml")
    page = Output("blog/new/index.html", "/blog/new/", PAGE.content_type)
    (fault,) = faults(underscore.cloudflare(Deployment((PAGE, page), (rule,))))
    assert "would redirect from the page /blog/new/, as its rules go before files." in fault
    assert faults(underscore.netlify(Deployment((PAGE, page), (rule,)))) == []


@pytest.mark.parametrize("make", [underscore.netlify, underscore.cloudflare])
def test_a_parameter_within_a_segment_has_no_rule(make: object) -> None:
    rule = Redirect(("/post-", Capture("id")), ("/",), 308, "site.toml")
    (fault,) = faults(make(Deployment((PAGE,), (rule,))))  # type: ignore[operator]
    assert "cannot redirect from /post-[id]." in fault


@pytest.mark.parametrize("name", ["cloudflare", "github"])
def test_a_host_without_a_server_cannot_be_hybrid(name: str) -> None:
    site = Deployment(
        (PAGE,), dynamic=(Dynamic("/contact/", ("GET", "POST"), "pages/contact.py"),), hybrid=True
    )
    assert faults(HOSTS[name].make(site))[0].startswith("pages/contact.py: ")


@pytest.mark.parametrize("name", [name for name, host in HOSTS.items() if not host.is_server])
def test_a_redirect_that_needs_types_is_a_fault_unless_the_server_is_there(name: str) -> None:
    site = Deployment((PAGE,), unruly=(("/old/[id=int]", "site.toml"),))
    assert "cannot redirect from /old/[id=int]." in faults(HOSTS[name].make(site))[0]
    hybrid = Deployment((PAGE,), unruly=site.unruly, hybrid=True)
    assert not any("[id=int]" in fault for fault in faults(HOSTS[name].make(hybrid)))


def test_cloudfront_sends_to_the_server_what_is_not_frozen() -> None:
    routes = ("/", "/contact/", "/api/[id=int]/", "/a/[x]-[y]/b", "/files/[...path]/")
    dynamic = tuple(Dynamic(route, ("GET",), "pages/x.py") for route in routes)
    unruly = (("/old/[id=int]", "site.toml"),)
    site = Deployment((PAGE,), unruly=unruly, dynamic=dynamic, base_path="/caf%C3%A9", hybrid=True)
    made = cloudfront.make(site)
    found = json.loads(made.beside["behaviors.json"])
    patterns = [it["PathPattern"].removeprefix("/caf%C3%A9") for it in found["Items"]]
    assert patterns == [
        "",
        "/",
        "/contact",
        "/contact/",
        "/api/*",
        "/a/*-*/b",
        "/a/*-*/b/",
        "/files/*",
        "/old/*",
    ]
    assert found["Quantity"] == len(patterns) and {it["TargetOriginId"] for it in found["Items"]} == {
        "engine"
    }


def test_a_function_of_cloudfront_has_ten_kilobytes() -> None:
    many = tuple(moved(f"/an-old-address-of-some-length/{number}") for number in range(200))
    (fault,) = faults(cloudfront.make(Deployment((PAGE,), many)))
    assert "takes a function of 10,240 bytes" in fault


def test_netlify_passes_on_to_the_server_what_is_no_file() -> None:
    site = Deployment((PAGE,), hybrid=True, server="app.example.org")
    assert underscore.netlify(site).inside["_redirects"].endswith("/* https://app.example.org/:splat 200\n")


def test_github_pages_publishes_names_with_an_underscore() -> None:
    assert github.make(Deployment((PAGE,))).inside == {".nojekyll": ""}


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_the_function_of_cloudfront_does_what_its_emulator_does(tmp_path: Path) -> None:
    files = {
        "pages/index.md": "# Home",
        "pages/v1.2/index.md": "# Version",
        "pages/about.md": "---\naliases: [/us/]\n---\n# About",
        "static/LICENSE": "Yours",
        "static/a.txt": "a",
        "site.toml": """
            [redirects]
            "/old/[slug]/" = "/[slug]/"
            "/files/[...path]" = "/about/#[...path]"
            "/shop" = 410
            """,
    }
    root = write_site(tmp_path / "site", files)
    assert not freeze_site(root, tmp_path / "dist").faults
    site = inventory(create_app(root), read_manifest(tmp_path / "dist"))
    text = cloudfront.make(site).beside["function.js"]
    host = HOSTS["cloudfront"]
    twin = emulator.Emulator(tmp_path / "dist", host.behaviour, host.read({"function.js": text}), site)
    urls = [
        "/",
        "/about",
        "/about/",
        "/us",
        "/us/",
        "/v1.2",
        "/v1.2/",
        "/LICENSE",
        "/LICENSE/",
        "/a.txt",
        "/a.txt/",
    ]
    urls += ["/old/x/", "/old/x", "/files/a/b", "/files", "//about", "/nowhere", "/shop", "/shop/"]
    events = [{"request": {"uri": url, "querystring": {}}} for url in urls]
    script = f"{text}\nconsole.log(JSON.stringify({json.dumps(events)}.map(event => handler(event))));"
    done = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    for url, said in zip(urls, json.loads(done.stdout), strict=True):
        answer = ask(twin, url)
        location = said.get("headers", {}).get("location", {}).get("value", "")
        assert (url, location) == (url, answer.header("Location"))
        if "statusCode" in said:
            assert said["statusCode"] == answer.status
        else:
            assert (tmp_path / "dist" / said["uri"].lstrip("/")).is_file() is (answer.status == 200)


def test_a_function_of_lambda_answers_events_as_the_server_does(tmp_path: Path) -> None:
    pytest.importorskip("apig_wsgi", reason="apig-wsgi is not installed")
    root = write_site(tmp_path / "site", {"pages/index.md": "# Home"})
    (root / "handler.py").write_text(servers.aws_lambda(Deployment(())).beside["handler.py"])
    event = {
        "version": "2.0",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"host": "localhost"},
        "requestContext": {
            "http": {"method": "GET", "sourceIp": "127.0.0.1", "path": "/", "protocol": "HTTP/1.1"}
        },
        "isBase64Encoded": False,
    }
    script = f"import handler, json; print(json.dumps(handler.handler({event!r}, None)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["statusCode"] == 200
    assert "<h1" in answer["body"]
