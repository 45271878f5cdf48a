"""`engine dev` in a process: what is saved is shown, what is broken is named, and what is mended comes back."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import Process, command, eventually
from doors import write_site

SITE = {
    "site.toml": 'title = "First"\n',
    "app.py": "def setup(app):\n    app.filters['shout'] = str.upper\n",
    "words.py": "WORD = 'one'\n",
    "data/menu.yaml": "- home\n",
    "templates/card.html": "<p>card one</p>",
    "static/style.css": "p { color: red }\n",
    "static/notes.txt": "one\n",
    "pages/_layout.html": "<!doctype html><html><body><h1>{{ site.title }}</h1>{{ content }}</body></html>",
    "pages/_hooks.py": "def context():\n    return {'hook': 'one'}\n",
    "pages/index.md": "Hello\n",
    "pages/card.html": "{% include 'card.html' %} {{ data.menu[0] }} {{ hook }} {{ 'a shout'|shout }}",
    "pages/word.py": "from words import WORD\n\n\ndef get():\n    return WORD\n",
    "pages/api.json.py": "def get():\n    return {'n': 1}\n",
    "pages/fails.py": "def get():\n    secret = 'in the frame'\n    return 1 / 0\n",
    "pages/none.py": "def get():\n    return None\n",
    "pages/draft.md": "---\ndraft: true\n---\nSoon\n",
    "pages/count.py": """
        from engine import session

        def get():
            session["n"] = session.get("n", 0) + 1
            return str(session["n"])
        """,
}
TAG = re.compile(r'<script src="(/_engine/client\.js\?t=([\w-]+)&amp;v=(\d+))"></script>')

Edit = Callable[[str, str | None], None]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_site(tmp_path_factory.mktemp("dev") / "site", SITE)


@pytest.fixture(scope="module")
def dev(root: Path) -> Iterator[Process]:
    with Process(command("dev", root, "-p", "0")) as process:
        yield process.ready()


@pytest.fixture
def edit(dev: Process, root: Path) -> Iterator[Edit]:
    """Saves a file (`None` removes it); afterwards the site is as it was."""

    def save(path: str, text: str | None) -> None:
        if text is None:
            (root / path).unlink()
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)

    touched: list[str] = []

    def tracked(path: str, text: str | None) -> None:
        touched.append(path)
        save(path, text)

    yield tracked
    before, restored = version(dev), False
    for path in dict.fromkeys(touched):
        now = (root / path).read_text() if (root / path).exists() else None
        if now != SITE.get(path):
            restored = True
            save(path, SITE.get(path))
    if restored:
        eventually(lambda: version(dev) > before and dev.browse().status == 200, "the site is as it was")
        time.sleep(0.15)  # a second report of what was restored must not reach into the next test


def tag(dev: Process, path: str = "/") -> tuple[str, str, int]:
    """The URL of the script in a page, the token and the version that it names."""
    found = TAG.search(dev.browse(path).text)
    assert found is not None
    return found[1].replace("&amp;", "&"), found[2], int(found[3])


def version(dev: Process) -> int:
    return tag(dev)[2]


def next_event(dev: Process, change: Callable[[], None]) -> str:
    """The kind of the first event after `change`."""
    _, token, seen = tag(dev)
    with dev.stream(f"/_engine/events?t={token}&v={seen}") as events:
        assert events.status == 200
        change()
        for line in events:
            if line.startswith(b"event: "):
                return line.removeprefix(b"event: ").decode().strip()
    raise AssertionError("the stream ended")


def test_it_says_in_one_line_where_it_is(dev: Process) -> None:
    assert [line for line in dev.err if "http://" in line] == [
        f"Serving First at {dev.origin}/ (Ctrl-C stops it).\n"
    ]


@pytest.mark.parametrize(
    ("path", "text", "url", "expected"),
    [
        ("pages/index.md", "Changed\n", "/", "<p>Changed</p>"),
        ("pages/new.md", "A new page\n", "/new/", "<p>A new page</p>"),
        ("pages/deep/er/new.md", "A new directory\n", "/deep/er/new/", "<p>A new directory</p>"),
        ("templates/card.html", "<p>card two</p>", "/card/", "card two"),
        ("pages/_layout.html", "<!doctype html><body><h2>{{ content }}</h2>", "/", "<h2>"),
        ("data/menu.yaml", "- house\n", "/card/", "house"),
        ("words.py", "WORD = 'two'\n", "/word/", "two"),
        ("pages/api.json.py", "def get():\n    return {'n': 2}\n", "/api.json", '{"n":2}'),
        ("pages/_hooks.py", "def context():\n    return {'hook': 'two'}\n", "/card/", "two"),
        ("site.toml", 'title = "Second"\n', "/", "<h1>Second</h1>"),
        ("static/notes.txt", "two\n", "/notes.txt", "two"),
        (
            "app.py",
            "def setup(app):\n    app.filters['shout'] = str.title\n",
            "/card/",
            "A Shout",
        ),
    ],
)
def test_what_is_saved_is_shown(
    dev: Process, edit: Edit, path: str, text: str, url: str, expected: str
) -> None:
    assert next_event(dev, lambda: edit(path, text)) == ("texts" if path == "pages/index.md" else "reload")
    assert expected in dev.ask(url).text


def test_a_page_that_is_removed_is_gone(dev: Process, edit: Edit) -> None:
    assert next_event(dev, lambda: edit("pages/card.html", None)) == "reload"
    assert dev.browse("/card/").status == 404


def test_a_style_sheet_is_swapped_without_a_reload(dev: Process, edit: Edit) -> None:
    assert next_event(dev, lambda: edit("static/style.css", "p { color: blue }\n")) == "styles"
    assert "blue" in dev.ask("/style.css").text


def test_two_saves_within_one_second_are_both_shown(dev: Process, edit: Edit) -> None:
    """Python's cached bytecode cannot tell them apart: same size, same second."""
    for word in ("abc", "xyz", "uvw"):
        next_event(dev, lambda word=word: edit("words.py", f"WORD = '{word}'\n"))  # type: ignore[misc]
        assert dev.ask("/word/").text == word


@pytest.mark.parametrize(
    ("path", "text", "place", "what"),
    [
        ("pages/index.md", "---\ndate: soon\n---\n", "pages/index.md:2:1", "must be a date"),
        ("pages/card.html", "one\n{% if %}\n", "pages/card.html:2", "Expected an expression"),
        ("templates/card.html", "one\n\n{% nonsense %}\n", "templates/card.html:3", "unknown tag"),
        ("pages/word.py", "x = 1\ndef get(:\n", "pages/word.py:2:9", "is not Python"),
        ("pages/_hooks.py", "import nothing_like_this\n", "pages/_hooks.py:1", "ModuleNotFoundError"),
        ("app.py", "def setup(app):\n    raise RuntimeError('no database')\n", "app.py:2", "no database"),
        ("app.py", "raise SystemExit(3)\n", "app.py:1", "SystemExit"),
        ("words.py", "WORD = 'one'\n1 / 0\n", "words.py:2", "ZeroDivisionError"),
        ("site.toml", 'title = "First"\ntitel = "x"\n', "site.toml:2", "Did you mean `title`?"),
        ("site.toml", "title = \n", "site.toml:1", "as TOML"),
        ("data/menu.yaml", "a: [\n", "data/menu.yaml:", "as YAML"),
        ("pages/card.py", "def get(x):\n    return x\n", "pages/card.py:1", "`x`"),
    ],
)
def test_what_is_broken_is_named_until_it_is_mended(
    dev: Process, edit: Edit, root: Path, path: str, text: str, place: str, what: str
) -> None:
    assert next_event(dev, lambda: edit(path, text)) == "reload"
    broken = dev.browse("/" if path != "templates/card.html" else "/card/")
    assert broken.status == 500
    assert place in broken.text
    assert what in broken.text
    assert TAG.search(broken.text), "the fault page hears of the mend"
    file = dev.ask("/notes.txt")
    if path.endswith("_hooks.py"):
        assert file.status == 500 and place in file.text, "nothing is served past a guard that is broken"
    else:
        assert file.text == "one\n", "what is no page is served on"

    mended = SITE.get(path)
    assert next_event(dev, lambda: edit(path, mended)) == "reload"
    assert dev.browse().status == 200
    assert "Traceback" not in dev.said


def test_all_faults_are_listed_at_once_with_their_lines(dev: Process, edit: Edit, root: Path) -> None:
    edit("pages/one.html", "fine\n{% if %}\n")
    edit("pages/two.md", "---\ndraft: perhaps\n---\n")
    eventually(lambda: "2 faults" in dev.browse().text, "both are found")
    page = dev.browse("/any/where/").text
    assert "pages/one.html:2" in page and "pages/two.md:2" in page
    assert "{% if %}" in page and "draft: perhaps" in page
    assert f"{root.name}/pages/one.html:2" in dev.said


def test_what_changes_no_content_is_not_told(dev: Process, root: Path) -> None:
    before = version(dev)
    (root / "pages/index.md").write_text(SITE["pages/index.md"])
    for place in ("dist", ".engine", "pages/__pycache__", ".git", "node_modules/x"):
        (root / place).mkdir(parents=True, exist_ok=True)
        (root / place / "file.py").write_text(f"{time.time()}")
    (root / "data/site.db").write_bytes(b"rows")
    (root / "README.txt").write_text("not of the site")
    time.sleep(0.5)
    assert version(dev) == before


def test_a_burst_of_saves_is_few_reloads(dev: Process, edit: Edit) -> None:
    before = version(dev)
    for number in range(40):
        edit(f"pages/burst/page-{number}.md", "x\n")
    eventually(lambda: dev.ask("/burst/page-39/").status == 200, "the last is shown")
    assert version(dev) - before <= 5


def test_a_failing_handler_is_shown_in_the_debugger_and_does_not_end_the_server(dev: Process) -> None:
    page = dev.browse("/fails/")
    assert page.status == 500
    assert "ZeroDivisionError" in page.text
    assert "EVALEX = true" in page.text, "code can be run in the frame"
    assert "EVALEX_TRUSTED = false" in page.text, "once the PIN is known"
    assert TAG.search(page.text), "the page hears of the mend"
    assert dev.browse().status == 200


def test_the_console_of_the_debugger_wants_the_pin(dev: Process) -> None:
    page = dev.browse("/fails/").text
    secret = re.search(r'SECRET = "(\w+)"', page)
    frame = re.search(r'id="frame-(\d+)"', page)
    assert secret and frame
    answer = dev.ask(f"/fails/?__debugger__=yes&cmd=%27qw%27*3&frm={frame[1]}&s={secret[1]}")
    assert "qwqwqw" not in answer.text


def test_the_pin_is_told_in_the_terminal_when_it_is_asked_for(dev: Process) -> None:
    secret = re.search(r'SECRET = "(\w+)"', dev.browse("/fails/").text)
    assert secret
    dev.ask(f"/?__debugger__=yes&cmd=printpin&s={secret[1]}")
    eventually(lambda: re.search(r"pin code: \d{3}-\d{3}-\d{3}", dev.said), "the PIN is there")


def test_a_fault_of_an_answer_is_named_as_one_of_a_load(dev: Process) -> None:
    page = dev.browse("/none/")
    assert page.status == 500
    assert "pages/none.py:1" in page.text
    assert "returned None" in page.text
    assert "Traceback" not in page.text


def test_drafts_are_not_shown(dev: Process) -> None:
    assert dev.ask("/draft/").status == 404


def test_a_session_needs_no_secret_key_and_no_https(dev: Process) -> None:
    first = dev.ask("/count/")
    assert first.text == "1"
    cookie = first.headers["Set-Cookie"]
    assert "Secure" not in cookie
    assert dev.ask("/count/", Cookie=cookie.partition(";")[0]).text == "2"


def test_it_is_quiet_about_what_goes_well(dev: Process) -> None:
    dev.ask("/notes.txt?look-for-me")
    dev.ask("/missing?look-for-me")
    assert "look-for-me" not in dev.said
    dev.ask("/fails/?look-for-me")
    eventually(lambda: "look-for-me" in dev.said, "an error is told")


def test_the_watch_goes_on_whatever_a_page_raises(dev: Process, edit: Edit) -> None:
    edit("pages/word.py", "raise KeyboardInterrupt\n")
    eventually(lambda: "could not be followed" in dev.said, "the load was given up")
    edit("pages/word.py", "def get():\n    return 'mended'\n")
    eventually(lambda: "mended" in dev.ask("/word/").text, "the next change is seen")


@pytest.mark.long
def test_a_site_that_goes_away_is_missed_and_found_again(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {"pages/index.md": "One\n"})
    with Process(command("dev", root, "-p", "0")) as dev:
        dev.ready()
        root.rename(tmp_path / "away")
        eventually(lambda: "there is no pages/ directory" in dev.browse().text, "the site is missed")
        (tmp_path / "away").rename(root)
        eventually(lambda: "One" in dev.browse().text, "the same site is back")
        shutil.rmtree(root)
        eventually(lambda: "there is no pages/ directory" in dev.browse().text, "the site is missed again")
        write_site(root, {"pages/index.md": "Two\n"})
        eventually(lambda: "Two" in dev.browse().text, "another site has its place")
        (root / "pages/index.md").write_text("Three\n")
        eventually(lambda: "Three" in dev.browse().text, "and is watched")
        assert "Traceback" not in dev.said
