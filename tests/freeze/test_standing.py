"""A freeze that has nothing to do finds that out without loading the site, and is never wrong about it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import REPOSITORY, run
from doors import write_site

LOADED = "the site was loaded"
SITE = {
    "site.toml": 'title = "One"\n',
    "app.py": f"import sys\n\nprint({LOADED!r}, file=sys.stderr)\n\n\ndef setup(registry):\n    pass\n",
    "pages/_layout.html": "{% include 'foot.html' %}{{ content }}{{ data.words.word }}",
    "pages/index.md": "# One\n",
    "pages/blog/a.md": "---\ntitle: A\n---\nText\n",
    "pages/env.py": (
        "import os\nfrom pathlib import Path\n\nfrom lib.words import WORD\n\n\ndef get():\n"
        "    note = Path(os.environ['NOTE']).read_text()\n"
        "    return f\"{WORD} {os.environ.get('COLOUR')} {note}\"\n"
    ),
    "lib/__init__.py": "",
    "lib/words.py": "WORD = 'so'\n",
    "templates/foot.html": "<p>foot</p>",
    "data/words.yaml": "word: yes\n",
    "static/style.css": "p { color: red }\n",
    "static/node_modules/x/y.js": "let y = 1\n",
    "static/.well-known/x.txt": "one\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_text("a note")
    root = write_site(tmp_path / "site", SITE)
    assert LOADED in freeze(root)
    return root


def freeze(root: Path, *options: str, **environment: str) -> str:
    ended = run("freeze", root, *options, NOTE=str(root.parent / "note.txt"), **environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stderr + ended.stdout


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(path: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    return change


def same_size_and_time(root: Path) -> None:
    file = root / "pages/index.md"
    before = file.stat()
    file.write_text("# Two\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a page": write("pages/index.md", "# Other\n"),
    "a page, with its size and its time as they were": same_size_and_time,
    "a new page": write("pages/new.md", "New\n"),
    "a new page in a new directory": write("pages/x/y/new.md", "New\n"),
    "a page removed": lambda root: (root / "pages/blog/a.md").unlink(),
    "a page renamed": lambda root: (root / "pages/blog/a.md").rename(root / "pages/blog/b.md"),
    "a template": write("templates/foot.html", "<p>feet</p>"),
    "a layout": write("pages/blog/_layout.html", "<b>{{ content }}</b>"),
    "data": write("data/words.yaml", "word: other\n"),
    "new data": write("data/new.yaml", "a: b\n"),
    "an asset": write("static/style.css", "p { color: blue }\n"),
    "an asset in a directory that others skip": write("static/node_modules/x/y.js", "let y = 2\n"),
    "an asset of a well-known name": write("static/.well-known/x.txt", "other\n"),
    "settings": write("site.toml", 'title = "Two"\n'),
    "a layer of settings": write("site.production.toml", 'title = "Two"\n'),
    "a module": write("lib/words.py", "WORD = 'otherwise'\n"),
    "a module where a package was": lambda root: (
        shutil.rmtree(root / "lib"),
        write("lib.py", "")(root),
        write("pages/env.py", "def get():\n    return 'x'\n")(root),
    ),
    "a file outside of the site that a page reads": write("../note.txt", "another note"),
    "a page of the output": write("dist/index.html", "mine"),
    "a page of the output removed": lambda root: (root / "dist/blog/a/index.html").unlink(),
    "the whole output": lambda root: shutil.rmtree(root / "dist"),
    "what was written down": lambda root: [
        file.write_bytes(file.read_bytes()[:-1]) for file in (root / ".engine/freeze").glob("*.standing")
    ],
}


def test_a_freeze_without_a_change_loads_nothing(root: Path) -> None:
    before = tree(root / "dist")
    said = freeze(root)
    assert LOADED not in said
    assert f"0 written, {len(before) - 1} unchanged, 0 removed." in said
    report = json.loads(freeze(root, "--json"))
    assert (report["asked"], report["written"], report["published"]) == (0, [], True)
    assert sorted(report["unchanged"]) == sorted(before.keys() - {".engine.json"})
    assert tree(root / "dist") == before


@pytest.mark.long
@pytest.mark.parametrize("change", list(CHANGES))
def test_a_change_of_anything_is_seen(root: Path, change: str) -> None:
    CHANGES[change](root)
    said = freeze(root)
    assert LOADED in said
    assert tree(root / "dist") == tree_of_a_clean_one(root)


def tree_of_a_clean_one(root: Path) -> dict[str, bytes]:
    freeze(root, "--clean", "-o", str(root.parent / "clean"))
    return tree(root.parent / "clean")


@pytest.mark.long
@pytest.mark.parametrize(
    "environment",
    [
        {"COLOUR": "red"},
        {"ENGINE_TITLE": "Three"},
        {"ENGINE_ENV": "dev"},
        {"TZ": "Asia/Tokyo"},
        {"SOURCE_DATE_EPOCH": "1"},
    ],
    ids=lambda environment: next(iter(environment)),
)
def test_the_environment_is_looked_at(root: Path, environment: dict[str, str]) -> None:
    assert LOADED in freeze(root, **environment)
    assert LOADED not in freeze(root, **environment)
    assert LOADED in freeze(root)


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [
        ("--clean",),
        ("--prove",),
        ("--lock",),
        ("--verify",),
        ("--drafts",),
        ("--hybrid",),
        ("--base-url", "https://a.example/b"),
    ],
    ids=" ".join,
)
def test_another_command_is_another_freeze(root: Path, options: tuple[str, ...]) -> None:
    assert LOADED in freeze(root, *options)


def test_a_site_with_a_fault_is_looked_at_each_time(root: Path) -> None:
    (root / "pages/dead.md").write_text("[x](nowhere.md)\n")
    for _ in range(2):
        ended = run("freeze", root, "--keep-going", NOTE=str(root.parent / "note.txt"))
        assert ended.returncode == 1 and "nowhere.md" in ended.stderr


def test_a_page_that_reads_the_clock_is_made_each_time(root: Path) -> None:
    (root / "pages/now.py").write_text("import time\n\n\ndef get():\n    return str(time.time_ns())\n")
    freeze(root)
    before = (root / "dist/now/index.html").read_text()
    assert LOADED in freeze(root)
    assert (root / "dist/now/index.html").read_text() != before


def test_a_text_that_was_saved_a_moment_ago_is_waited_for(root: Path) -> None:
    """Two changes within one tick of the clock of a disk look the same."""
    for word in ("now", "then", "soon"):
        (root / "pages/index.md").write_text(f"# {word}\n")
        assert LOADED in freeze(root)
        assert LOADED not in freeze(root)
        assert word in (root / "dist/index.html").read_text()


def test_a_file_of_the_future_is_not_trusted(root: Path) -> None:
    (root / "pages/index.md").write_text("# Now\n")
    later = time.time_ns() + 10**12
    os.utime(root / "pages/index.md", ns=(later, later))
    freeze(root)
    assert LOADED in freeze(root)


@pytest.mark.long
def test_a_link_in_the_site_is_followed_by_loading(root: Path) -> None:
    (root.parent / "site/pages/link.md").symlink_to("index.md")
    freeze(root)
    assert LOADED in freeze(root)


def test_nothing_heavy_is_imported_for_it(root: Path) -> None:
    code = (
        "import sys\nfrom engine.cli import main\n"
        "try:\n    main(['freeze', sys.argv[1], '--quiet'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'jinja2', 'werkzeug', 'markdown_it', 'yaml', 'engine.loading', 'engine.config'}\n"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    environment = {**os.environ, "NOTE": str(root.parent / "note.txt"), "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == ""


SCHEMA = """\
from dataclasses import dataclass
from pathlib import Path

ALLOWED = Path(__file__).parents[3] / "allowed.txt"


@dataclass
class Post:
    title: str

    def __post_init__(self):
        if self.title not in ALLOWED.read_text():
            raise ValueError("no such title")
"""


@pytest.mark.long
def test_what_a_schema_reads_is_looked_at(root: Path) -> None:
    """No page shows it: it says which pages are at fault."""
    (root.parent / "allowed.txt").write_text("A")
    (root / "pages/blog/_schema.py").write_text(SCHEMA)
    freeze(root)
    assert LOADED not in freeze(root)
    (root.parent / "allowed.txt").write_text("B")
    ended = run("freeze", root, NOTE=str(root.parent / "note.txt"))
    assert ended.returncode == 1 and "no such title" in ended.stderr


@pytest.mark.long
def test_modules_behind_a_link_in_a_package_are_looked_at(root: Path) -> None:
    (root.parent / "elsewhere").mkdir()
    (root.parent / "elsewhere/deep.py").write_text("WORD = 'so'\n")
    (root / "lib/linked").symlink_to(root.parent / "elsewhere")
    (root / "lib/words.py").write_text("from lib.linked.deep import WORD\n")
    freeze(root)
    (root.parent / "elsewhere/deep.py").write_text("WORD = 'else'\n")
    freeze(root)
    assert "else" in (root / "dist/env/index.html").read_text()
