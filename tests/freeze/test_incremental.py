"""An incremental freeze says what a clean one says, and makes no page that could not differ."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine import outside
from engine.app.app import App
from engine.config import load_config
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.target import Report
from engine.site import load
from freeze_tools import tree_of

SITE = {
    "site.toml": 'title = "T"\n[freeze]\nhybrid = true\n[app]\ncolour = "red"\n',
    "app.py": "def setup(app):\n    app.template_filter()(loud)\ndef loud(text):\n    return str(text).upper()\n",
    "pages/_layout.html": (
        "<title>{{ page.title }} {{ site.title }}</title>{% include 'nav.html' %}{% include '_foot.html' %}"
        "{% for p in pages.under('/blog').sort('-date')[:2] %}<a href='{{ p.url }}'>{{ p.title }}</a>{% endfor %}"
        "<main>{{ content }}</main>{{ x }}{% if page.next %}<a href='{{ page.next.url }}'>next</a>{% endif %}"
    ),
    "pages/_foot.html": "<footer></footer>",
    "templates/nav.html": "{% from 'macros.html' import item %}<nav>{{ item(data.nav.home) }}</nav>",
    "templates/macros.html": "{% macro item(x) %}<i>{{ x|loud }}</i>{% endmacro %}",
    "data/nav.yaml": "home: Home\n",
    "data/people.yaml": "ann: Ann\nbob: Bob\n",
    "pages/index.md": "# Home\n\n[About](about.md) [first](blog/one.md)\n",
    "pages/about.md": "---\ntitle: About\n---\nWho we are.\n",
    "pages/blog/index.html": (
        "{% for g in pages.under('/blog').group('tags') %}<h2>{{ g.key }}</h2>{{ g.pages|length }}{% endfor %}"
        "{{ pages.get('/about/').title if pages.get('/about/') }} {{ pages[0].title }}"
        "{% for name in data %}{{ name }}{% endfor %}{{ data.more }}<a href='{{ url_for('/about') }}'>About</a>"
    ),
    "pages/blog/one.md": "---\ntitle: One\ndate: 2026-01-01\ntags: [a]\n---\nOne.\n",
    "pages/blog/two.md": "---\ntitle: Two\ndate: 2026-01-02\ntags: [a, b]\n---\nTwo, see [one](one.md).\n",
    "pages/blog/three.md": "---\ntitle: Three\ndate: 2026-01-03\n---\nThree.\n",
    "pages/feed.xml.jinja": "{% for p in pages.under('/blog') %}<entry>{{ p.url }}{{ p.content }}</entry>{% endfor %}",
    "pages/people/[who].py": (
        "from lib import greet\nfrom engine import data\n"
        "def static_params():\n    return data.people.keys()\n"
        "def get(who):\n    return '<p>' + greet(data.people[who]) + '</p>'\n"
    ),
    "lib.py": "from words import HELLO\ndef greet(name):\n    return HELLO + name\n",
    "words.py": "HELLO = 'Hello '\n",
    "pages/notes.txt.py": (
        "from pathlib import Path\nHERE = Path(__file__).parent.parent\n"
        "def get():\n    extra = HERE / 'extra.txt'\n"
        "    return (HERE / 'notes.txt').read_text() + (extra.read_text() if extra.exists() else '')\n"
    ),
    "notes.txt": "some notes\n",
    "static/logo.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
}


class Bench:
    """A site that is edited, frozen incrementally into one output and clean into another."""

    def __init__(self, root: Path, files: dict[str, str]) -> None:
        self.root = root / "site"
        self.output, self.clean_output = self.root / "dist", root / "clean"
        for path, text in files.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def freeze(self, *, clean: bool = False) -> Report:
        outside.watch()
        site, faults = load(load_config(self.root))
        assert site is not None, faults
        output = self.clean_output if clean else self.output
        if clean:
            shutil.rmtree(output, ignore_errors=True)
        try:
            options = FreezeOptions(str(output), jobs=1, clean=clean, keep_going=True)
            return freeze(App(site), options, known=faults)
        finally:
            site.modules.close()

    def agrees(self) -> Report:
        """The report of an incremental freeze, whose output a clean one has shown to be right."""
        report = self.freeze()
        clean = self.freeze(clean=True)
        assert report.faults == clean.faults
        assert tree_of(self.output) == tree_of(self.clean_output)
        assert report.asked <= clean.asked
        return report

    def made(self) -> set[str]:
        """The pages that a freeze has made, by their outputs' stamps."""
        before = {path: (self.output / path).stat().st_ino for path in tree_of(self.output)}
        self.agrees()
        after = {path: (self.output / path).stat().st_ino for path in tree_of(self.output)}
        return {path for path in after if after[path] != before.get(path)} - {".engine.json"}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, SITE)
    assert made.freeze().faults == ()
    return made


def test_where_nothing_changed_nothing_is_made_and_nothing_written(bench: Bench) -> None:
    before = {path: path.stat().st_ctime_ns for path in bench.root.rglob("*")}
    report = bench.freeze()
    assert (report.asked, report.written, report.removed) == (0, [], [])
    assert {path: path.stat().st_ctime_ns for path in bench.root.rglob("*")} == before


BLOG = {"blog/index.html", "blog/one/index.html", "blog/two/index.html", "blog/three/index.html"}
LAID_OUT = BLOG | {"index.html", "about/index.html"}

EDITS: dict[str, tuple[Callable[[Bench], None], set[str]]] = {
    "a body is made again with what shows it": (
        lambda bench: bench.edit("pages/blog/one.md", "One.\n", "One more.\n"),
        {"blog/one/index.html", "feed.xml"},
    ),
    "a body that nobody else shows is made alone": (
        lambda bench: bench.edit("pages/about.md", "Who", "What"),
        {"about/index.html"},
    ),
    "a partial makes again what includes it": (
        lambda bench: bench.write("templates/nav.html", "<nav></nav>"),
        LAID_OUT,
    ),
    "a macro makes again what calls it": (
        lambda bench: bench.edit("templates/macros.html", "<i>", "<b>"),
        LAID_OUT,
    ),
    "a data file makes again what reads it": (
        lambda bench: bench.edit("data/people.yaml", "Ann", "Anna"),
        {"people/ann/index.html", "people/bob/index.html"},
    ),
    "a module makes again what imports it by way of another": (
        lambda bench: bench.edit("words.py", "Hello", "Good day"),
        {"people/ann/index.html", "people/bob/index.html"},
    ),
    "a file that a handler opens makes again its page": (
        lambda bench: bench.write("notes.txt", "other notes\n"),
        {"notes.txt"},
    ),
    "a file that a handler has looked for in vain makes again its page": (
        lambda bench: bench.write("extra.txt", "more\n"),
        {"notes.txt"},
    ),
    "a template that comes to stand before another makes again what would use it": (
        lambda bench: bench.write("templates/_foot.html", "<footer>new</footer>"),
        LAID_OUT,
    ),
    "the title of an old post makes again the lists and its neighbours": (
        lambda bench: bench.edit("pages/blog/one.md", "title: One", "title: First"),
        {"blog/one/index.html", "feed.xml"},
    ),
    "an asset is made alone": (
        lambda bench: bench.write("static/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>"),
        {"logo.svg"},
    ),
    "a setting makes again what reads it": (
        lambda bench: bench.edit("site.toml", 'title = "T"', 'title = "U"'),
        LAID_OUT | {"404.html"},
    ),
    "a setting that nobody reads makes nothing again": (
        lambda bench: bench.edit("site.toml", "red", "blue"),
        set(),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_makes_again_just_what_could_differ(bench: Bench, name: str) -> None:
    edit, expected = EDITS[name]
    edit(bench)
    assert bench.made() == expected


def test_a_file_of_the_output_that_somebody_changed_is_made_again(bench: Bench) -> None:
    (bench.output / "about/index.html").write_text("broken")
    (bench.output / "index.html").unlink()
    assert bench.agrees().asked == 2


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_a_damaged_ledger_is_a_clean_freeze(bench: Bench, damage: bytes | None) -> None:
    [ledger] = bench.root.glob(".engine/freeze/*.ledger")
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    clean = bench.agrees()
    assert clean.asked == clean.pages


def test_a_text_of_markup_may_be_asked_for(bench: Bench) -> None:
    bench.write("pages/marked.html", "{% set x %}/about/{% endset %}{{ pages.get(x).url }}")
    assert not bench.freeze().faults
    assert bench.freeze().asked == 0


def test_a_page_that_reads_a_clock_is_made_each_time(bench: Bench) -> None:
    bench.write("pages/now.txt.py", "import time\n\ndef get():\n    return str(time.time() > 0)\n")
    bench.freeze()
    assert bench.freeze().asked == 1


def test_the_environment_counts_where_it_is_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(
        "pages/who.txt.py",
        "import os\n\nWHO = os.environ.get('WHO', 'nobody')\n\ndef get():\n    return WHO\n",
    )
    bench.freeze()
    monkeypatch.setenv("WHO", "me")
    assert bench.made() == {"who.txt"}


def test_what_the_set_up_of_a_site_reads_counts(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write(
        "app.py",
        "import os\n\ndef setup(app):\n    app.template_filter('loud')(str)\n"
        "    app.add_names({'x': os.environ.get('WHO', 'nobody')})\n",
    )
    bench.freeze()
    monkeypatch.setenv("WHO", "me")
    assert bench.made() >= LAID_OUT
    assert "me" in (bench.output / "about/index.html").read_text()


def test_a_page_that_cannot_be_read_any_more_is_a_fault_among_the_others(bench: Bench) -> None:
    bench.edit("pages/blog/one.md", "title: One", "title: [One")
    bench.edit("pages/index.md", "# Home", "[nowhere](/nowhere/)")
    faults = bench.agrees().faults
    assert {fault.file for fault in faults} >= {"pages/blog/one.md", "pages/index.md"}


def test_what_a_module_remembers_counts_for_all_its_pages(bench: Bench) -> None:
    bench.write(
        "notes.py",
        "from functools import cache\nfrom pathlib import Path\n\n@cache\ndef notes():\n"
        "    return Path(__file__).with_name('notes.txt').read_text()\n",
    )
    for name in ("a", "b"):
        bench.write(f"pages/{name}.txt.py", "from notes import notes\n\ndef get():\n    return notes()\n")
    bench.freeze()
    bench.write("notes.txt", "new\n")
    assert bench.made() == {"a.txt", "b.txt", "notes.txt"}


def test_what_is_sound_is_kept_in_spite_of_a_fault_elsewhere(bench: Bench) -> None:
    bench.edit("pages/about.md", "Who", "[nowhere](/nowhere/) Who")
    assert [fault.code for fault in bench.freeze().faults] == ["dead-link"]
    bench.edit("pages/about.md", "[nowhere](/nowhere/) Who", "Who")
    assert bench.agrees().asked == 1


WORDS = ("alpha", "beta", "[one](/blog/one/)", "[x](../about.md)", "{{ x }}", "**b**")


def edits(chance: random.Random, bench: Bench) -> None:
    """One random edit: create, change, rename or remove a file of any kind."""
    files = sorted(path for path in bench.root.rglob("*") if path.is_file())
    files = [path for path in files if not {".engine", "dist", "__pycache__"} & {*path.parts}]
    path = chance.choice(files)
    match chance.randrange(6):
        case 0:
            name = f"pages/blog/{chance.choice('pqrs')}.md"
            date = f"2026-0{chance.randint(1, 9)}-01"
            tags = chance.choice(("[a]", "[b]", "[]"))
            bench.write(
                name,
                f"---\ntitle: {chance.choice(WORDS[:2])}\ndate: {date}\ntags: {tags}\n---\n{chance.choice(WORDS)}\n",
            )
        case 1 if path.suffix in (".md", ".html", ".txt", ".svg"):
            path.write_text(path.read_text() + chance.choice(WORDS[:2]) + "\n")
        case 2 if path.suffix == ".md":
            path.rename(path.with_name(f"{chance.choice('tuvw')}.md"))
        case 3 if path.suffix == ".md" and len(files) > 12:
            path.unlink()
        case 4:
            text = path.read_text()
            old, new = chance.choice(
                [("a", "aa"), ("One", "Uno"), ("Home", "House"), ("title: ", "title: x")]
            )
            path.write_text(text.replace(old, new, 1) if path.suffix in (".md", ".yaml") else text)
        case _:
            name, text = chance.choice(
                [
                    ("pages/blog/_layout.html", "<b>{{ content }}</b>"),
                    ("pages/blog/_data.yaml", "tags: [b]\n"),
                    ("pages/_hooks.py", f"def context():\n    return {{'x': {chance.randrange(9)}}}\n"),
                    ("pages/blog/_hooks.py", "def after_request(response):\n    return response\n"),
                    ("pages/404.md", "# Gone\n"),
                    ("templates/nav.html", "<nav>{{ pages|length }}</nav>"),
                    ("data/more.yaml", f"[{chance.randrange(9)}]\n"),
                    ("extra.txt", f"extra {chance.randrange(9)}\n"),
                    ("time.py", "x = 1\n"),
                    ("pages/people/ann.md", "Ann herself.\n"),
                    ("words.py", f"HELLO = '{chance.choice(WORDS[:2])} '\n"),
                    ("lib.py", "def greet(name):\n    return name\n"),
                ]
            )
            if (bench.root / name).exists() and chance.random() < 0.4:
                (bench.root / name).unlink()
            else:
                bench.write(name, text)


def runs(seed: int, root: Path, steps: int) -> Iterator[Report]:
    chance = random.Random(seed)
    bench = Bench(root, SITE)
    bench.freeze()
    for _ in range(steps):
        edits(chance, bench)
        yield bench.agrees()


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_the_output_is_that_of_a_clean_freeze(seed: int, tmp_path: Path) -> None:
    asked = [report.asked for report in runs(seed, tmp_path, 10)]
    assert any(count < 10 for count in asked)


SEQUENCES = int(os.environ.get("ENGINE_TEST_SEQUENCES", "300"))
"""Of ten edits each, divided among the tests below."""


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_after_very_many_edits_the_output_is_that_of_a_clean_freeze(part: int, tmp_path: Path) -> None:
    for seed in range(1000 + part, 1000 + SEQUENCES, 10):
        for _ in runs(seed, tmp_path / "bench", 10):
            pass
        shutil.rmtree(tmp_path / "bench")
