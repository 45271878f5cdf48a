"""What an extension adds to a site: pages, templates, and hooks that look at a load, at pages and at a freeze."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Door, Files, Served, write_site
from freeze_tools import Bench, Freezer

SHOP: Files = {
    "pages/index.md": "---\ntitle: Shop\nlayout: till\n---\n[Rye](rye.md)\n",
    "pages/rye.md": "---\nlayout: false\n---\nRye for {{ price }}\n",
    "pages/basket.py": "freeze = False\ndef get():\n    from names import OWNER\n    return f'basket of {OWNER}'\n",
    "pages/till.css": "b { color: red }\n",
    "pages/[size=int].html": "---\nlayout: false\nfreeze: false\n---\nSize {{ params.size }}",
    "templates/till.html": "<i>till</i> {{ content }}",
}
APP = """
    from pathlib import Path

    SHOP = Path(__file__).parents[1] / "shop"

    def setup(app):
        app.add_pages(SHOP / "pages", "shop")
        app.add_templates(SHOP / "templates")
"""
OWN: Files = {"app.py": APP, "names.py": "OWNER = 'Ida'\n", "pages/index.md": "[Shop](shop/index.md)\n"}


@pytest.fixture(autouse=True)
def shop(tmp_path: Path) -> Path:
    """The directory of an extension, beside those of the sites."""
    return write_site(tmp_path / "shop", SHOP)


def test_pages_of_an_extension_are_pages_of_the_site(door: Callable[..., Door]) -> None:
    site = door(OWN)
    assert site.get("/shop/").text.strip() == '<i>till</i> <p><a href="/shop/rye/">Rye</a></p>'
    assert "Rye for" in site.get("/shop/rye/").text
    assert site.get("/shop/till.css").type.startswith("text/css")
    assert '<a href="/shop/">Shop</a>' in site.get("/").text


def test_its_handlers_import_the_modules_of_the_site(served: Callable[..., Served]) -> None:
    site = served(OWN)
    assert site.get("/shop/basket/").text == "basket of Ida"
    assert site.get("/shop/12/").text == "Size 12"


def test_a_file_of_the_site_takes_the_place_of_one_of_an_extension(door: Callable[..., Door]) -> None:
    own = {
        **OWN,
        "pages/shop/rye.md": "---\nlayout: false\n---\nOurs",
        "templates/till.html": "ours {{ content }}",
    }
    site = door(own)
    assert site.get("/shop/rye/").text.strip() == "<p>Ours</p>"
    assert site.get("/shop/").text.startswith("ours ")


def test_of_two_extensions_the_one_that_is_set_up_first_brings_a_file(
    door: Callable[..., Door], tmp_path: Path
) -> None:
    write_site(
        tmp_path / "stall", {"pages/rye.md": "Rye of the stall\n", "pages/oat.md": "Oat of the stall\n"}
    )
    both = (
        APP
        + """
        app.add_pages(SHOP.with_name("stall") / "pages", "shop")
    """
    )
    site = door({**OWN, "app.py": both})
    assert "Rye for" in site.get("/shop/rye/").text
    assert "Oat of the stall" in site.get("/shop/oat/").text


def test_directories_of_the_site_hold_for_its_pages(served: Callable[..., Served]) -> None:
    guard = "from engine import abort\ndef before_request():\n    abort(403)\n"
    assert served({**OWN, "pages/shop/_hooks.py": guard}).get("/shop/basket/").status == 403


def test_hooks_of_an_extension_cannot_be_taken_away_unseen(
    faults: Callable[..., list[str]], shop: Path
) -> None:
    write_site(shop, {"pages/_hooks.py": "from engine import abort\ndef before_request():\n    abort(403)\n"})
    [fault] = faults({**OWN, "pages/shop/_hooks.py": "def before_request():\n    pass\n"})
    assert fault.startswith("pages/shop/_hooks.py: this takes the place of the hooks of an extension")


def test_a_fault_in_one_is_told_by_the_path_that_it_has_in_the_site(
    faults: Callable[..., list[str]], shop: Path
) -> None:
    write_site(shop, {"pages/rye.md": "---\ntitle: [\n---\n", "pages/basket.py": "import nowhere\n"})
    found = faults(OWN)
    assert [fault.partition(": ")[0] for fault in found] == [
        "pages/shop/basket.py:1",
        "pages/shop/rye.md:3:1",
    ]


@pytest.mark.parametrize("method", ["add_pages", "add_templates"])
def test_a_directory_that_is_not_there_is_a_fault(faults: Callable[..., list[str]], method: str) -> None:
    [fault] = faults({"app.py": f"def setup(app):\n    app.{method}('/nowhere')\n"})
    assert fault == "app.py:2: `setup()` raised ValueError: there is no directory /nowhere."


@pytest.mark.long
def test_a_freeze_sees_every_change_of_them(tmp_path: Path, shop: Path) -> None:
    bench = Bench(tmp_path / "bench", {**OWN, "site.toml": "[freeze]\nhybrid = true\n"})
    bench.write("app.py", APP.replace("parents[1]", "parents[2]").replace("\n    ", "\n"))
    bench.agrees()
    bench.rests()
    for path, text in {
        "pages/rye.md": "Rye\n",
        "pages/white.md": "White\n",
        "templates/till.html": "<b>till</b> {{ content }}",
        "pages/deep/er.md": "Deeper\n",
    }.items():
        write_site(shop, {path: text})
        bench.agrees()
        bench.rests()
    (shop / "pages/white.md").unlink()
    bench.agrees()
    assert not (bench.output / "shop/white/index.html").exists()


# Hooks

LOADED = """
    from engine import Fault

    def setup(app):
        @app.on_load
        def described(site):
            for page in site.pages:
                if "description" not in page.meta:
                    yield Fault("described", page.source.path, "it has no description", "Write one")
"""


def test_a_load_hook_finds_faults_of_the_site(faults: Callable[..., list[str]]) -> None:
    pages = {"pages/a.md": "---\ndescription: All of it\n---\n", "pages/b.md": "b\n"}
    assert faults({"app.py": LOADED, **pages}) == ["pages/b.md: it has no description. Write one."]


ROUTED = """
    from engine import Fault

    def setup(app):
        @app.on_routes
        def named(routes):
            for route in routes.routes:
                if "id" in route.param_names:
                    yield Fault("named", route.source, f"{route.id} says nothing of what it names", "Call it a slug")
"""


def test_a_hook_of_routes_finds_faults_of_them(faults: Callable[..., list[str]]) -> None:
    pages = {
        "pages/a/[slug].py": "def get(slug):\n    return slug\n",
        "pages/b/[id].py": "def get(id):\n    return id\n",
    }
    told = "pages/b/[id].py: /b/[id] says nothing of what it names. Call it a slug."
    assert faults({"app.py": ROUTED, **pages}) == [told]


RENDERED = """
    def setup(app):
        @app.on_render
        def shout(html, page):
            return html.replace("rye", page.meta.get("loaf", "RYE"))

        @app.on_render
        def leave(html, page):
            return None

        @app.on_render
        def sign(html, page):
            return html + "-- signed"
"""
PAGES: Files = {
    "pages/a.md": "---\nlayout: false\n---\nrye\n",
    "pages/b.html": "---\nlayout: false\nloaf: spelt\n---\nrye",
    "pages/c.py": "def get():\n    return {}\n",
    "pages/c.html": "---\nlayout: false\n---\nrye",
    "pages/feed.xml.jinja": "<feed>rye</feed>",
    "pages/d.py": "def get():\n    return 'rye'\n",
}


def test_a_render_hook_changes_pages_and_nothing_else(door: Callable[..., Door]) -> None:
    site = door({"app.py": RENDERED, **PAGES})
    texts = {path: site.get(path).text for path in ("/a/", "/b/", "/c/", "/d/", "/feed.xml")}
    assert texts == {
        "/a/": "<p>RYE</p>\n-- signed",
        "/b/": "spelt-- signed",
        "/c/": "RYE-- signed",
        "/d/": "rye",
        "/feed.xml": "<feed>rye</feed>",
    }


@pytest.mark.long
def test_pages_are_made_again_when_a_render_hook_comes_changes_or_goes(tmp_path: Path) -> None:
    bench = Bench(tmp_path, dict(PAGES))  # type: ignore[arg-type]
    bench.agrees()
    setup = "def setup(app):\n    @app.on_render\n    def mark(html, page):\n        return html + MARK\n\nMARK = '!'\n"
    for text in (setup, setup.replace("!", "?"), setup.replace("@app.on_render", "# nothing"), setup):
        bench.write("app.py", text)
        bench.agrees()
        bench.rests()
    assert (bench.output / "a/index.html").read_text() == "<p>rye</p>\n!"
    (bench.root / "app.py").unlink()
    bench.agrees()
    assert (bench.output / "a/index.html").read_text() == "<p>rye</p>\n"


FROZEN = """
    from engine import Fault

    def setup(app):
        @app.on_freeze
        def small(files):
            for path, body in files.items():
                if len(body) > 40:
                    yield Fault("too-large", path, f"it has {len(body)} bytes")
"""


def test_a_freeze_hook_keeps_what_it_finds_fault_with_from_being_published(tmp_path: Path) -> None:
    freezer = Freezer(tmp_path / "site", tmp_path / "dist")
    assert freezer.faults({"app.py": FROZEN, "pages/a.md": "short\n"}) == []
    before = freezer.tree
    assert freezer.faults({"pages/b.md": "x" * 50}) == ["b/index.html: it has 58 bytes."]
    assert freezer.tree == before


def test_it_sees_the_pages_that_are_as_they_were_too(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"pages/a.md": "a\n", "pages/b.md": "b\n", "limit.txt": "99", "app.py": COUNTING})
    bench.agrees()
    bench.write("pages/c.md", "c\n")
    report, _ = bench.agrees()
    assert [str(fault) for fault in report.faults] == []
    bench.rests()
    bench.write("limit.txt", "2")
    report, _ = bench.agrees()
    assert [str(fault) for fault in report.faults] == ["app.py: there are 4 files, of which 4 are pages."]


COUNTING = """
from pathlib import Path
from engine import Fault

def setup(app):
    @app.on_freeze
    def few(files):
        pages = [path for path, body in files.items() if b"<main" in body]
        if len(files) > int((Path(__file__).parent / "limit.txt").read_text()):
            return [Fault("many", "app.py", f"there are {len(files)} files, of which {len(pages)} are pages")]
"""


HOOK = "def setup(app):\n    @app.on_{}\n    def hook({}):\n        {}\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "site.nothing",
            "app.py:4: `hook()` raised AttributeError: 'Site' object has no attribute 'nothing'.",
        ),
        ("return ['no']", "app.py:2: `hook()` raised TypeError: it must return faults, not 'no'."),
        ("return [None]", "app.py:2: `hook()` raised TypeError: it must return faults, not None."),
        ("raise SystemExit('no')", "app.py:4: `hook()` raised SystemExit: no."),
    ],
)
def test_a_load_hook_that_fails_is_named(faults: Callable[..., list[str]], body: str, expected: str) -> None:
    assert faults({"app.py": HOOK.format("load", "site", body)}) == [expected]


@pytest.mark.parametrize(
    ("hook", "expected"),
    [
        (("freeze", "files", "files['none']"), "app.py:4: `hook()` raised KeyError: 'none'."),
        (
            ("render", "html, page", "1 / 0"),
            "app.py:4: /404.html failed: ZeroDivisionError: division by zero.",
        ),
        (
            ("render", "html, page", "return 1"),
            "pages/404.html: /404.html failed: TypeError: `hook()` must return the text of a page or None, not 1.",
        ),
    ],
)
def test_other_hooks_that_fail_are_named(tmp_path: Path, hook: tuple[str, ...], expected: str) -> None:
    freezer = Freezer(tmp_path / "site", tmp_path / "dist")
    found = freezer.faults({"app.py": HOOK.format(*hook), "pages/a.md": "a\n"})
    assert found[0] == expected
