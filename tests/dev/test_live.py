"""The site is swapped whole, and the old one goes when nobody is in it any more."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from werkzeug.test import Client, create_environ

from commands import eventually
from doors import write_site
from engine import SiteError, load_config
from engine.dev.live import Live, News
from engine.dev.settings import dev_config, dev_secret, watched_config

ORIGIN = "http://127.0.0.1:8000"


def live(root: Path, **flags: object) -> Live:
    live = Live(lambda: dev_config(str(root), ORIGIN, **flags))
    assert not live.reload().faults
    return live


def modules() -> set[str]:
    """The sites whose modules are in memory."""
    return {name for name in sys.modules if name.startswith("engine_site_") and "." not in name}


@pytest.mark.long
def test_the_old_site_is_forgotten_once_it_is_swapped(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"pages/a.py": "def get():\n    return 'one'\n"})
    site = live(root)
    before = modules()
    for _ in range(5):
        site.reload()
    assert len(modules()) == len(before)
    assert Client(site).get("/a/").text == "one"


def test_a_running_answer_keeps_its_site_until_it_is_closed(tmp_path: Path) -> None:
    stream = """
        def get():
            def rows():
                yield "one"
                from words import WORD
                yield WORD
            return rows()
        """
    root = write_site(tmp_path, {"pages/a.py": stream, "words.py": "WORD = 'two'\n"})
    site = live(root)
    running = site(create_environ("/a/"), lambda *args: lambda data: None)  # type: ignore[arg-type]
    rows = iter(running)
    assert next(rows) == b"one"
    before = modules()
    site.reload()
    assert len(modules()) == len(before) + 1
    assert next(rows) == b"two", "it may still import"
    running.close()  # type: ignore[attr-defined]
    assert len(modules()) == len(before)


def test_an_answer_that_fails_leaves_its_site(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"pages/a.py": "def get():\n    return 1 / 0\n"})
    site = live(root)
    with pytest.raises(ZeroDivisionError):
        Client(site).get("/a/")
    before = modules()
    site.reload()
    assert len(modules()) == len(before)


@pytest.mark.long
def test_a_site_of_which_nothing_stands_stays_as_it_was_with_its_faults(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"pages/index.md": "One\n"})
    site = live(root)
    (root / "site.toml").write_text("nonsense")
    assert [fault.file for fault in site.reload().faults] == ["site.toml"]
    assert [fault.file for fault in site.faults] == ["site.toml"]
    assert "One" in Client(site).get("/").text
    (root / "site.toml").unlink()
    assert not site.reload().faults
    assert not site.faults


@pytest.mark.parametrize(
    ("paths", "kind"),
    [
        ({"static/a.css"}, "styles"),
        ({"static/a.css", "pages/b.css"}, "styles"),
        ({"static/a.css", "pages/a.md"}, "reload"),
        ({"templates/a.css"}, "reload"),
        ({"static/a.js"}, "reload"),
        (set(), "reload"),
    ],
)
def test_style_sheets_alone_need_no_reload_of_a_page(paths: set[str], kind: str) -> None:
    assert News(frozenset(paths), (), 0.0).kind == kind


def test_absolute_urls_lead_to_this_server(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"site.toml": 'base_url = "https://example.org/docs"\n'})
    config = dev_config(str(root), ORIGIN)
    assert config.base_url == "http://127.0.0.1:8000/docs"
    assert config.base_path == "/docs"
    assert dev_config(str(write_site(tmp_path / "b", {})), ORIGIN).base_url == ""


def test_the_hosts_of_the_published_site_do_not_shut_out_its_author(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"site.toml": 'trusted_hosts = ["example.org"]\n', "pages/index.md": "One\n"})
    assert Client(live(root)).get("/").status_code == 200


def test_broken_settings_do_not_keep_the_server_from_starting(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"site.toml": "nonsense"})
    assert watched_config(root).root == str(root)
    with pytest.raises(SiteError, match="no pages/"):
        watched_config(tmp_path / "missing")


def test_the_secret_is_kept_for_its_owner_alone_and_out_of_the_repository(tmp_path: Path) -> None:
    key = dev_secret(str(tmp_path))
    file = tmp_path / ".engine/dev-secret"
    assert dev_secret(str(tmp_path)) == key
    assert len(key) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (tmp_path / ".engine/.gitignore").read_text() == "*\n"


def test_no_two_sites_share_a_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert dev_secret(str(tmp_path / "a")) != dev_secret(str(tmp_path / "b"))


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff" * 64, b"g" * 64])
def test_a_spoilt_secret_is_made_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / ".engine/dev-secret"
    file.parent.mkdir()
    file.write_bytes(content)
    assert dev_secret(str(tmp_path)) == file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="/proc is not everywhere")
def test_a_site_that_cannot_be_written_to_has_a_secret_for_the_process(tmp_path: Path) -> None:
    (tmp_path / ".engine").write_text("in the way")
    assert len(dev_secret(str(tmp_path))) == 64


def test_the_secret_of_the_site_itself_is_used_where_it_has_one(tmp_path: Path) -> None:
    root = write_site(tmp_path, {"site.toml": 'secret_key = "mine"\n'})
    assert dev_config(str(root), ORIGIN).secret_key == load_config(root).secret_key == "mine"
    assert not (root / ".engine").exists()


LOADS = {
    "app.py": "def setup(app):\n    with open(__file__ + '.loads', 'a') as file:\n        file.write('.')\n",
    "pages/_layout.html": "<title>{{ page.title }}</title>{{ content }}",
    "pages/list.html": "{% for p in pages.under('/blog') %}{{ p.title }}: {{ p.content }}{% endfor %}",
    "pages/blog/one.md": "---\ntags: [a]\n---\n# One\n\nThe first text.\n",
    "pages/blog/jinja.md": "---\nrender: jinja\n---\n{{ 1 + 1 }}\n",
}


def loads(root: Path) -> int:
    return len((root / "app.py.loads").read_text())


@pytest.mark.parametrize(
    ("path", "old", "new", "shown"),
    [
        ("pages/blog/one.md", "The first text", "Another text", "Another text"),
        ("pages/blog/jinja.md", "{{ 1 + 1 }}", "`{{ x }}` {{ 2 + 2 }}", "<code>{{ x }}</code> 4"),
    ],
)
def test_another_text_of_a_page_needs_no_load(
    tmp_path: Path, path: str, old: str, new: str, shown: str
) -> None:
    root = write_site(tmp_path, LOADS)
    site, url = live(root), "/" + path.removeprefix("pages/").removesuffix(".md") + "/"
    client = Client(site)
    assert shown not in client.get(url).text + client.get("/list/").text
    (root / path).write_text((root / path).read_text().replace(old, new))
    assert site.reload([path]).kind == "texts"
    assert loads(root) == 1
    assert shown in client.get(url).text
    assert shown in client.get("/list/").text


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("pages/blog/one.md", "# One", "# Two"),
        ("pages/blog/one.md", "tags: [a]", "tags: [a]\ntitle: Two"),
        ("pages/list.html", "{{ p.title }}", "{{ p.title }} Two"),
        ("pages/_layout.html", "{{ content }}", "{{ content }} Two"),
    ],
)
def test_what_says_more_than_its_text_is_loaded(tmp_path: Path, path: str, old: str, new: str) -> None:
    root = write_site(tmp_path, LOADS)
    site = live(root)
    (root / path).write_text((root / path).read_text().replace(old, new))
    assert site.reload([path]).kind == "reload"
    assert loads(root) == 2
    assert "Two" in Client(site).get("/list/").text


def test_a_text_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    root = write_site(tmp_path, LOADS)
    site = live(root)
    (root / "pages/blog/one.md").write_bytes(b"---\ntags: [a]\n---\n\xff")
    assert [fault.code for fault in site.reload(["pages/blog/one.md"]).faults] == ["not-utf8"]


@pytest.mark.long
def test_what_code_remembers_of_a_text_is_forgotten_soon(tmp_path: Path) -> None:
    remembers = """
        from functools import cache
        from engine import pages

        @cache
        def words():
            return sum(page.words for page in pages.under("/blog"))

        def get():
            return str(words())
        """
    root = write_site(tmp_path, {**LOADS, "pages/words.py": remembers})
    site = live(root)
    assert Client(site).get("/words/").text == "5"
    with (root / "pages/blog/one.md").open("a") as file:
        file.write("more words\n")
    site.reload(["pages/blog/one.md"])
    eventually(lambda: Client(site).get("/words/").text == "7", "it is forgotten")
