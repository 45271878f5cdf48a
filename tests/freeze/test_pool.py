"""No page can end the freeze: one that crashes, hangs or raises what it likes is named, and all others are asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from doors import Files, write_site
from freeze_tools import PLAIN, Freezer

JOBS = pytest.mark.parametrize("jobs", [1, 2])
ENDS = {
    "exit": "os._exit(0)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "crash": "faulthandler.disable()\n    ctypes.string_at(0)",
}
"""What ends a process."""
HEAD = "import ctypes\nimport faulthandler\nimport os\nimport signal\nimport time\n\n\n"
PLACES = {
    "a handler": {"pages/bad/index.py": "def get():\n    {}\n"},
    "before_request": {"pages/bad/_hooks.py": "def before_request():\n    {}\n"},
    "teardown_request": {"pages/bad/_hooks.py": "def teardown_request(error):\n    {}\n"},
    "a filter": {
        "app.py": "def setup(app):\n    app.template_filter()(ends)\n\n\ndef ends(value):\n    {}\n",
        "pages/bad/index.html": "{{ 1 | ends }}",
    },
    "what follows the answer": {
        "pages/bad/index.py": (
            "from engine import after_this_request\n\n\ndef get():\n    after_this_request(ends)\n    return ''\n\n\n"
            "def ends(response):\n    {}\n"
        )
    },
}
"""Where a site has code. `/bad/` is the page that runs it."""


def small(place: str, code: str) -> dict[str, str]:
    """A site of three pages, one of which runs `code`."""
    bad = {
        path: text if "{}" not in text else HEAD + text.format(code) for path, text in PLACES[place].items()
    }
    return {"pages/index.html": "here", "pages/last.html": "here too", "pages/bad/index.html": "", **bad}


def engine_freeze(tmp_path: Path, files: Files, *options: str) -> subprocess.CompletedProcess[str]:
    """What the command says of a site of `files`."""
    root = write_site(tmp_path / "site", {**PLAIN, **files})
    command = [sys.executable, "-m", "engine", "freeze", str(root), "-o", str(tmp_path / "dist"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("place", PLACES)
def test_code_that_ends_its_process_does_not_end_the_freeze(tmp_path: Path, place: str) -> None:
    done = engine_freeze(tmp_path, small(place, "os._exit(0)"))
    assert done.returncode == 1
    assert "/bad/ ended the process that asked it, twice." in done.stderr
    assert len(done.stderr.splitlines()) == 3
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@JOBS
@pytest.mark.parametrize("how", ENDS)
def test_a_small_site_keeps_all_pages_but_the_one_that_ends_its_process(
    freezer: Freezer, how: str, jobs: int
) -> None:
    report = freezer(small("a handler", ENDS[how]), jobs=jobs, keep_going=True)
    assert [fault.code for fault in report.faults] == ["worker-lost"]
    assert report.faults[0].file == "pages/bad/index.py"
    assert sorted(freezer.tree) == [".engine.json", "404.html", "index.html", "last/index.html"]


@pytest.mark.long
def test_a_child_that_outlives_its_worker_does_not_hide_that_it_died(
    freezer: Freezer, tmp_path: Path
) -> None:
    late = tmp_path / "late"
    code = f"os.fork() and os._exit(3)\n    time.sleep(10)\n    open({str(late)!r}, 'w').close()\n    os._exit(0)"
    assert [fault.code for fault in freezer(small("a handler", code)).faults] == ["worker-lost"]
    assert not late.exists()


def test_no_page_is_asked_more_than_twice_for_the_death_of_another(freezer: Freezer, tmp_path: Path) -> None:
    asked = f"""
        def note(page):
            with open({str(tmp_path / "asked")!r}, "a") as file:
                print(page, file=file)
    """
    numbers = "from notes import note\n\n\ndef static_params():\n    return range(200)\n\n\n"
    page = f"import os\n{numbers}def get(n):\n    note(n)\n    return os._exit(1) if n == 20 else 'here'\n"
    report = freezer({"notes.py": asked, "pages/[n=int].py": page}, jobs=2, keep_going=True)
    assert [fault.what for fault in report.faults] == ["/20/ ended the process that asked it, twice"]
    times = Counter((tmp_path / "asked").read_text().split())
    assert set(times) == set(map(str, range(200)))
    assert times["20"] == 2
    assert max(times.values()) == 2
    assert times["199"] == 1


HANGS = {
    "sleeps": "import time\n\n\ndef get():\n    time.sleep(60)\n",
    "turns": "def get():\n    while True:\n        pass\n",
    "was told to ignore alarms": (
        "import signal\nimport time\n\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\n\n\n"
        "def get():\n    time.sleep(60)\n"
    ),
}


@JOBS
@pytest.mark.parametrize("how", HANGS)
def test_a_page_that_hangs_is_named_and_all_others_are_asked(freezer: Freezer, how: str, jobs: int) -> None:
    toml = "[freeze]\ntimeout = 1\n"
    numbers = "def static_params():\n    return range(100)\n\n\ndef get(n):\n    return str(n)\n"
    before = signal.getsignal(signal.SIGALRM)
    try:
        files = {"site.toml": toml, "pages/bad.py": HANGS[how], "pages/[n=int].py": numbers}
        report = freezer(files, jobs=jobs, keep_going=True)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert [str(fault) for fault in report.faults] == [
        "pages/bad.py: /bad/ did not answer within 1 s. Look for what it waits for, or set `freeze.timeout`."
    ]
    assert report.faults[0].code == "page-timeout"
    assert len(freezer.tree) == 100 + len([".engine.json", "404.html"])


@pytest.mark.long
def test_without_a_limit_a_page_may_take_its_time(freezer: Freezer) -> None:
    slow = "import time\n\n\ndef get():\n    time.sleep(1.2)\n    return 'at last'\n"
    site = {"pages/slow.py": slow, "site.toml": "[freeze]\ntimeout = 1\n"}
    assert [fault.code for fault in freezer(site).faults] == ["page-timeout"]
    assert freezer({"site.toml": "[freeze]\ntimeout = 0\n"}).faults == ()
    assert freezer.text("slow/index.html") == "at last"


RAISES = {
    "SystemExit: 3": "raise SystemExit(3)",
    "KeyboardInterrupt": "raise KeyboardInterrupt",
    "GeneratorExit": "raise GeneratorExit",
    "RecursionError: maximum recursion depth exceeded": "return get()",
    "MemoryError": "return bytes(2**62)",
    "ValueError": "raise Odd",
}
ODD = "class Odd(Exception):\n    def __str__(self):\n        raise ValueError(self)\n\n\n"


@JOBS
@pytest.mark.parametrize("what", RAISES)
def test_whatever_a_page_raises_is_a_fault_of_that_page(tmp_path: Path, what: str, jobs: int) -> None:
    page = f"{ODD}def get():\n    {RAISES[what]}\n"
    done = engine_freeze(
        tmp_path, {"pages/bad.py": page, "pages/index.html": "here"}, "-j", str(jobs), "--keep-going"
    )
    assert done.returncode == 1
    first, *rest = done.stderr.splitlines()
    assert "site/pages/bad.py:" in first
    assert f": /bad/ failed: {what}" in first
    assert len(rest) == 2, done.stderr
    assert (tmp_path / "dist/index.html").read_text() == "here"


@pytest.mark.parametrize("place", ["a handler", "what follows the answer", "teardown_request"])
def test_code_that_exits_is_a_fault_wherever_it_stands(tmp_path: Path, place: str) -> None:
    done = engine_freeze(tmp_path, small(place, "raise SystemExit"))
    assert done.returncode == 1
    assert "/bad/ failed: SystemExit." in done.stderr
    assert len(done.stderr.splitlines()) == 3


def test_static_params_that_exit_are_a_fault(freezer: Freezer) -> None:
    page = "import sys\n\n\ndef static_params():\n    sys.exit()\n\n\ndef get(n):\n    return n\n"
    assert freezer.faults({"pages/[n].py": page}) == ["pages/[n].py:5: `static_params()` raised SystemExit."]


def test_faults_and_redirects_of_odd_kinds_of_text_arrive(freezer: Freezer) -> None:
    odd = """
        from markupsafe import Markup

        from engine.errors import Fault, SiteError


        def get():
            raise SiteError(Fault(Markup("odd"), "pages/odd.py", Markup("is odd"), "", 7.0))
    """
    away = """
        from markupsafe import Markup

        from engine import redirect


        def get():
            return redirect(Markup("/"))
    """
    said = freezer.faults(
        {"pages/odd.py": odd, "pages/away.py": away, "pages/index.html": "here"}, keep_going=True
    )
    assert said == ["pages/odd.py:7.0: is odd."]
    assert 'url=/"' in freezer.text("away/index.html")


def test_what_a_page_prints_is_shown(tmp_path: Path) -> None:
    done = engine_freeze(
        tmp_path, {"pages/index.py": "def get():\n    print('I was asked')\n    return ''\n"}
    )
    assert "I was asked" in done.stdout
    assert done.returncode == 0


@pytest.mark.long
def test_a_freeze_that_is_killed_leaves_no_worker_behind(tmp_path: Path) -> None:
    numbers = "import time\n\n\ndef static_params():\n    return range(500)\n\n\n"
    page = f"{numbers}def get(n):\n    time.sleep(60 if n == 499 else 0.05)\n    return ''\n"
    hangs = "import time\n\n\ndef get():\n    time.sleep(60)\n"
    files = {"pages/[n=int].py": page, "pages/a.py": hangs, "site.toml": "[freeze]\ntimeout = 3\n"}
    root = write_site(tmp_path / "site", files)
    command = [sys.executable, "-m", "engine", "freeze", str(root), "-o", str(tmp_path / "dist"), "-j", "2"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob(".dist.engine-*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    said = process.communicate(timeout=60)  # the workers have the same pipes: it waits for all of them
    assert said == ("", "")


def test_a_worker_that_has_filled_its_memory_makes_room_for_a_fresh_one(freezer: Freezer) -> None:
    keeps = (
        "import os\n\nfreeze = True\nkept = []\n\n\n"
        "def static_params():\n    return [{'n': n} for n in range(300)]\n\n\n"
        "def get(n):\n    kept.append(b'1' * 1_000_000)\n    return f'{os.getpid()} {len(kept)}'\n"
    )
    freezer({"pages/[n=int].py": keeps}, jobs=1)
    tree = freezer.tree
    said = [tree[f"{n}/index.html"].split() for n in range(300)]
    each = Counter(pid for pid, _ in said)
    assert max(int(kept) for _, kept in said) == max(each.values())
    assert 25 < max(each.values()) < 45, "about 32 MB, also where a chunk is larger"
