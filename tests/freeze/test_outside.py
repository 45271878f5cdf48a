"""Whatever way code of a site has of looking at the world outside, the next freeze looks there again."""

from __future__ import annotations

import gc
import os
import sqlite3
import time
from pathlib import Path

import pytest

from commands import run
from doors import write_site
from freeze_tools import PLAIN, Bench

HERE = "from pathlib import Path\nROOT = Path(__file__).parents[1]\n"
NOTE = "extra/note.txt"


def page(body: str, head: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{HERE}{head}\n\ndef get():\n{lines}"


PAGES = {
    "the size of what a directory lists": page(
        "return ' '.join(str(entry.stat().st_size) for entry in os.scandir(ROOT / 'extra'))", "import os\n"
    ),
    "where a link leads": page("return os.readlink(ROOT / 'link')", "import os\n"),
    "what a thread reads": page(
        "found = []\n"
        "thread = Thread(target=lambda: found.append((ROOT / 'extra/note.txt').read_text()))\n"
        "thread.start()\nthread.join()\nreturn found[0]",
        "from threading import Thread\n",
    ),
    "what a module is asked for that is a file beside it": page(
        "return get_data('lib', 'note.txt').decode()", "from lib import get_data\n"
    ),
    "a module that is loaded by hand": page(
        "spec = spec_from_file_location('loose', ROOT / 'extra/loose.py')\n"
        "loose = module_from_spec(spec)\nspec.loader.exec_module(loose)\nreturn loose.WORD",
        "from importlib.util import module_from_spec, spec_from_file_location\n",
    ),
    "a module that is imported by its name while a page answers": page(
        "return importlib.import_module(lib.__name__ + '.plug').WORD", "import importlib, lib\n"
    ),
    "the environment as bytes": page("return os.environb.get(b'BENCH_WORD', b'none')", "import os\n"),
    "such a module, by the second page that does": page(
        "return importlib.import_module(lib.__name__ + '.plug').WORD", "import importlib, lib\n"
    ),
    "a module that is not there": page(
        "return WORD", "try:\n    from new import WORD\nexcept ImportError:\n    WORD = ''\n"
    ),
    "a module of a package that is not there": page(
        "try:\n    from lib.new import WORD\nexcept ImportError:\n    WORD = ''\nreturn WORD"
    ),
    "a module that fails, and is done without": page(
        "return WORD", "try:\n    from broken import WORD\nexcept ArithmeticError:\n    WORD = ''\n"
    ),
    "a module of a package that fails": page(
        "try:\n    from lib.broken import WORD\nexcept ArithmeticError:\n    WORD = ''\nreturn WORD"
    ),
    "a part of a package that is not there": page("return lib.WORD", "import lib\n"),
    "a file named from where the freeze runs": page("return open('note.txt').read()"),
    "the directory in which the freeze runs": page("return os.getcwd()", "import os\n"),
}
LIB = (
    "import pkgutil\ntry:\n    from . import new\n    WORD = new.WORD\nexcept ImportError:\n    WORD = ''\n\n\n"
    "def get_data(package, name):\n    return pkgutil.get_data(__name__, name)\n"
)


@pytest.mark.parametrize("way", PAGES)
def test_what_a_page_looks_at_is_looked_at_again(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": PAGES[way], "lib/__init__.py": LIB})
    if "second" in way:
        bench.write("pages/first.txt.py", PAGES[way])
    _change(bench, "one", monkeypatch)
    bench.freeze()
    before = (bench.output / "page.txt").read_bytes()
    bench.rests() if "thread" not in way else None
    _change(bench, "another", monkeypatch)
    for name in ("new.py", "lib/new.py"):
        bench.write(name, "WORD = 'there'\n")
    bench.agrees()
    assert (bench.output / "page.txt").read_bytes() != before


def _change(bench: Bench, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (NOTE, "lib/note.txt", f"{word}/note.txt"):
        bench.write(name, word)
    for name in ("extra/loose.py", "lib/plug.py"):
        bench.write(name, f"WORD = {word!r}\n")
    for name in ("broken.py", "lib/broken.py"):
        bench.write(name, f"WORD = {word!r}\n{len(word)} // {len(word) - len('one')}\n")
    (bench.root / "link").unlink(missing_ok=True)
    (bench.root / "link").symlink_to(word)
    monkeypatch.setenv("BENCH_WORD", word)
    monkeypatch.chdir(bench.root / word)


@pytest.mark.parametrize(
    "name", ["str(ROOT / 'extra/a.db')", "f\"file:{ROOT / 'extra/a.db'}?mode=ro\", uri=True"]
)
def test_what_a_database_file_has_not_taken_in_yet_is_looked_at(name: str, tmp_path: Path) -> None:
    text = page(
        f"found = sqlite3.connect({name}).execute('SELECT * FROM t')\nreturn str(found.fetchall())",
        "import sqlite3\n",
    )
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": text, NOTE: ""})
    writer = sqlite3.connect(bench.root / "extra/a.db")
    writer.execute("PRAGMA journal_mode = WAL")
    for number in range(2):
        writer.execute("CREATE TABLE IF NOT EXISTS t (a)")
        writer.execute(f"INSERT INTO t VALUES ({number})")
        writer.commit()
        bench.agrees()
    writer.close()
    assert (bench.output / "page.txt").read_text() == "[(0,), (1,)]"


@pytest.mark.parametrize("module", ["dbm", "shelve"])
def test_a_database_that_nobody_hears_of_never_rests(module: str, tmp_path: Path) -> None:
    text = page("return module.__name__", f"import {module} as module\n")
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": text})
    bench.freeze()
    assert bench.freeze().asked == 1


@pytest.mark.parametrize(
    "text",
    [
        "import uuid\n\n\ndef get():\n    return str(uuid.uuid1())\n",
        "import time\n\n\ndef get():\n    return str(time.clock_gettime_ns(0))\n",
        "from datetime import date\n\n\nclass Day(date):\n    pass\n\n\ndef get():\n    return str(Day.today())\n",
    ],
)
def test_any_clock_is_a_clock(text: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": text})
    bench.freeze()
    assert bench.freeze().asked == 1


def test_a_clock_that_the_search_for_garbage_looks_at_is_none_of_the_page(tmp_path: Path) -> None:
    gc.callbacks.append(taking_its_time := lambda phase, told: time.perf_counter())
    try:
        text = page("gc.collect()\nreturn ''", "import gc\n")
        bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": text})
        bench.freeze()
        assert bench.freeze().asked == 0
    finally:
        gc.callbacks.remove(taking_its_time)


@pytest.mark.parametrize(
    ("given", "template"),
    [
        ("import datetime\nGIVEN = {'now': datetime.datetime.now}", "{{ now() }}"),
        ("from datetime import datetime\nGIVEN = {'datetime': datetime}", "{{ datetime.now().year }}"),
        ("import time\nGIVEN = {'time': time}", "{{ time.time_ns() }}"),
        ("import random\nGIVEN = {'random': random}", "{{ random.choice('abc') }}"),
        ("import uuid\nGIVEN = {'id': uuid.uuid4}", "{{ id() }}"),
    ],
)
def test_a_clock_that_templates_were_given_is_one_too(given: str, template: str, tmp_path: Path) -> None:
    files = {**PLAIN, "app.py": f"{given}\n\n\ndef setup(app):\n    app.add_names(GIVEN)\n"}
    bench = Bench(tmp_path, {**files, "pages/page.html": template, "pages/other.html": "x"})
    bench.freeze()
    assert bench.freeze().asked == 1


@pytest.mark.long
def test_code_that_is_not_installed_counts_as_that_of_the_site(tmp_path: Path) -> None:
    """As from `PYTHONPATH`, or a package that is worked on; also what it imports itself."""
    code = tmp_path / "code"
    code.mkdir()
    (code / "ours.py").write_text("from common import WORD\n")
    site = {**PLAIN, "pages/page.txt.py": "from ours import WORD\n\n\ndef get():\n    return WORD\n"}
    root = write_site(tmp_path / "site", site)
    for word in ("one", "another"):
        (code / "common.py").write_text(f"WORD = {word!r}\n")
        time.sleep(0.1)
        for _ in range(2):
            path = os.pathsep.join([str(code), os.environ.get("PYTHONPATH", "")])
            ended = run("freeze", root, PYTHONPATH=path)
            assert ended.returncode == 0, ended.stderr
            assert (root / "dist/page.txt").read_text() == word
    assert " 0 written" in ended.stderr


def test_what_changes_after_a_page_has_read_it_is_read_again(tmp_path: Path) -> None:
    """The freeze is told of the file as it is then, which is not what the freeze began with."""
    note = tmp_path / "note.txt"
    note.write_text("one")
    reads = f"from pathlib import Path\n\nNOTE = Path({str(note)!r})\n\n\ndef get():\n    text = NOTE.read_text()\n"
    page = f"{reads}    return text\n"
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": page})
    bench.freeze()
    bench.write("pages/page.txt.py", f"{reads}    NOTE.write_text('another')\n    return text\n")
    bench.freeze()
    assert (bench.output / "page.txt").read_text() == "one"
    bench.freeze()
    assert (bench.output / "page.txt").read_text() == "another"


READ = "(ROOT / 'extra/note.txt').read_text()"
SETUP = f"""\
from pathlib import Path

ROOT = Path(__file__).parent


def setup(app):
    app.add_names({{"text": {READ}}})
"""
PARAMS = f"def static_params():\n    return [{{'name': {READ}}}]\n"


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    "reads",
    [
        {"pages/a.txt.py": page(f"return {READ}")},
        {"pages/a.txt.py": page("return TEXT", f"TEXT = {READ}\n")},
        {"pages/a.txt.jinja": "{{ text }}", "app.py": SETUP},
        {"pages/[name].txt.py": page("return name", PARAMS).replace("get()", "get(name)")},
    ],
    ids=["by a page", "by its module", "by the set-up", "by what knows its addresses"],
)
def test_what_was_read_and_a_page_changes_is_read_again(
    reads: dict[str, str], jobs: int, tmp_path: Path
) -> None:
    writes = page("(ROOT / 'extra/note.txt').write_text('another')\nreturn ''")
    files = {f"pages/c/{number}.md": "in the same chunk" for number in range(40)}
    bench = Bench(tmp_path, {**PLAIN, **files, **reads, "pages/b.css.py": writes, NOTE: "one"}, jobs=jobs)
    shown = set()
    for _ in range(2):
        assert not bench.freeze().faults
        shown = {file.name + file.read_text() for file in bench.output.glob("*.txt")}
    assert shown in ({"a.txtanother"}, {"another.txtanother"})
    assert bench.freeze().asked == 0


def test_what_a_page_has_read_and_changes_itself_is_read_again(tmp_path: Path) -> None:
    counts = (
        "note = ROOT / 'extra/note.txt'\nnote.write_text(note.read_text() + 'x')\nreturn note.read_text()"
    )
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": page(counts), NOTE: ""})
    for number in range(1, 4):
        bench.freeze()
        assert (bench.output / "page.txt").read_text() == "x" * number


def test_a_page_that_keeps_what_it_has_found_is_asked_until_that_is_there(tmp_path: Path) -> None:
    keeps = "kept = ROOT / 'extra/kept.txt'\nif not kept.exists():\n    kept.write_text('x')\nreturn kept.read_text()"
    bench = Bench(tmp_path, {**PLAIN, "pages/page.txt.py": page(keeps), NOTE: ""})
    assert [bench.freeze().asked for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize("path", ["a.md", "_layout.html", "b.css"])
def test_files_of_an_extension_that_change_after_they_were_shown_are_shown_again(
    path: str, tmp_path: Path
) -> None:
    """The next freeze looks from outside, as the command does, and would see that nothing has changed."""
    folder = tmp_path / "added"
    folder.mkdir()
    setup = f"def setup(app):\n    app.add_pages({str(folder)!r})\n"
    for name in ("a.md", "_layout.html", "b.css"):
        (folder / name).write_text("{{ content }}" if name == "_layout.html" else "")
    writes = page(f"Path({str(folder / path)!r}).write_text('another')\nreturn ''")
    bench = Bench(tmp_path, {**PLAIN, "app.py": setup, "pages/z.txt.py": writes}, surveyed=True)
    bench.freeze()
    bench.agrees()
