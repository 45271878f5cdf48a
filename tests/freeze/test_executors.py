"""A freeze on other machines: the same bytes, and no page lost with a worker."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import pytest

from commands import REPOSITORY, run
from doors import write_site
from engine.app.app import App, create_app
from engine.freeze.asking.executors import Crew
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.publish.stage import Stage

pytestmark = pytest.mark.long

SITE = {
    "site.toml": 'title = "Bakery"\n',
    "pages/index.html": (
        "{% for p in pages %}<a href='{{ p.url }}'>{{ p.title }}</a>{% endfor %} <img src='/a.bin' alt=''>"
    ),
    "pages/n/[id=int].py": "def static_params():\n    return range(40)\n\n\ndef get(id):\n    return f'number {id}'\n",
    "pages/reads.py": (
        "from pathlib import Path\n\n\ndef get():\n    return Path(__file__).parent.joinpath('_note.txt').read_text()\n"
    ),
    "pages/_note.txt": "a note",
    "pages/dead.py": "import lib.words\n\n\ndef get():\n    return lib.words.WORD\n",
    "lib/words.py": "WORD = 'so'\n",
    "static/a.bin": "x" * 100_000,
}


CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, scheduler_port=0) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real cluster of two workers on this machine."""
    pytest.importorskip("distributed")
    script = tmp_path_factory.mktemp("cluster") / "cluster.py"
    script.write_text(CLUSTER)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True
    ) as cluster:
        assert cluster.stdin is not None and cluster.stdout is not None
        yield cluster.stdout.readline().strip().replace("tcp://", "dask://")
        cluster.stdin.close()


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def frozen(root: Path, output: str, *options: str) -> dict[str, bytes]:
    ended = run("freeze", root, "-o", root.parent / output, *options, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return tree(root.parent / output)


def test_a_cluster_makes_the_same_bytes_and_the_next_freeze_keeps_them(
    tmp_path: Path, scheduler: str
) -> None:
    root = write_site(tmp_path / "site", SITE)
    far = frozen(root, "far", "--executor", scheduler)
    assert far == frozen(root, "near")
    ended = run("freeze", root, "-o", tmp_path / "far", "--json")
    assert json.loads(ended.stdout)["asked"] == 0
    (root / "pages/_note.txt").write_text("another note")
    assert json.loads(run("freeze", root, "-o", tmp_path / "far", "--json").stdout)["asked"] == 1


def test_the_example_is_the_same_from_a_cluster(tmp_path: Path, scheduler: str) -> None:
    ignored = shutil.ignore_patterns("dist", ".engine", "__pycache__")
    root = shutil.copytree(REPOSITORY / "sites/example", tmp_path / "site", ignore=ignored)
    options = ("--base-url", "https://a.example/sub")
    assert frozen(root, "far", "--executor", scheduler, *options) == frozen(root, "near", *options)


def test_the_chunk_of_a_worker_that_is_killed_is_asked_again(tmp_path: Path, scheduler: str) -> None:
    mark = tmp_path / "killed"
    kills = (
        "import os, signal\nfrom pathlib import Path\n\n\ndef static_params():\n    return range(40)\n\n\n"
        "def get(id):\n"
        f"    mark = Path({str(mark)!r})\n"
        "    if id == 20 and not mark.exists():\n"
        "        mark.touch()\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return f'number {id}'\n"
    )
    root = write_site(tmp_path / "site", {**SITE, "pages/n/[id=int].py": kills})
    far = frozen(root, "far", "--executor", scheduler)
    assert mark.exists(), "no worker was killed"
    assert far == frozen(root, "near")


def test_a_fault_comes_back_with_its_place(tmp_path: Path, scheduler: str) -> None:
    root = write_site(tmp_path / "site", {**SITE, "pages/fails.py": "def get():\n    return 1 / 0\n"})
    ended = run("freeze", root, "--executor", scheduler, timeout=300)
    assert ended.returncode == 1
    assert "pages/fails.py:2: /fails/ failed: ZeroDivisionError" in ended.stderr


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("dask://127.0.0.1:1", "no scheduler answers there"),
        ("ftp://127.0.0.1:1", "no such kind of executor. Write dask://HOST:PORT."),
    ],
)
def test_an_executor_that_is_not_there_is_told_without_a_traceback(
    tmp_path: Path, address: str, said: str
) -> None:
    ended = run("freeze", write_site(tmp_path / "site", SITE), "--executor", address)
    assert ended.returncode == 1
    assert said in ended.stderr and "Traceback" not in ended.stderr


def test_any_executor_of_the_standard_library_will_do(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", SITE)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, context) as executor:

        @contextmanager
        def hire(app: App, stage: Stage) -> Iterator[Crew]:
            yield Crew(app, stage, executor, lambda bundle: bundle)

        report = freeze(create_app(str(root)), FreezeOptions(str(tmp_path / "far"), hire=hire))
    assert not report.faults
    assert tree(tmp_path / "far") == frozen(root, "near")


class Replacing(ProcessPoolExecutor):
    """Begins a process for each task, as a cluster replaces the workers that it loses."""

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        answer = pool.submit(*args, **kwargs)
        pool.shutdown(wait=False)
        return answer


def test_a_page_that_ends_every_process_is_a_fault_and_the_others_are_made(tmp_path: Path) -> None:
    files = {name: text for name, text in SITE.items() if "[id" not in name}
    root = write_site(
        tmp_path / "site", {**files, "pages/ends.py": "import os\n\n\ndef get():\n    os._exit(1)\n"}
    )

    @contextmanager
    def hire(app: App, stage: Stage) -> Iterator[Crew]:
        yield Crew(app, stage, Replacing(1), lambda bundle: bundle)

    options = FreezeOptions(str(tmp_path / "far"), hire=hire, keep_going=True)
    report = freeze(create_app(str(root)), options)
    assert [(fault.code, fault.file) for fault in report.faults] == [("worker-lost", "pages/ends.py")]
    assert "reads/index.html" in report.written
