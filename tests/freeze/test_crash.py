"""Whatever happens to a freeze, what is published is the old site whole or the new one whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doors import freeze_site, write_site
from freeze_tools import tree_of

pytestmark = pytest.mark.long

PAGES = 200
MOMENTS = 60


def files(generation: int) -> dict[str, str]:
    """One generation of a site: every page changed, a tenth of the pages gone, a tenth new."""
    start = generation * PAGES // 10
    return {
        "pages/_layout.html": f"<title>{generation}</title>{{{{ content }}}}" + "<p>text</p>" * 50,
        **{
            f"pages/{number:04}.md": f"# {number} of {generation}\n" for number in range(start, start + PAGES)
        },
        **{f"static/{generation}/{number}.txt": "x" * 5000 for number in range(20)},
    }


class Case:
    """Two generations of a site, what each of them is when frozen, and one output that now holds the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sites = [write_site(folder / f"v{number}", files(number)) for number in (1, 2)]
        self.trees = []
        for number, root in enumerate(self.sites):
            freeze_site(root, folder / f"clean-{number}")
            (folder / f"clean-{number}/CNAME").write_text("theirs")
            self.trees.append(tree_of(folder / f"clean-{number}"))
        self.output = folder / "output/dist"
        self.reset()

    def reset(self) -> None:
        """Freeze the first generation over what is there, as the next freeze after a crash does."""
        self.output.mkdir(parents=True, exist_ok=True)
        assert freeze_site(self.sites[0], self.output).published
        if not (self.output / "CNAME").exists():
            (self.output / "CNAME").write_text("theirs")
        assert tree_of(self.output) == self.trees[0]
        assert os.listdir(self.output.parent) == ["dist"]

    def command(self, number: int = 1, jobs: int = 2) -> list[str]:
        site = str(self.sites[number])
        return [sys.executable, "-m", "engine", "freeze", site, "-o", str(self.output), "-j", str(jobs), "-q"]

    def which(self) -> int:
        """Which generation is published, wholly."""
        found = tree_of(self.output)
        assert found in self.trees, "the published site is a mix"
        return self.trees.index(found)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return Case(tmp_path_factory.mktemp("crash"))


def test_a_freeze_that_is_killed_at_any_moment_leaves_one_whole_site(case: Case) -> None:
    begin = time.monotonic()
    subprocess.run(case.command(), check=True)
    whole = time.monotonic() - begin
    assert case.which() == 1
    case.reset()
    # The start of Python is spared: nothing can be half done then. The last freeze ends before it is killed.
    delay, ended, found = whole * 0.2, False, []
    while not ended:
        process = subprocess.Popen(case.command(), start_new_session=True)
        try:
            process.wait(delay)
            ended = True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        found.append(case.which())
        case.reset()
        delay += whole / MOMENTS
    assert found[0] == 0
    assert found[-1] == 1


def test_two_freezes_at_once_do_not_mix(case: Case) -> None:
    for _ in range(8):
        running = [subprocess.Popen(case.command(number)) for number in (0, 1, 0, 1)]
        assert [process.wait() for process in running] == [0] * 4
        case.which()
        assert os.listdir(case.output.parent) == ["dist"]
    case.reset()


def test_a_reader_never_meets_a_mix_or_a_gap(case: Case) -> None:
    running = subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"import subprocess\nfor _ in range(3):\n for c in {[case.command(1), case.command(0)]}: subprocess.run(c)",
        ]
    )
    reads = 0
    while running.poll() is None:
        directory = os.open(case.output, os.O_RDONLY | os.O_DIRECTORY)
        try:
            titles = {_title(directory, f"{number:04}/index.html") for number in (40, 100, 199)} - {""}
        finally:
            os.close(directory)
        assert titles in ({"<title>1</title>"}, {"<title>2</title>"}, set())
        reads += len(titles)
    assert reads > 100
    case.reset()


def _title(directory: int, path: str) -> str:
    """The title of a page in a directory that is held open; "" once the directory is being removed."""
    try:
        page = os.open(path, os.O_RDONLY, dir_fd=directory)
    except FileNotFoundError:
        return ""
    with os.fdopen(page) as file:
        return file.read(16)


@pytest.fixture(params=["size=2m", "nr_inodes=100"])
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system that fills up."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", request.param, "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a file system can be mounted by root alone")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_leaves_the_old_site_and_one_line(small_disk: Path, tmp_path: Path, jobs: str) -> None:
    root = write_site(tmp_path / "site", {"pages/index.md": "old"})
    output = small_disk / "dist"
    freeze_site(root, output)
    old = tree_of(output)
    write_site(root, {f"static/{number:03}.bin": b"x" * 40_000 for number in range(150)})
    command = [sys.executable, "-m", "engine", "freeze", str(root), "-o", str(output), "-j", jobs]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 2, done.stderr  # the fault, and how many there are
    assert tree_of(output) == old
    assert os.listdir(small_disk) == ["dist"]
