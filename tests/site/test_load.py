"""A site is loaded whole or not at all, with every fault at once; what is sound can be asked for all the same."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from doors import Files, Served, freeze_site, write_site
from engine import create_app, load_config
from engine.loading import load

Find = Callable[..., list[str]]


def loaded_modules() -> list[str]:
    return [name for name in sys.modules if name.startswith("engine_site_")]


def test_faults_of_every_kind_come_at_once(faults: Find) -> None:
    files = {
        "app.py": "def setup(app):\n    1 / 0\n",
        "site.toml": '[redirects]\n"old" = "/"\n',
        "data/bad.json": "{",
        "pages/[slug.md": "",
        "pages/a.md": "---\ndate: soon\n---\n",
        "pages/b.md": "",
        "pages/b/index.html": "",
        "pages/c.py": "import nothing_of_this_name\n",
        "pages/d.html": "{% if %}",
        "pages/deep/_data.yaml": "a: [",
        "pages/deep/_hooks.py": "1 / 0\n",
        "pages/404.html": "{{",
        "static/con.txt": "",
    }
    found = faults(files)
    assert [fault.split(":")[0] for fault in found] == [
        *("app.py", "data/bad.json", "pages/404.html", "pages/[slug.md", "pages/a.md", "pages/b/index.html"),
        *(
            "pages/c.py",
            "pages/d.html",
            "pages/deep/_data.yaml",
            "pages/deep/_hooks.py",
            "site.toml",
            "static/con.txt",
        ),
    ]


def test_a_site_that_cannot_be_loaded_leaves_no_modules(faults: Find) -> None:
    before = loaded_modules()
    assert faults({"pages/a.py": "def get():\n    return ''\n", "pages/b.md": "---\ndate: soon\n---\n"})
    assert faults(
        {"pages/a.py": "def get():\n    return ''\n", "pages/_data.yaml": "a: b", "pages/_data.toml": ""}
    )
    assert loaded_modules() == before


def test_a_directory_that_is_no_site_is_one_fault(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing", tmp_path / "file"):
        (tmp_path / "file").touch()
        try:
            create_app(path)
        except Exception as error:
            assert (
                str(error)
                == f"{path}: there is no pages/ directory here, so this is not a site. Make pages/index.md."
            )


def test_a_site_without_pages_answers_404(served: Callable[..., Served]) -> None:
    assert served({}).get("/").status == 404


def test_two_sites_in_one_process_do_not_see_each_others_modules(tmp_path: Path) -> None:
    doors = []
    for name in ("one", "two"):
        files = {
            "shared.py": f"NAME = {name!r}\ncount = 0\n",
            "pages/index.py": (
                "import shared\n\n\ndef get():\n    shared.count += 1\n    return f'{shared.NAME} "
                "{shared.count}'\n"
            ),
        }
        doors.append(Served(write_site(tmp_path / name, files)))
    assert [door.get("/").text for door in (*doors, *doors)] == ["one 1", "two 1", "one 2", "two 2"]
    assert "shared" not in sys.modules


def test_a_module_of_a_site_hides_no_module_from_others(served: Callable[..., Served]) -> None:
    door = served(
        {
            "json.py": "NAME = 'mine'\n",
            "pages/index.py": (
                "import json\nimport csv\nfrom xml.dom import minidom\n\n\ndef get():\n    return {'name': "
                "json.NAME}\n"
            ),
        }
    )
    assert door.get("/").text == '{"name":"mine"}'


def test_a_loaded_again_site_has_new_modules(tmp_path: Path) -> None:
    page = "from value import VALUE\n\n\ndef get():\n    return VALUE\n"
    root = write_site(tmp_path, {"value.py": "VALUE = 'old'\n", "pages/index.py": page})
    old = Served(root)
    write_site(root, {"value.py": "VALUE = 'newer'\n"})
    assert Served(root).get("/").text == "newer"
    assert old.get("/").text == "old"


def test_what_is_sound_stands_beside_what_is_not(tmp_path: Path) -> None:
    files = {
        "site.toml": '[redirects]\n"/one/" = "/sound/"\n"/sound/" = "/elsewhere/"\n"/two/" = "/sound/"\n',
        "pages/sound.md": "---\naliases: [/three/, /clash/]\n---\nsound",
        "pages/clash.md": "---\naliases: [/four/]\n---\nclash",
        "pages/broken.md": "---\ndate: soon\n---\n",
        "pages/broken.py": "def get():\n    return ''\n",
    }
    site, faults = load(load_config(write_site(tmp_path, files)))
    assert site is not None
    assert sorted(site.views) == ["/clash", "/four", "/one", "/sound", "/three", "/two"]
    assert {fault.code for fault in faults} == {"duplicate-url", "front-matter-type"}
    assert [site.views[id].source for id in ("/sound", "/clash")] == ["pages/sound.md", "pages/clash.md"]


def test_where_a_guard_cannot_be_loaded_nothing_below_it_is_published(tmp_path: Path) -> None:
    files: Files = {
        "pages/open.md": "open",
        "pages/members/_hooks.py": "from engine import nothing\n",
        "pages/members/secret.md": "secret",
        "pages/members/deep/secret.txt": "secret",
        "pages/drafts/_data.yaml": "draft: true\nsecret: [",
        "pages/drafts/secret.md": "secret",
        "pages/drafts/deep/secret.md": "secret",
    }
    root = write_site(tmp_path / "site", files)
    site, faults = load(load_config(root))
    assert site is not None
    assert [fault.file for fault in faults] == ["pages/drafts/_data.yaml", "pages/members/_hooks.py"]
    from engine import App
    from engine.freeze.freeze import FreezeOptions, freeze

    report = freeze(App(site), FreezeOptions(str(tmp_path / "dist"), 1, keep_going=True), known=faults)
    assert report.written == ["404.html", "open/index.html"]


def test_a_site_may_lie_behind_a_symbolic_link(tmp_path: Path) -> None:
    root = write_site(
        tmp_path / "real", {"pages/index.py": "def get(request):\n    return request.args.get('x', '')\n"}
    )
    (tmp_path / "link").symlink_to(root)
    report = freeze_site(tmp_path / "link", tmp_path / "dist")
    assert [str(fault).partition(":")[0] for fault in report.faults] == ["pages/index.py"]


def test_names_that_app_py_adds_are_this_sites_alone(tmp_path: Path) -> None:
    app = (
        "def setup(app):\n    app.template_filter('twice')(lambda text: text * 2)\n    app.add_names({{'name': "
        "{!r}}})\n"
    )
    page = "---\nlayout: false\n---\n{{ name|twice }}"
    doors = [
        Served(write_site(tmp_path / name, {"app.py": app.format(name), "pages/index.html": page}))
        for name in "ab"
    ]
    assert [door.get("/").text for door in doors] == ["aa", "bb"]


def test_what_app_py_adds_to_templates_needs_no_parentheses(served: Callable[..., Served]) -> None:
    app = """
        def setup(app):
            @app.template_filter
            def twice(text):
                return text * 2

            @app.template_test
            def even(number):
                return number % 2 == 0

            @app.template_global
            def two():
                return 2
        """
    page = "---\nlayout: false\n---\n{{ 'ab'|twice }} {{ two() is even }}"
    assert served({"app.py": app, "pages/index.html": page}).get("/").text == "abab True"


def test_settings_of_the_site_are_read_by_templates_and_code(served: Callable[..., Served]) -> None:
    door = served(
        {
            "site.toml": 'title = "T"\n[app]\nmine = 7\n',
            "pages/index.html": "---\nlayout: false\n---\n{{ site.title }} {{ config.app.mine }}",
            "pages/code.py": "from engine import current_app\n\n\ndef get():\n    return current_app.config.title\n",
        }
    )
    assert (door.get("/").text, door.get("/code/").text) == ("T 7", "T")


def test_settings_that_are_no_utf8_are_a_fault_at_their_place(faults: Callable[..., list[str]]) -> None:
    files = {"site.toml": b'# one\ntitle = "Caf\xe9"\n', "pages/index.md": "x"}
    assert faults(files) == ["site.toml:2:13: the byte 0xE9 is not UTF-8. Save the file as UTF-8."]


def test_a_data_file_of_a_directory_that_is_a_list_is_told_as_such(faults: Callable[..., list[str]]) -> None:
    assert faults({"pages/_data.yaml": "- a\n", "pages/index.md": "x"}) == [
        "pages/_data.yaml:1: this must be `key: value` lines, the front matter of the pages below. "
        "Give the values names."
    ]
