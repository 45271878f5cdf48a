"""Kills a freeze at its system calls, or lets them fail, and looks at what is published and at the next freeze.

    python tools/crash.py [GROUP…] [--points N]

A site is frozen, edited, and frozen again under strace, which strikes at one call: it kills before the call is made,
or before the next one of the process, which is after it; or the call fails, once or from then on. What is published
then is the old site whole or the new one whole: the same files with the same bytes, and nothing beside them. The next
freeze, which nobody strikes, publishes the new one, clears what was left beside it, and leaves nothing to do.
Prints a line for each group and call, and raises `AssertionError` where any of this does not hold.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from signal import SIGKILL
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests")]

from engine.freeze.publish.write import read_manifest  # noqa: E402
from engine.source.survey import MANIFEST  # noqa: E402
from freeze_tools import Bench  # noqa: E402

CALLS = (
    "openat",
    "write",
    "mkdir",
    "link",
    "rename",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "flock",
)
"""All calls by which a freeze opens, makes, links, renames and removes files."""
BEFORE, AFTER = "before", "after"
ONCE, ON = "once", "from then on"
KILLED = "+++ killed by SIGKILL"
TRACED = """\
import json
import os
import subprocess


def trace():
    flag, *command = json.loads(os.environ["CRASH_TRACE"])
    if not os.path.exists(flag):
        open(flag, "x").close()
        tracer = subprocess.Popen([*command, "-p", str(os.getpid())], stderr=subprocess.PIPE)
        tracer.stderr.readline()  # it says that it is attached
"""
"""Has the process that runs it traced, once."""
PAGE = f"""\
{TRACED}

def get():
    if "CRASH_TRACE" in os.environ:
        trace()
    return "here"
"""
"""A page that has the worker which asks it traced."""
COMMAND = f"""\
import engine.cli.freezing
{TRACED}
trace()
engine.cli.main()
"""
"""The command, traced when it is imported: what Python does to start has left nothing half done."""
SECONDS = 60
"""After so many a freeze hangs."""


class Point(NamedTuple):
    """Where strace strikes: at the `number`-th call of a process, which is `when` a call that matters.

    `error` is what the call fails with: once, or from then on.
    """

    about: str
    when: str
    call: str
    number: int
    error: str = ""

    @property
    def injection(self) -> str:
        """What strace is told."""
        if self.error:
            return f"{self.call}:error={self.error}:when={self.number}{'+' * (self.when == ON)}"
        return f"{self.call}:signal=KILL:when={self.number}"  # which dies before it makes the call


class Call(NamedTuple):
    """A call that a process made: the `number`-th of its name. `about` are its arguments and what it returned."""

    process: str
    is_first: bool
    name: str
    number: int
    about: str


class Outcome(NamedTuple):
    """What came of one point: who was struck ("" for nobody), the exit code, and which site was published."""

    point: Point
    struck: str
    code: int
    published: str
    said: str


def generation(number: int, *, pages: int, code: bool) -> dict[str, str]:
    """The files of a site at one time: some pages are as ever, most changed, some there at one time alone."""
    files = {
        "pages/_layout.html": f"<title>{number}</title>{{{{ content }}}}",
        "static/style.css": f"p {{ top: {number}px }}",
        "static/as/ever.css": "p { top: 0 }",
        f"pages/only-{number}/here.md": "here",
        f"pages/only-{number}/there.md": "there",
    }
    files |= {f"pages/same/{page}.md": f"---\nlayout: false\n---\n{page}" for page in range(pages // 4)}
    files |= {f"pages/{page:03}.md": f"# {page} of {number}" for page in range(pages - pages // 4)}
    return {**files, "pages/first-as-its-name-is-the-longest.py": PAGE} if code else files


def text_of(number: int) -> dict[str, str]:
    """The one page that is another one at each time, where nothing but a text changes."""
    return {"pages/000.md": f"---\ntitle: 0\n---\nThe text of {number}"}


@dataclass(slots=True)
class Ground:
    """A site of two generations, and the output that it is frozen into by turns."""

    folder: Path
    pages: int = 60
    code: bool = False
    jobs: int = 1
    texts: bool = False
    bench: Bench = field(init=False)
    now: int = 0
    trees: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bench = Bench(self.folder, surveyed=True)
        self.bench.output = self.folder / "out" / "dist"
        for _ in range(2):
            self._edit()
            self.bench.freeze(clean=True)
            _add_foreign(self.bench.clean_output)
            self.trees.append(_everything(self.bench.clean_output))
        self.trees.reverse()  # the first edit has made the second generation
        self.bench.freeze()
        _add_foreign(self.bench.output)
        assert self._published() == "new"

    def _edit(self) -> None:
        """Make the site of this generation that of the other one."""
        self.now = 1 - self.now
        files = generation(0 if self.texts else self.now, pages=self.pages, code=self.code)
        if self.texts:
            files = {**({} if self.trees else files), **text_of(self.now)}
        else:
            shutil.rmtree(self.bench.root / "pages", ignore_errors=True)
        for path, text in files.items():
            self.bench.write(path, text)

    def _published(self) -> str:
        found = _everything(self.bench.output)
        assert found in self.trees, f"a mixture: {_mixture(found, self.trees)}"
        return "new" if found == self.trees[self.now] else "old"

    def _freeze(self, *options: str, alone: bool) -> subprocess.CompletedProcess[str]:
        """Freeze under strace: all processes, or `alone` the worker that asks `PAGE`."""
        trace, flag = self.folder / "trace", self.folder / "flag"
        flag.unlink(missing_ok=True)
        trace.write_text("")
        tracer = [str(flag), "strace", *(() if alone else ("-f",)), "-o", str(trace), *options]
        site, output = str(self.bench.root), str(self.bench.output)
        start = ["-m", "engine"] if alone else ["-c", COMMAND]
        command = [sys.executable, *start, "freeze", site, "-o", output, "-j", str(self.jobs), "-q"]
        environment = {**os.environ, "CRASH_TRACE": json.dumps(tracer)}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS
        )

    def strike(self, point: Point, *, alone: bool = False) -> Outcome:
        """Edit the site, and freeze it while strace strikes."""
        self._edit()
        done = self._freeze("-e", f"trace={point.call}", "-e", f"inject={point.injection}", alone=alone)
        trace = (self.folder / "trace").read_text()
        if point.error:
            struck = "the freeze" if "(INJECTED)" in trace else ""
        else:
            struck = "the freeze" if done.returncode == -SIGKILL else "a worker" if KILLED in trace else ""
        return Outcome(point, struck, done.returncode, self._published(), done.stderr)

    def heals(self) -> None:
        """The next freeze is right, and leaves nothing to do and nothing behind."""
        assert self.bench.freeze().faults == ()
        assert self._published() == "new"
        assert os.listdir(self.bench.output.parent) == ["dist"]
        cached = Counter(path.suffix for path in self.bench.root.glob(".engine/freeze/*"))
        assert cached.keys() <= {".ledger", ".standing", ".fresh"}, cached
        assert cached[".fresh"] <= 1, cached  # the next freeze by the same command writes over it
        self.bench.rests()

    def calls(self, *, alone: bool = False) -> list[Call]:
        """The calls of a freeze that nobody strikes."""
        self._edit()
        assert self._freeze("-y", "-e", "trace=all", alone=alone).returncode == 0
        self.heals()
        calls = list(_calls((self.folder / "trace").read_text()))
        assert not (self.texts and any(it.name == "renameat2" for it in calls)), (
            "the output is exchanged whole"
        )
        return calls


def _add_foreign(output: Path) -> None:
    """What others keep in the output."""
    (output / "CNAME").write_text("theirs")
    (output / "theirs/empty").mkdir(parents=True)


def _everything(root: Path) -> dict[str, object]:
    """All that is below a directory, by path: the bytes of files, directories, and what the manifest says."""
    paths = (path for path in sorted(root.rglob("*")) if path.name != MANIFEST)
    found = {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in paths}
    return {**found, MANIFEST: read_manifest(root)}


def _mixture(found: dict[str, object], trees: Iterable[dict[str, object]]) -> list[object]:
    return [
        sorted(path for path in found.keys() | tree.keys() if found.get(path, 0) != tree.get(path, 0))[:9]
        for tree in trees
    ]


def _calls(trace: str) -> Iterator[Call]:
    """The calls of a trace, each with its number among those of its process."""
    counts: Counter[tuple[str, str]] = Counter()
    first = None
    for line in trace.splitlines():
        found = re.match(r"(?:(\d+) +)?(\w+)\((.*)", line)
        if found is None:  # the end of a call that was told already, or of a process
            continue
        process, name = found[1] or "", found[2]
        first = process if first is None else first
        counts[process, name] += 1
        yield Call(process, process == first, name, counts[process, name], found[3])


class Group(NamedTuple):
    """One way to strike. `error`s are tried where there are any; else processes are killed."""

    about: str
    pages: int = 60
    code: bool = False
    jobs: int = 1
    alone: bool = False
    texts: bool = False
    """Whether nothing but the text of a page changes."""
    is_first: bool = True
    """Whether calls of the first process are struck, or those of workers."""
    errors: tuple[str, ...] = ()


GROUPS = {
    "main": Group("kill -9 of the freeze, which asks by itself"),
    "crew": Group("kill -9 of each process of three at its k-th call", 100, True, 2, is_first=False),
    "worker": Group("kill -9 of one worker at its k-th call", 40, True, alone=True),
    "texts": Group("kill -9 of a freeze of one changed text", texts=True),
    "errors of texts": Group("calls that fail in one", 24, texts=True, errors=("ENOSPC", "EACCES", "EIO")),
    "errors": Group("calls that fail", 24, errors=("ENOSPC", "EACCES", "EROFS", "EIO", "EMFILE")),
}


def points_of(group: Group, ground: Ground) -> list[Point]:
    """Every point of a group, those of each call by turns, so that any number of them holds some of each."""
    traced = ground.calls(alone=group.alone)
    calls = [it for it in traced if group.alone or it.is_first == group.is_first]
    found: dict[str, list[Point]] = {name: [] for name in CALLS}
    for number, call in enumerate(calls):
        if call.name in CALLS and (not group.errors or str(ground.folder) in call.about):
            found[call.name] += (
                _failures(call, group.errors) if group.errors else _kills(call, calls[number + 1 :])
            )
    if not group.is_first:  # of the first process it would be a call before there are workers
        own = Counter(it.name for it in traced if it.is_first)
        found = {name: [it for it in points if it.number > own[it.call]] for name, points in found.items()}
    spread = [_spread(list(dict.fromkeys(points))) for points in found.values()]
    return [point for point in chain(*zip_longest(*spread)) if point]


def _kills(call: Call, later: Sequence[Call]) -> Iterator[Point]:
    yield Point(call.name, BEFORE, call.name, call.number)
    if after := next((it for it in later if it.process == call.process), None):
        yield Point(call.name, AFTER, after.name, after.number)


def _failures(call: Call, errors: Sequence[str]) -> Iterator[Point]:
    for error in errors:
        for when in (ONCE, ON):
            yield Point(call.name, when, call.name, call.number, error)


def _spread(points: list[Point]) -> list[Point]:
    """The points in an order of which each beginning is spread over all of them."""
    order = sorted(range(len(points)), key=lambda number: f"{number:020b}"[::-1])
    return [points[number] for number in order]


def run(group: Group, folder: Path, chosen: slice = slice(None)) -> Iterator[Outcome]:
    """What came of the chosen points of a group. Raises `AssertionError` at what is wrong."""
    ground = Ground(folder, group.pages, group.code, group.jobs, group.texts)
    for point in points_of(group, ground)[chosen]:
        try:
            outcome = ground.strike(point, alone=group.alone)
            judge(group, outcome)
            ground.heals()
        except AssertionError as error:
            raise AssertionError(f"{point}: {error}") from error
        yield outcome


def judge(group: Group, outcome: Outcome) -> None:
    """Whether one outcome is as it must be. Raises `AssertionError`."""
    told = f"{outcome.code}, {outcome.published}: {outcome.said}"
    assert "Traceback" not in outcome.said, told
    if outcome.code == 0:
        assert outcome.published == "new", told
    elif outcome.struck != "the freeze" or group.errors:  # it has said that it failed
        assert outcome.code == 1, told
        assert outcome.published == "old", told
    if group.alone:
        assert outcome.code == 0, told


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=", ".join(GROUPS))
    parser.add_argument(
        "--points", type=int, help="so many of each group, spread over its calls, instead of all"
    )
    options = parser.parse_args(arguments)
    print(
        f"{'group':<16}{'call':<12}{'points':>7}{'freeze':>8}{'worker':>8}{'exit 0':>8}{'old':>6}{'new':>6}"
    )
    for name in options.groups or GROUPS:
        with tempfile.TemporaryDirectory() as folder:
            outcomes = []
            for outcome in run(GROUPS[name], Path(folder), slice(options.points)):
                print(*outcome.point, outcome.struck, outcome.code, outcome.published, file=sys.stderr)
                outcomes += [outcome] if outcome.struck else []
        for call in [*CALLS, "all"]:
            _print(name, call, [it for it in outcomes if call in (it.point.about, "all")])
    return 0


def _print(group: str, call: str, outcomes: Sequence[Outcome]) -> None:
    if outcomes:
        struck = Counter(it.struck for it in outcomes)
        published = Counter(it.published for it in outcomes)
        codes = Counter(it.code for it in outcomes)
        numbers = (len(outcomes), struck["the freeze"], struck["a worker"], codes[0])
        told = "".join(f"{number:>8}" for number in numbers)[1:]
        print(f"{group:<16}{call:<12}{told}{published['old']:>6}{published['new']:>6}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
