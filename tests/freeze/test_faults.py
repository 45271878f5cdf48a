"""Whatever fails under a freeze, what is published is one whole site, and the next freeze is right."""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from doors import write_site
from engine.freeze.incremental.ledger_file import FORMAT
from engine.rendering.site_environment import THEME
from freeze_tools import Bench, tree_of


def _tool() -> ModuleType:
    file = Path(__file__).parents[2] / "tools" / "crash.py"
    spec = importlib.util.spec_from_file_location("crash_tool", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()

SITE = {
    "site.toml": "[freeze]\ntimeout = 40\n",
    "pages/_layout.html": "{{ content }}",
    "pages/404.html": "Not here",
    "pages/index.md": "# Home\n",
    "pages/about.md": "# About\n",
    "pages/words.py": "from words import WORDS\n\n\ndef get():\n    return WORDS\n",
    "words.py": "WORDS = 'some words'\n",
    "static/style.css": "p { top: 0 }",
}


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, SITE)
    assert made.freeze().faults == ()
    return made


CHOSEN = [
    ("main", slice(0, 100, 2)),
    ("main", slice(1, 100, 2)),
    ("crew", slice(20)),
    ("worker", slice(30)),
    ("errors", slice(50)),
    ("texts", slice(24)),
    ("errors of texts", slice(20)),
]
"""Of the points of `tools/crash.py`, those that are spread over all of them; all take it most of an hour."""


@pytest.mark.long
@pytest.mark.skipif(not _can_trace(), reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize(("group", "chosen"), CHOSEN)
def test_a_freeze_that_is_struck_at_a_call_leaves_one_whole_site_and_the_next_is_right(
    tmp_path: Path, group: str, chosen: slice
) -> None:
    outcomes = list(tool.run(tool.GROUPS[group], tmp_path, chosen))
    struck = [outcome for outcome in outcomes if outcome.struck]
    # Which of several workers makes the n-th call is not the same each time, so that some points are not come to.
    assert len(struck) > 0.5 * len(outcomes) > 8


UNWRITABLE = "cannot be written: Permission denied. The old output is untouched"
UNREADABLE = "theme: this cannot be read: Permission denied. Check who may read it"


@pytest.mark.skipif(not _can_trace(), reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize(
    ("folder", "number", "said"),
    [
        ("out", 1, UNWRITABLE),
        ("out", 2, UNWRITABLE),
        ("out/dist", 1, UNWRITABLE),
        ("out/dist", 2, UNWRITABLE),
        (
            "out/dist/.engine.json",
            1,
            "json: this file cannot be read: Permission denied. Check who may read it",
        ),
        (
            "out/dist/old/index.html",
            1,
            "html: this file cannot be read: Permission denied. Check who may read it",
        ),
        (str(THEME), 1, UNREADABLE),
    ],
)
def test_what_may_not_be_read_is_a_fault_and_the_output_stays(
    folder: str, number: int, said: str, tmp_path: Path
) -> None:
    root, output = write_site(tmp_path / "site", {**SITE, "pages/old.md": ""}), tmp_path / "out/dist"
    engine = [sys.executable, "-m", "engine", "freeze", str(root), "-o", str(output), "--clean"]
    subprocess.run(engine, check=True, capture_output=True, timeout=60)
    before = tree_of(output)
    (root / "pages/about.md").write_text("# Changed\n")
    (root / "pages/old.md").unlink()
    refused = ["-e", "trace=openat", "-e", f"inject=openat:error=EACCES:when={number}"]
    strace = ["strace", "-qq", *refused, "-P", str(tmp_path / folder)]
    ended = subprocess.run([*strace, *engine], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert tree_of(output) == before


WHERE: dict[str, Callable[[bytes], bytes]] = {
    "nothing is left": lambda data: b"",
    "the head is cut": lambda data: data[:5],
    "the head is left": lambda data: data[: len(FORMAT)],
    "the checksum is cut": lambda data: data[: len(FORMAT) + 16],
    "the checksum is left": lambda data: data[: len(FORMAT) + 32],
    "half is left": lambda data: data[: len(data) // 2],
    "the last byte is cut": lambda data: data[:-1],
    "a byte follows": lambda data: data + b"\0",
    "zeros are left": lambda data: bytes(len(data)),
    "the end is zeros": lambda data: data[:-512] + bytes(512),
    "it is text": lambda data: b"engine\n",
    "it is of another form": lambda data: data.replace(FORMAT, b"engine freeze 1\n"),
    "it holds nothing": lambda data: _sealed(None),
    "it holds too little": lambda data: _sealed(("key", _key_in(data))),
    "it holds other things": lambda data: _sealed(("key", _key_in(data)), ("batches", 1), ("x", [2])),
    "it holds what stood elsewhere": lambda data: _sealed(
        ("key", _key_in(data)), ("batches", [("/", 1, 2)]), ("states", [(1,)])
    ),
    "it points to nothing": lambda data: _sealed(*_pointing_nowhere(data)),
    "a piece is cut": lambda data: FORMAT + blake2b(bytes(5), digest_size=32).digest() + bytes(5),
}
"""What may become of a cache."""


def _sealed(*pieces: object) -> bytes:
    """A cache that holds these pieces, with the right checksum."""
    marshalled = [marshal.dumps(piece) for piece in pieces]
    body = b"".join(len(piece).to_bytes(8, "big") + piece for piece in marshalled)
    return FORMAT + blake2b(body, digest_size=32).digest() + body


def _pieces(data: bytes) -> dict[str, Any]:
    pieces: dict[str, Any] = {}
    body = data[len(FORMAT) + 32 :]
    while body:
        end = 8 + int.from_bytes(body[:8], "big")
        name, things = marshal.loads(body[8:end])
        pieces[name], body = pieces.get(name, []) + things, body[end:]
    return pieces


def _key_in(data: bytes) -> object:
    return _pieces(data)["key"]


def _pointing_nowhere(data: bytes) -> list[object]:
    """The same ledger, but that nothing is there which its pages depend on."""
    pieces = _pieces(data)
    nowhere = [(heads, marshal.dumps(([], marshal.loads(tails)[1]))) for heads, tails in pieces["batches"]]
    return [*{**pieces, "batches": nowhere}.items()]


def _ledger(bench: Bench) -> Path:
    [ledger] = bench.root.glob(".engine/freeze/*.ledger")
    return ledger


@pytest.mark.parametrize("what", WHERE)
def test_a_damaged_cache_is_a_clean_freeze(bench: Bench, what: str) -> None:
    ledger = _ledger(bench)
    ledger.write_bytes(WHERE[what](ledger.read_bytes()))
    bench.edit("pages/about.md", "About", "About us")
    report, _ = bench.agrees()
    assert report.asked == report.pages
    shutil.rmtree(bench.root / ".engine/freeze")
    bench.freeze()
    bench.rests()


@pytest.mark.long
@pytest.mark.parametrize("part", range(2))
def test_a_bit_that_turns_anywhere_in_a_cache_is_a_clean_freeze(bench: Bench, part: int) -> None:
    ledger = _ledger(bench)
    whole = ledger.read_bytes()
    head = [*range(len(FORMAT) + 32 + 20)]
    spread = [*range(len(head), len(whole), max(1, len(whole) // 60))]
    for position in (head[::4] + spread)[part::2]:
        damaged = bytearray(whole)
        damaged[position] ^= 1 << position % 8
        ledger.write_bytes(damaged)
        for standing in bench.root.glob(
            ".engine/freeze/*.standing"
        ):  # which would not even look at the ledger
            standing.unlink()
        report = bench.freeze()
        assert report.asked == report.pages
        assert (report.faults, report.written) == ((), [])


@pytest.mark.parametrize("place", [".engine", ".engine/freeze", "ledger"])
def test_a_cache_that_cannot_be_is_no_fault(bench: Bench, place: str) -> None:
    ledger = _ledger(bench)
    path = ledger if place == "ledger" else bench.root / place
    shutil.rmtree(bench.root / ".engine")
    if place == "ledger":
        path.mkdir(parents=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("in the way")
    bench.edit("pages/about.md", "About", "About us")
    for _ in range(2):
        report, _ = bench.agrees()
        assert (report.faults, report.asked) == ((), report.pages)
    assert not list(bench.root.glob(".engine/freeze/*.fresh"))


def mounted(place: Path, options: str) -> Iterator[Path]:
    """A file system of its own at a place."""
    place.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system can be mounted by root alone")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of one block."""
    yield from mounted(tmp_path / "small", "size=4k")


def test_a_cache_that_is_full_is_no_fault(bench: Bench, small: Path) -> None:
    shutil.rmtree(bench.root / ".engine")
    (small / "filler").write_bytes(bytes(4096))
    (bench.root / ".engine").symlink_to(small)
    for text in ("About us", "About all of us"):
        bench.write("pages/about.md", text)
        assert bench.agrees()[0].faults == ()
        assert list(small.rglob("*.*")) == []
    (bench.root / ".engine").unlink()
    bench.freeze()
    bench.rests()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system."""
    yield from mounted(tmp_path / "disk", "size=1m")


@pytest.mark.long
def test_a_disk_that_may_only_be_read_is_one_line_and_the_next_freeze_is_right(
    bench: Bench, disk: Path
) -> None:
    bench.output = disk / "dist"
    bench.freeze()
    old = tree_of(bench.output)
    bench.edit("pages/about.md", "About", "About us")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    done = subprocess.run(command(bench), capture_output=True, text=True, check=False)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr
    assert tree_of(bench.output) == old
    assert bench.agrees()[0].asked == 1


def command(bench: Bench) -> list[str]:
    """The command that freezes a site."""
    return [sys.executable, "-m", "engine", "freeze", str(bench.root), "-o", str(bench.output), "-q"]


@pytest.mark.long
def test_a_freeze_that_waited_for_one_that_was_killed_is_right(bench: Bench) -> None:
    slow = "import time\n\n\ndef get():\n    time.sleep(60)\n"
    bench.write("pages/slow.py", slow)
    first = subprocess.Popen(command(bench), start_new_session=True)
    _until(lambda: list(bench.output.parent.glob(".dist.engine-*")))
    (bench.root / "pages/slow.py").unlink()
    bench.edit("pages/about.md", "About", "About us")
    second = subprocess.Popen(command(bench))
    time.sleep(1)
    assert second.poll() is None
    os.killpg(first.pid, 9)
    first.wait()
    assert second.wait(timeout=60) == 0
    assert "About us" in (bench.output / "about/index.html").read_text()
    assert bench.agrees()[0].asked == 0
    assert not list(bench.output.parent.glob(".dist.engine-*"))


def _until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


CLOCKS = {"the past": 0, "a year from now": time.time() + 366 * 86400, "the end of time": 2**33}


@pytest.mark.parametrize("clock", CLOCKS)
def test_files_of_any_time_are_frozen_right_and_rest(bench: Bench, clock: str) -> None:
    for name, old, new in (
        ("pages/about.md", "About", "Abode"),
        ("words.py", "some words", "more words"),
        ("static/style.css", "0", "1"),
        ("pages/_layout.html", "{{ content }}", "{{ content}} "),
    ):
        bench.edit(name, old, new)
        for path in bench.root.rglob("*"):
            if not path.is_relative_to(bench.output):
                os.utime(path, (CLOCKS[clock], CLOCKS[clock]))
        assert bench.agrees()[0].asked > 0
        bench.rests()


def test_a_file_of_the_same_size_and_time_is_another_file(bench: Bench) -> None:
    for name, old, new in (("pages/about.md", "About", "Abode"), ("words.py", "some", "more")):
        file = bench.root / name
        before = file.stat()
        bench.edit(name, old, new)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert bench.agrees()[0].asked == 1
    assert "Abode" in (bench.output / "about/index.html").read_text()
    assert "more" in (bench.output / "words/index.html").read_text()


def test_an_output_whose_times_were_changed_is_made_again_once(bench: Bench) -> None:
    for path in bench.output.rglob("*"):
        os.utime(path, (0, 0))
    report, _ = bench.agrees()
    assert (report.asked, report.written) == (report.pages, [])
    bench.rests()
