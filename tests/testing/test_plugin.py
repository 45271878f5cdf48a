"""The pytest plugin, in a pytest of its own on small sites: its fixtures, and every page as a test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import REPOSITORY
from doors import Files, write_site
from pytest_tools import failures, run_pytest, summary

PLAIN: Files = {
    "pages/_layout.html": "{{ content }}",
    "pages/404.html": "---\nlayout: false\n---\nNot here",
    "pages/index.md": "# Home",
}


# Fixtures

USES = """
    import urllib.request
    from pathlib import Path

    from engine import request, session, url_for
    from engine.testing import Client, Runner

    def test_site_and_app_are_those_of_the_directory(site, app):
        assert [page.path for page in site.pages] == ["/"]
        assert app.site is site

    def test_the_client_has_a_session_without_a_key_in_the_settings(client):
        assert isinstance(client, Client)
        with client:
            assert client.get("/count/").json == {"count": 1}
            assert client.get("/count/").json == {"count": 2}
            assert (request.path, session["count"]) == ("/count/", 2)

    def test_each_test_has_a_client_of_its_own(client):
        assert client.get("/count/").json == {"count": 1}

    def test_the_runner_runs_commands_on_the_site(runner):
        assert isinstance(runner, Runner)
        assert "/count" in runner.invoke(args=["routes"]).output

    def test_the_live_server_answers(live_server, app):
        with urllib.request.urlopen(live_server.url + "/") as answer:
            assert answer.read() == app.test_client().get("/").data

    def test_the_frozen_site_holds_what_is_served(frozen_site, client):
        assert frozen_site.paths == ("/", "/feed.xml", "/look.css")
        assert frozen_site.read("/") == client.get("/").text == (frozen_site.root / "index.html").read_text()
        assert frozen_site.read("/feed.xml") == "<feed/>"
        assert frozen_site.read_bytes("/look.css") == b"p {}"
        assert "Not here" in frozen_site.read("/404")
"""
USED: Files = {
    **PLAIN,
    "pages/count.py": """
        from engine import session

        freeze = False

        def get():
            session["count"] = session.get("count", 0) + 1
            return {"count": session["count"]}
    """,
    "pages/feed.xml.jinja": "<feed/>",
    "static/look.css": "p {}",
    "tests/test_uses.py": USES,
}


@pytest.mark.long
def test_the_fixtures_are_of_the_site_in_the_root_directory(tmp_path: Path) -> None:
    ended = run_pytest("--rootdir", ".", cwd=write_site(tmp_path, USED))
    assert (summary(ended), ended.returncode) == ("6 passed", 0), ended.stdout


@pytest.mark.long
def test_the_configuration_names_the_site(tmp_path: Path) -> None:
    write_site(tmp_path / "site", PLAIN)
    check = "def test_it(app, pytestconfig):\n    assert app.root == str(pytestconfig.rootpath / 'site')\n"
    files = {"pytest.ini": "[pytest]\nengine_site = site\n", "checks/test_it.py": check}
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    assert summary(run_pytest(cwd=tmp_path / "checks")) == "1 passed"


@pytest.mark.long
def test_tests_may_give_settings(tmp_path: Path) -> None:
    conftest = """
        import pytest

        @pytest.fixture(scope="session")
        def site_settings():
            return {"base_url": "https://example.org/shop", "session__secure": False}
    """
    test = """
        import urllib.request

        def test_it(app, live_server, frozen_site):
            assert app.url_for("/") == "/shop/"
            assert live_server.url.endswith("/shop")
            assert urllib.request.urlopen(live_server.url + "/").read().decode() == frozen_site.read("/shop/")
    """
    ended = run_pytest(
        "--rootdir", ".", cwd=write_site(tmp_path, {**PLAIN, "conftest.py": conftest, "test_it.py": test})
    )
    assert summary(ended) == "1 passed", ended.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"pages/a.md": "[x](b.md)"}, "pages/a.md:1:1: "),
        ({"pages/a.py": "def get(x):\n    return x"}, "pages/a.py:1: `get()` wants `x`"),
    ],
)
def test_a_site_at_fault_fails_its_tests_by_its_faults(tmp_path: Path, files: Files, said: str) -> None:
    test = "def test_it(frozen_site):\n    pass\n"
    ended = run_pytest("--rootdir", ".", cwd=write_site(tmp_path, {**PLAIN, **files, "test_it.py": test}))
    assert summary(ended) == "1 error"
    assert said in ended.stdout
    assert "Traceback" not in ended.stdout and "engine/" not in ended.stdout


@pytest.mark.long
def test_without_a_site_it_is_said_how_to_name_one(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it(app):\n    pass\n")
    ended = run_pytest("--rootdir", ".", cwd=tmp_path)
    assert "name one by --site DIR" in ended.stdout


def test_the_plugin_imports_nothing_of_the_engine_before_it_is_used() -> None:
    asks = (
        "import sys, engine.testing.plugin\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('engine', 'werkzeug', 'jinja2')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    said = subprocess.run(
        [sys.executable, "-c", asks], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout == "['engine', 'engine.testing', 'engine.testing.plugin']\n"


# Every page


@pytest.fixture
def pages(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the tests of the pages of a site in a directory that has no others."""

    def run(files: Files, *arguments: str, plugins: str = "") -> subprocess.CompletedProcess[str]:
        write_site(tmp_path / "site", {**PLAIN, **files})
        return run_pytest("--site", "site", *arguments, cwd=tmp_path, plugins=plugins)

    return run


SOUND: Files = {
    "pages/index.md": "# Home\n\n[Blue](/colours/blue/), [back](#home), [old](/old/)",
    "pages/colours/[name].py": """
        def static_params():
            return ["blue", "red"]

        def get(name):
            return f"<p>{name}<br>"
    """,
    "pages/tags/[tag].html": "---\nlayout: false\n---\n<ul><li>{{ params.tag }}</ul>",
    "pages/feed.xml.py": "def get():\n    return '<feed>'",
    "pages/letter.md": "[tag](/tags/tea/)",
    "pages/form.py": """
        from engine import abort, request

        freeze = False

        def get():
            return f'<form action="/form/" method=post>{request.args}</form>'

        def post():
            return "thanks"
    """,
    "pages/send.py": "freeze = False\n\ndef post():\n    return 'thanks'",
    "pages/away.py": "from engine import redirect\n\nfreeze = False\n\ndef get():\n    return redirect('/form/')",
    "pages/hello.py": "from engine import session\n\ndef get():\n    return f'<p>{len(session)}'",
    "pages/staff/_hooks.py": "from engine import abort\n\ndef before_request():\n    abort(401)",
    "pages/staff/index.md": "---\nfreeze: false\n---\n# Staff",
    "site.toml": '[redirects]\n"/old/" = "/letter/"\n"/gone/" = 410\n',
}


def test_every_page_is_a_test_named_by_its_url(
    pages: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    ended = pages(SOUND, "-v")
    told = [line.partition("site::")[2].split()[0] for line in ended.stdout.splitlines() if "site::" in line]
    assert told == [
        *("/", "/404.html", "/away/", "/colours/blue/", "/colours/red/", "/feed.xml", "/form/", "/gone/"),
        *("/hello/", "/letter/", "/old/", "/staff/", "/tags/{tag}"),
    ]
    assert summary(ended) == "13 passed"
    assert ended.returncode == 0


@pytest.mark.long
def test_a_file_that_a_page_sends_is_closed_again(
    pages: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    page = "from pathlib import Path\n\n\ndef get():\n    return Path('data/a.yaml')\n"
    files = {"pages/a.yaml.py": page, "pages/b.yaml.py": "freeze = False\n" + page, "data/a.yaml": "a: 1\n"}
    assert summary(pages(files, "-k", "yaml")) == "2 passed, 2 deselected"


@pytest.mark.long
def test_pages_are_chosen_by_their_url(pages: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert summary(pages(SOUND, "-k", "colours/ and not red")) == "1 passed, 12 deselected"


@pytest.mark.long
def test_what_failed_last_is_found_again(tmp_path: Path) -> None:
    write_site(tmp_path / "site", BAD)
    run_pytest("--site", "site", cwd=tmp_path, remember=True)
    again = run_pytest("--site", "site", "--lf", cwd=tmp_path, remember=True)
    assert len(failures(again)) == len(FAULTS) and " passed" not in summary(again), again.stdout


@pytest.mark.long
def test_workers_of_xdist_share_the_pages(pages: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    ended = pages(SOUND, "-n", "2", plugins="xdist.plugin,xdist.looponfail")
    assert (summary(ended), ended.returncode) == ("13 passed", 0), ended.stdout


BAD: Files = {
    **PLAIN,
    "pages/_layout.html": "{{ content }}",
    "pages/odd/_layout.html": "<main>\n<section>\n{{ content }}\n</main>",
    "pages/index.md": "# Home\n\n[x](/nothing/)",
    "pages/fragment.md": "# Home\n\n[x](#hom)",
    "pages/live.py": "freeze = False\n\ndef get():\n    return '<a href=\"/nothing/\">x</a>'",
    "pages/away.py": """
        from engine import redirect

        freeze = False

        def get():
            return redirect("/no/")
    """,
    "pages/open.html": "---\nlayout: false\n---\n<!doctype html>\n<p><div>x</div></p>\n",
    "pages/odd/index.md": "# Odd",
    "pages/raises.py": "freeze = False\n\ndef get():\n    return {}['x']",
    "pages/fails.py": "def get():\n    return {}['x']",
    "pages/missing.py": "from engine import abort\n\nfreeze = False\n\ndef get():\n    abort(404)",
    "pages/clock.py": "import time\n\ndef get():\n    return f'<p>\\n{time.time_ns()}'",
    "pages/lists/[x].py": "def static_params():\n    return 1 / 0\n\ndef get(x):\n    return x",
    "pages/unread.md": "---\ntitle: [\n---\n",
    "pages/unknown/[x].html": "{{ params.x }}",
    "site.toml": '[redirects]\n"/old/" = "/no/"\n',
}
FAULTS = {
    "/": "pages/index.md:3:5: links to /nothing/, which does not exist.",
    "/fragment/": "pages/fragment.md:3:5: links to #hom, but pages/fragment.md has no #hom. The nearest is #home.",
    "/live/": "pages/live.py:4:22: links to /nothing/, which does not exist.",
    "/away/": "pages/away.py:6:22: redirects to /no/, which does not exist.",
    "/old/": "site.toml:2:12: redirects to /no/, which does not exist.",
    "/open/": "pages/open.html:5: /open/ is not well-formed: </p> ends what is not open "
    "(line 2, column 16 of its HTML). Close what is open, and nothing else.",
    "/odd/": "pages/odd/_layout.html:2: /odd/ is not well-formed: <section> is not closed before </main> "
    "(line 2, column 1 of its HTML). Close what is open, and nothing else.",
    "/raises/": "pages/raises.py:4: /raises/ failed: KeyError: 'x'.",
    "/fails/": "pages/fails.py:2: /fails/ failed: KeyError: 'x'.",
    "/missing/": "pages/missing.py: /missing/ answers 404, not 200. "
    "A page of the server may also redirect, or answer 401 or 403 to a stranger.",
    "/clock/": "pages/clock.py: /clock/ is not served as it was frozen: line 2 is another one. Freeze with --audit, "
    "which names what it reads: a clock, chance, or what a module remembers.",
    "pages/lists/{x}.py": "pages/lists/[x].py:2: `static_params()` raised ZeroDivisionError: division by zero.",
    "pages/unread.md": "pages/unread.md:",
}


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """The tests of a site with a page for each thing that can be wrong."""
    place = tmp_path_factory.mktemp("bad")
    write_site(place / "site", BAD)
    return run_pytest("--site", "site", "-rsf", cwd=place)


@pytest.mark.parametrize(("name", "fault"), FAULTS.items(), ids=FAULTS)
def test_a_page_fails_by_its_faults(bad: subprocess.CompletedProcess[str], name: str, fault: str) -> None:
    told = [line for line in failures(bad) if line.startswith(f"site::{name} - ")]
    assert [line[: len(fault) + len(f"site::{name} - site/")] for line in told] == [
        f"site::{name} - site/{fault}"
    ]


def test_no_page_fails_beside_those(bad: subprocess.CompletedProcess[str]) -> None:
    assert len(failures(bad)) == len(FAULTS), bad.stdout
    assert bad.returncode == 1


def test_no_traceback_is_shown(bad: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in bad.stdout and "engine/testing/checks.py" not in bad.stdout


def test_pages_that_nobody_knows_are_skipped(bad: subprocess.CompletedProcess[str]) -> None:
    assert "nothing says which pages /unknown/[x] has" in bad.stdout


@pytest.mark.long
def test_a_site_that_cannot_stand_is_one_failed_test(
    pages: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    assert failures(pages({"site.toml": "titel = 1"})) == [
        "site::site.toml - site/site.toml:1:1: `titel` is not a setting. Did you mean `title`?"
    ]


@pytest.mark.long
def test_nothing_is_written_into_the_site(
    pages: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    pages(SOUND)
    found = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*")}
    assert not {"dist", ".engine", ".pytest_cache"} & found
