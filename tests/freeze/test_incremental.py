"""An incremental freeze says what a clean one says, and makes no page that could not differ."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

import engine
from engine.freeze.incremental.standing import MANIFEST
from freeze_tools import Bench, tree_of
from sequences import sequence

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


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, SITE)
    assert made.freeze().faults == ()
    return made


def test_where_nothing_changed_nothing_is_made_and_nothing_written(bench: Bench) -> None:
    bench.surveyed = True
    bench.rests()  # which notes that all stands
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
    assert bench.agrees()[0].asked == 2


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_a_damaged_ledger_is_a_clean_freeze(bench: Bench, damage: bytes | None) -> None:
    [ledger] = bench.root.glob(".engine/freeze/*.ledger")
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]) if damage is None else damage)
    clean, _ = bench.agrees()
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
    faults = bench.agrees()[0].faults
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


LAZY = {
    "terms.py": "from more import HELLO\n",
    "more.py": "HELLO = 'Hello'\n",
    **dict.fromkeys(
        ("pages/a.txt.py", "pages/b.txt.py"), "def get():\n    from terms import HELLO\n    return HELLO\n"
    ),
}


def test_a_module_that_is_imported_while_a_page_answers_counts_for_all_that_import_it(bench: Bench) -> None:
    for path, text in LAZY.items():
        bench.write(path, text)
    bench.freeze()
    bench.rests()
    bench.write("more.py", "HELLO = 'Good day'\n")
    assert bench.made() == {"a.txt", "b.txt"}
    assert (bench.output / "b.txt").read_text() == "Good day"


NOTES = (
    "from functools import cache\nfrom pathlib import Path\n\n@cache\ndef notes():\n"
    "    return Path(__file__).with_name('notes.txt').read_text()\n"
)


def test_what_a_module_remembers_that_is_imported_while_a_page_answers_counts(bench: Bench) -> None:
    bench.write("notes.py", NOTES)
    for name in ("a", "b"):
        bench.write(f"pages/{name}.txt.py", "def get():\n    from notes import notes\n    return notes()\n")
    bench.freeze()
    bench.write("notes.txt", "new\n")
    assert bench.made() == {"a.txt", "b.txt", "notes.txt"}


def test_what_a_module_remembers_of_its_static_params_counts(bench: Bench) -> None:
    bench.write("notes.py", NOTES)
    bench.write(
        "pages/of/[n].txt.py",
        "from notes import notes\n\ndef static_params():\n    return [str(len(notes()) > 1)]\n\n"
        "def get(n):\n    return notes()\n",
    )
    bench.freeze()
    bench.write("notes.txt", "new\n")
    assert bench.made() == {"of/True.txt", "notes.txt"}


def test_bytecode_of_a_module_is_not_used_for_another_text_of_the_same_time_and_size(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    words = bench.root / "words.py"
    bench.edit("words.py", "Hello", "Hallo")
    bench.freeze()
    assert list(bench.root.glob("__pycache__/words.*.pyc"))
    before = words.stat().st_mtime_ns
    bench.edit("words.py", "Hallo", "Howdy")
    os.utime(words, ns=(before, before))
    bench.freeze()
    assert "Howdy" in (bench.output / "people/ann/index.html").read_text()


def test_what_is_changed_while_a_site_freezes_is_seen_by_the_next_freeze(bench: Bench) -> None:
    bench.write(
        "pages/a.txt.py", "from pathlib import Path\n\ndef get():\n    return Path('late').read_text()\n"
    )
    late = bench.root / "late"
    bench.edit("pages/a.txt.py", "'late'", repr(str(late)))
    late.write_text("one")
    bench.freeze()
    slow = f"def get():\n    open({str(late)!r}, 'w').write('two')\n    return ''\n"
    bench.write("pages/b.txt.py", slow)
    bench.freeze()
    assert (bench.output / "a.txt").read_text() == "one"
    bench.freeze()
    assert (bench.output / "a.txt").read_text() == "two"


def test_what_is_sound_is_kept_in_spite_of_a_fault_elsewhere(bench: Bench) -> None:
    bench.edit("pages/about.md", "Who", "[nowhere](/nowhere/) Who")
    assert [fault.code for fault in bench.freeze().faults] == ["dead-link"]
    bench.edit("pages/about.md", "[nowhere](/nowhere/) Who", "Who")
    assert bench.agrees()[0].asked == 1


def test_a_freeze_of_which_nothing_is_sound_publishes_that(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {"pages/index.py": "from nowhere import x\ndef get():\n    return x\n"})
    assert [fault.code for fault in bench.agrees()[0].faults] == ["python-import"]
    assert list(tree_of(bench.output)) == [MANIFEST, "404.html"]


def test_a_page_with_a_dead_link_is_kept_and_its_fault_said_again_where_it_stands(bench: Bench) -> None:
    bench.write("pages/dead.md", "---\ntitle: Dead\n---\n[to](quux.md)\n")
    [fault] = bench.freeze().faults
    bench.rests()
    assert bench.freeze().faults == (fault,)
    bench.edit("pages/dead.md", "title: Dead", "# a line more\ntitle: Dead")
    assert [it.line for it in bench.agrees()[0].faults] == [fault.line + 1]
    bench.write("pages/quuz.md", "a name that is near")
    assert "quuz.md" in str(bench.agrees()[0].faults)
    bench.write("pages/quux.md", "there")
    assert bench.agrees()[0].faults == ()


@pytest.mark.long
def test_another_engine_makes_all_pages_anew(tmp_path: Path) -> None:
    copied = shutil.copytree(Path(engine.__file__).parent, tmp_path / "engine")
    (tmp_path / "site" / "pages").mkdir(parents=True)
    (tmp_path / "site" / "pages" / "index.md").write_text("here")

    def made() -> int:
        command = [sys.executable, "-m", "engine", "freeze", "site", "--json"]
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        )
        return int(json.loads(done.stdout)["asked"])

    assert [made(), made()] == [2, 0]
    for file in ("errors.py", "rendering/markdown.py"):
        os.utime(copied / file, (10**9, 10**9))
        assert made() == 2


@pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="there is no file system in memory")
def test_a_site_in_memory_is_watched_as_any_other() -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        bench = Bench(Path(memory), SITE)
        bench.freeze()
        bench.write("notes.txt", "other notes\n")
        assert bench.made() == {"notes.txt"}


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_the_output_is_that_of_a_clean_freeze(seed: int, tmp_path: Path) -> None:
    reports = list(sequence(seed, tmp_path))
    assert sum(report.asked for report in reports) < sum(report.pages for report in reports)


SEQUENCES = int(os.environ.get("ENGINE_TEST_SEQUENCES", "300"))
"""Of ten edits each, divided among the tests below; one in fifty is of the example site."""


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_after_very_many_edits_the_output_is_that_of_a_clean_freeze(part: int, tmp_path: Path) -> None:
    for seed in range(1000 + part, 1000 + SEQUENCES, 10):
        for _ in sequence(seed, tmp_path / "bench", on_example=seed % 50 == 1):
            pass
        shutil.rmtree(tmp_path / "bench")


def test_hooks_of_a_new_directory_hold_for_files_that_lie_elsewhere(bench: Bench) -> None:
    bench.write("static/shop/logo.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert bench.freeze().faults == ()
    bench.write("pages/shop/_hooks.py", "def before_request():\n    return 'closed'\n")
    report, _ = bench.agrees()
    assert [fault.file for fault in report.faults] == ["static/shop/logo.svg"]


KEEPERS = {
    "a table of its module": "SEEN = {}\ndef index(site):\n    SEEN['text'] = str(site.pages.get('/about/').content)\n",
    "a name of its module": "SEEN = {}\nTEXT = ''\ndef index(site):\n    global TEXT\n"
    "    TEXT = str(site.pages.get('/about/').content)\n",
}


@pytest.mark.parametrize("keeper", list(KEEPERS))
def test_what_a_hook_of_loading_has_kept_is_read_anew(bench: Bench, keeper: str) -> None:
    bench.write("app.py", KEEPERS[keeper] + SITE["app.py"].replace(":\n", ":\n    app.on_load(index)\n", 1))
    bench.write(
        "pages/kept.txt.py", "import app\n\ndef get():\n    return str(app.SEEN) + getattr(app, 'TEXT', '')\n"
    )
    bench.agrees()
    bench.edit("pages/about.md", "Who we are", "Who we were")
    assert "kept.txt" in bench.made()


@pytest.mark.parametrize("hook", ["on_routes(index)", "on_load(lambda site: index(site.routes))"])
def test_what_a_hook_of_loading_has_kept_of_the_routes_is_read_anew(bench: Bench, hook: str) -> None:
    keeps = "SEEN = []\ndef index(routes):\n    SEEN[:] = [route.id for route in routes.routes]\n"
    bench.write("app.py", keeps + SITE["app.py"].replace(":\n", f":\n    app.{hook}\n", 1))
    bench.write("pages/kept.txt.py", "import app\n\ndef get():\n    return str(app.SEEN)\n")
    bench.agrees()
    bench.write("pages/more.md", "More\n")
    assert "kept.txt" in bench.made()


def test_what_one_page_gives_to_a_name_of_a_module_counts_for_the_others(bench: Bench) -> None:
    reads = "import keeper\n\ndef get():\n    return keeper.text()\n"
    bench.write(
        "keeper.py",
        "from engine import current_app\n\nTEXT = None\n\ndef text():\n    global TEXT\n"
        "    TEXT = TEXT or str(current_app.site.pages.get('/about/').content)\n    return TEXT\n",
    )
    bench.write("pages/first.txt.py", reads)
    bench.write("pages/second.txt.py", reads)
    bench.agrees()
    bench.edit("pages/about.md", "Who we are", "Who we were")
    assert bench.made() >= {"first.txt", "second.txt"}
