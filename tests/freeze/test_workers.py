"""Several processes write what one would; one that dies is named, and all others are asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from doors import write_site
from engine import create_app
from engine.freeze.asking.asker import Asker
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.target import Target
from freeze_tools import PLAIN, Freezer

MANY = 130  # more than the workers need to be worth it


def large(**extra: str) -> dict[str, str]:
    """A site of many pages of every kind, with lists and links between them."""
    files = {
        "pages/_layout.html": (
            "<title>{{ page.title }}</title>{{ content }}{% if page.next %}<a href='{{ page.next.url }}'>n</a>{% "
            "endif %}"
        ),
        "pages/index.html": (
            "{% for tag, members in pages.group('tags') %}{{ tag }}: {{ members | length }} {% endfor %}"
        ),
        "pages/n/[n=int].html": '{% if params.n < 150 %}<a href="/n/{{ params.n + 1 }}/">x</a>{% endif %}',
        "pages/start.html": '<a href="/n/1/">x</a>',
        "pages/item/[n=int].py": (
            f"def static_params():\n    return range({MANY})\n\n\ndef get(n):\n    return f'<p>{{n}}</p>'\n"
        ),
    }
    for number in range(MANY):
        files[f"pages/posts/{number:03}.md"] = (
            f"---\ntitle: Post {number}\ntags: [t{number % 7}, t{number % 3}]\ndate: "
            f"2024-01-{number % 28 + 1:02}\n---\n"
            f"# Post {number}\n\n[next](./{(number + 1) % MANY:03}.md)\n\n```python\nprint({number})\n```\n"
        )
    return {**files, **extra}


@pytest.mark.long
def test_any_number_of_processes_writes_the_same_bytes(tmp_path: Path) -> None:
    trees = []
    for jobs in (1, 2, 3):
        freezer = Freezer(tmp_path / "site", tmp_path / f"dist-{jobs}")
        report = freezer(large(), jobs=jobs)
        assert report.faults == ()
        trees.append(freezer.tree)
    assert len(trees[0]) > 2 * MANY
    assert trees[0] == trees[1] == trees[2]


@pytest.mark.long
def test_any_number_of_processes_finds_the_same_faults(tmp_path: Path) -> None:
    broken = {
        "pages/posts/007.md": "[x](/gone/)",
        "pages/posts/008.md": "[x](gone.md)",
        "pages/posts/201.py": "def get():\n    raise ValueError\n",
        "pages/posts/200.html": "{{ request.args }}",
    }
    said = [
        Freezer(tmp_path / "site", tmp_path / "dist").faults(large(**broken), jobs=jobs) for jobs in (1, 2, 3)
    ]
    assert len(said[0]) == len(broken)
    assert said[0] == said[1] == said[2]


def test_a_worker_that_dies_is_named_by_its_page_and_all_others_are_asked(freezer: Freezer) -> None:
    dies = "import os\n\n\ndef get():\n    os._exit(0)\n"
    killed = "import os\nimport signal\n\n\ndef get():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    report = freezer(large(**{"pages/dies.py": dies, "pages/posts/050.py": killed}), jobs=2, keep_going=True)
    assert [str(fault) for fault in report.faults] == [
        "pages/dies.py: /dies/ ended the process that asked it, twice. Look for what kills a process, as "
        "os._exit() or memory.",
        "pages/posts/050.py: /posts/050/ ended the process that asked it, twice. "
        "Look for what kills a process, as os._exit() or memory.",
    ]
    assert "posts/049/index.html" in freezer.tree
    assert "n/150/index.html" in freezer.tree


def test_a_worker_that_dies_once_does_no_harm(freezer: Freezer, tmp_path: Path) -> None:
    once = f"""
        import os
        from pathlib import Path

        FLAG = Path({str(tmp_path / "flag")!r})


        def get():
            if not FLAG.exists():
                FLAG.touch()
                os._exit(1)
            return "here"
    """
    report = freezer(large(**{"pages/once.py": once}), jobs=2)
    assert report.faults == ()
    assert freezer.text("once/index.html") == "here"


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_leaves_no_process_no_stage_and_no_traceback(tmp_path: Path, jobs: int) -> None:
    slow = (
        "import time\n\n\ndef static_params():\n    return range(500)\n\n\ndef get(n):\n    time.sleep(0.05)\n    "
        "return ''\n"
    )
    root = write_site(tmp_path / "site", {"pages/[n=int].py": slow})
    command = [
        sys.executable,
        "-m",
        "engine",
        "freeze",
        str(root),
        "-o",
        str(tmp_path / "dist"),
        "-j",
        str(jobs),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + 20
    while not list(tmp_path.glob(".dist.engine-*/*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site"]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")
def test_a_freeze_that_is_killed_takes_its_workers_along_and_the_next_one_need_not_wait(
    tmp_path: Path,
) -> None:
    kill = "import os, signal\n\n\ndef get():\n    os.kill(os.getppid(), signal.SIGKILL)\n    return ''\n"
    root = write_site(tmp_path / "site", large(**{"pages/posts/060.py": kill}))
    command = [sys.executable, "-m", "engine", "freeze", str(root), "-j", "2", "-q"]
    # Not captured: a worker that lived on would hold the pipe, and the test would wait for it.
    assert subprocess.run(command, check=False, timeout=60).returncode == -signal.SIGKILL
    (root / "pages/posts/060.py").unlink()
    assert subprocess.run(command, check=False, timeout=60).returncode == 0


@pytest.mark.long
def test_what_links_show_is_asked_before_the_last_of_very_many(freezer: Freezer) -> None:
    page = "from counter import numbers\n\nfreeze = True\n\n\ndef get(n):\n    return f'{}'\n"
    many = "\n\ndef static_params():\n    return [{'n': n} for n in range(8_500)]\n"
    freezer(
        {
            "counter.py": "from itertools import count\n\nnumbers = count()\n",
            "pages/[n=int].py": page.format('<a href="/more/1/">{next(numbers)}</a>') + many,
            "pages/more/[n=int].py": page.format("{next(numbers)}"),
        },
        jobs=1,
    )
    last = freezer.text("8499/index.html").removeprefix('<a href="/more/1/">').removesuffix("</a>")
    assert int(freezer.text("more/1/index.html")) < int(last)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="this system does not tell which files are open")
def test_workers_that_have_given_way_hold_no_open_files(
    freezer: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.freeze.asking.worker.FULL", 1)
    most: list[int] = []
    page = "def static_params():\n    return range(60)\n\n\ndef get(n):\n    return f'<p>{n}</p>'\n"
    app = create_app(write_site(freezer.root, {**PLAIN, "pages/item/[n=int].py": page}))
    options = FreezeOptions(str(freezer.output), jobs=1)
    report = freeze(app, options, progress=lambda done, known: most.append(len(os.listdir("/dev/fd"))))
    assert (report.faults, report.asked) == ((), 61)
    assert max(most) < most[0] + 30


@pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")
def test_a_worker_prepares_no_more_pages_than_it_has_room_for(
    freezer: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.freeze.asking.worker.FULL", 1)
    monkeypatch.setattr("engine.freeze.asking.worker.SPARE", 1)
    prepare, prepared = Asker.prepare, freezer.root.with_name("prepared")

    def noted(asker: Asker, target: Target) -> None:
        with prepared.open("a") as log:
            log.write(f"{target.url}\n")
        prepare(asker, target)

    monkeypatch.setattr(Asker, "prepare", noted)
    freezer({f"pages/{number}.md": f"# {number}\n" for number in range(MANY)}, jobs=2)
    assert max(Counter(prepared.read_text().split()).values()) <= 2
