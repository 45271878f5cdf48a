"""The second load of the same files finds the same without looking into them, and whatever has changed is seen."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import pytest

from doors import write_site
from engine.app.app import App
from engine.config import load_config
from engine.listing import FORMAT
from engine.loading import load
from engine.site import Site
from engine.source.survey import survey

FILES = {
    "site.toml": 'title = "T"\n[redirects]\n"/gone/[x]/" = "/a/"\n"/never/" = 410\n',
    "pages/_data.yaml": "colour: red\n",
    "pages/index.html": "{% for page in pages %}{{ page.title }}{% endfor %}",
    "pages/a.md": "---\ntitle: A\ntags: [x, y]\naliases: [/old/]\n---\nAlpha",
    "pages/b.md": "# Beta\n\nText",
    "pages/c.md": "---\nrender: jinja\n---\n{{ 1 }}",
    "pages/404.md": "Not here",
    "pages/blog/[slug].py": "def static_params():\n    return []\n\ndef get(slug):\n    return slug\n",
    "pages/blog/pair.py": "def get():\n    return {'x': 1}\n",
    "pages/blog/pair.html": "{{ x }}",
    "pages/blog/(group)/feed.xml.jinja": "<a/>",
    "pages/blog/_layout.html": "{{ content }}",
    "pages/d.md": "---\ndraft: true\n---\nDraft",
    "static/x.css": "p { top: 0 }",
    "templates/foot.html": "foot",
    "data/words.yaml": "word: one\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A site that was loaded once."""
    root = write_site(tmp_path / "site", FILES)
    _load(root)
    assert _listings(root)
    return root


def _load(root: Path, *, knowing: bool = True, **options: Any) -> Site:
    config = load_config(root, **options)
    site, faults = load(config, survey(config.root) if knowing else None)
    assert site is not None, faults
    site.modules.close()
    return site


def _listings(root: Path) -> dict[str, int]:
    """The times at which listings were written."""
    return {path.name: path.stat().st_mtime_ns for path in root.glob(".engine/load/*")}


def _told(site: Site) -> object:
    """What a site says of its routes, pages and views."""
    pages = [
        (it.path, it.url, it.title, dict(it.meta), it.directory, it.source, it.body_digest, it.head)
        for it in site.pages
    ]
    views = {id: (type(view).__name__, view.source, view.freeze) for id, view in site.views.items()}
    recipes = {id: getattr(view, "recipe", None) for id, view in site.views.items()}
    matches = [site.routes.match(path) for path in ("/a/", "/old/", "/gone/1/", "/blog/z/", "/blog/z", "/no")]
    return pages, views, recipes, site.routes.routes, matches, site.files, sorted(site.hooks), site.tree.files


def test_the_same_files_are_not_looked_into(root: Path) -> None:
    before = _listings(root)
    assert _told(_load(root)) == _told(_load(root, knowing=False))
    assert _listings(root) == before  # what is found anew is written down anew


def test_the_texts_of_pages_may_have_changed(root: Path) -> None:
    before = _listings(root)
    (root / "pages/a.md").write_text(FILES["pages/a.md"].replace("Alpha", "Aleph, longer"))
    site = _load(root)
    assert _told(site) == _told(_load(root, knowing=False))
    page = site.pages.get("/a/")
    assert page is not None
    assert "Aleph, longer" in page.content
    assert _listings(root) == before


@pytest.mark.parametrize("file", ["pages/_layout.html", "templates/foot.html", "data/nav.yaml"])
def test_what_pages_are_filled_into_may_have_changed(tmp_path: Path, file: str) -> None:
    files = {**FILES, "pages/_layout.html": "{{ data.nav.home }}{{ content }}{% include 'foot.html' %}"}
    root = write_site(
        tmp_path / "site", {**files, "templates/foot.html": "<p>1", "data/nav.yaml": "home: one"}
    )
    _load(root)
    before = _listings(root)
    with (root / file).open("a") as opened:
        opened.write(" more")
    site = _load(root)
    assert _told(site) == _told(_load(root, knowing=False))
    assert "more" in App(site).test_client().get("/a/").text
    assert _listings(root) == before


def _write(path: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    return change


CHANGES: dict[str, Callable[[Path], object]] = {
    "front matter": _write("pages/a.md", "---\ntitle: Other\n---\nAlpha"),
    "a title in the text": _write("pages/b.md", "# Other\n\nText"),
    "a comment in the front matter": _write("pages/a.md", FILES["pages/a.md"].replace("tags:", "# x\ntags:")),
    "a text with Jinja": _write("pages/c.md", "---\nrender: jinja\n---\n{{ 2 }}"),
    "no front matter any more": _write("pages/a.md", "Alpha"),
    "a new page": _write("pages/new.md", "New"),
    "a new directory": _write("pages/x/y.md", "New"),
    "a page removed": lambda root: (root / "pages/b.md").unlink(),
    "a page renamed": lambda root: (root / "pages/b.md").rename(root / "pages/z.md"),
    "a template page": _write("pages/index.html", "{% extends 'foot.html' %}"),
    "a layout": _write("pages/_layout.html", "{{ content }}"),
    "another template": _write("templates/foot.html", "{{ data.nav }}{% block x %}{% endblock %}"),
    "data": _write("data/nav.yaml", "home: Home"),
    "the data of a directory": _write("pages/_data.yaml", "colour: blue\nlayout: false\n"),
    "a handler": _write("pages/blog/pair.py", "freeze = False\n\ndef get():\n    return {'x': 2}\n"),
    "an asset": _write("static/x.css", "p { top: 1px }"),
    "a setting": _write("site.toml", 'slash = "never"\n'),
    "a schema": _write(
        "pages/_schema.py",
        "from dataclasses import dataclass\n\n@dataclass\nclass Page:\n    colour: str\n    title: str = ''\n",
    ),
    "hooks": _write("pages/_hooks.py", "def before_request():\n    pass\n"),
    "the whole listing": lambda root: shutil.rmtree(root / ".engine"),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_what_has_changed_is_found(root: Path, change: str) -> None:
    CHANGES[change](root)
    assert _told(_load(root)) == _told(_load(root, knowing=False))
    assert _told(_load(root)) == _told(_load(root, knowing=False))


def test_the_same_size_and_time_do_not_make_the_same_file(root: Path) -> None:
    file = root / "pages/a.md"
    before = file.stat()
    file.write_text(FILES["pages/a.md"].replace("title: A", "title: Z"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    page = _load(root).pages.get("/a/")
    assert page is not None
    assert page.title == "Z"


def test_each_of_several_settings_has_a_listing(root: Path) -> None:
    for options in ({"drafts": True}, {"base_url": "https://example.org/x"}, {}):
        assert _told(_load(root, **options)) == _told(_load(root, knowing=False, **options))
        assert _told(_load(root, **options)) == _told(_load(root, knowing=False, **options))
    assert len(_listings(root)) == 3


def test_few_listings_are_kept(root: Path) -> None:
    for number in range(8):
        _load(root, base_url=f"https://example.org/{number}")
    assert len(_listings(root)) == 4


@pytest.mark.parametrize(
    "code",
    [
        "from engine import Converter\n\ndef setup(app):\n    app.add_converter('odd', int)\n",
        "def setup(app):\n    app.mount('/old', lambda environ, start: [])\n",
    ],
)
def test_where_code_has_a_say_nothing_is_written_down(tmp_path: Path, code: str) -> None:
    root = write_site(tmp_path / "site", {**FILES, "app.py": code})
    _load(root)
    assert not _listings(root)


FORMS = {
    "yaml": "---\na: 2026-01-02\nb: 2026-01-02 03:04:05\nc: 2026-01-02T03:04:05+02:00\nd: {e: [1, 2.5, null]}\n---\n",
    "toml": "+++\na = 2026-01-02\nb = 2026-01-02T03:04:05Z\nc = 03:04:05\nd = { e = [1, 2.5, true] }\n+++\n",
    "json": '---json\n{"a": "x", "d": {"e": [1, null]}}\n---\n',
}


@pytest.mark.parametrize("form", list(FORMS))
def test_every_kind_of_value_is_the_same_again(tmp_path: Path, form: str) -> None:
    root = write_site(tmp_path / "site", {"pages/a.md": FORMS[form] + "Text"})
    first, before = _told(_load(root)), _listings(root)
    assert _told(_load(root)) == first
    assert _listings(root) == before


class Evil:
    """Runs code where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def _sealed(survey: bytes, value: object) -> bytes:
    """A listing of this value, with the right checksum."""
    body = len(survey).to_bytes(8, "big") + survey + pickle.dumps(value)
    return FORMAT + blake2b(body, digest_size=32).digest() + body


@pytest.mark.parametrize("damage", ["cut", "empty", "zeros", "other", "nothing", "evil"])
def test_a_listing_that_is_none_does_no_harm(root: Path, tmp_path: Path, damage: str) -> None:
    (file,) = root.glob(".engine/load/*")
    data, mark = file.read_bytes(), tmp_path / "mark"
    begin = len(FORMAT) + 32
    then = data[begin + 8 : begin + 8 + int.from_bytes(data[begin : begin + 8], "big")]
    file.write_bytes(
        {
            "cut": data[:-5],
            "empty": b"",
            "zeros": bytes(len(data)),
            "other": _sealed(then, {"tree": 1}),
            "nothing": _sealed(b"", None),
            "evil": _sealed(then, Evil(mark)),
        }[damage]
    )
    assert _told(_load(root)) == _told(_load(root, knowing=False))
    assert not mark.exists()


def test_an_unwritable_cache_is_no_fault(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {**FILES, ".engine": "a file where a directory would be"})
    assert _told(_load(root)) == _told(_load(root, knowing=False))
