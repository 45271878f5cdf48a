"""Replays the real commits of a corpus, and compares the incremental freeze after each with a clean one.

    python tools/history.py [NAME…] [--shared DIR] [--steps N]

After each commit the output of an incremental freeze is that of a clean one, byte for byte, with the same faults; it
asks no more pages than the clean one. Then a file is written anew with the bytes that it had: the next freeze asks no
page and writes no file. Prints a line for each corpus, and raises `AssertionError` at the first difference.
"""

from __future__ import annotations

import argparse
import base64
import gc
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tools")]

import corpora  # noqa: E402
from engine.cli.freeze import FEW_COLLECTIONS  # noqa: E402
from engine.rendering import highlight  # noqa: E402
from freeze_tools import Bench  # noqa: E402


class Step(NamedTuple):
    """What one commit came to: pages that the incremental freeze and the clean one asked."""

    commit: str
    asked: int
    clean: int


def names(shared: Path = corpora.SHARED) -> list[str]:
    """The corpora that have a history."""
    return [name for name in corpora.CORPORA if (shared / name / "history").is_dir()]


def replay(
    name: str, work: Path, shared: Path = corpora.SHARED, *, steps: int | None = None
) -> Iterator[Step]:
    """Each commit of a corpus after it was frozen both ways. `steps` are the last so many alone.

    Raises `AssertionError` where the two differ.
    """
    bench = Bench(work)
    corpora.bring(name, bench.root, shared, history=True)
    commits = _commits(shared / name)
    begin = 0 if steps is None else max(0, len(commits) - steps)
    for commit in commits[:begin]:
        _apply(commit["ops"], name, bench)
    bench.agrees()
    for commit in commits[begin:]:
        changed = _apply(commit["ops"], name, bench)
        report, clean = bench.agrees()
        if changed:
            changed[-1].write_bytes(changed[-1].read_bytes())
        bench.rests()
        yield Step(commit["commit"], report.asked, clean.asked)


def _commits(corpus: Path) -> list[Any]:
    with (corpus / "history" / "steps.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _apply(operations: Sequence[dict[str, str]], name: str, bench: Bench) -> list[Path]:
    """Write and delete what a commit did in the content. Returns the files that were written."""
    below = PurePosixPath(corpora.CORPORA[name].content).relative_to("content")
    written = []
    for operation in operations:
        path = PurePosixPath(operation["path"])
        if not path.is_relative_to(below):
            continue
        file = bench.root / "pages" / path.relative_to(below)
        if operation["op"] == "D":
            file.unlink()
            continue
        text = operation.get("text")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(operation["b64"]) if text is None else text.encode())
        written.append(file)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--shared", type=Path, default=corpora.SHARED, help="the directory of the corpora")
    parser.add_argument("--steps", type=int, help="the last so many commits of each corpus alone")
    options = parser.parse_args(arguments)
    gc.set_threshold(*FEW_COLLECTIONS)
    # One process remembers colours of code by their text; here those of a whole site, which is frozen very often.
    highlight._coloured = lru_cache(maxsize=None)(highlight._coloured.__wrapped__)
    print(f"{'corpus':<20}{'commits':>8}{'asked':>9}{'clean':>9}{'seconds':>9}")
    for name in options.names or names(options.shared):
        start = time.perf_counter()
        with tempfile.TemporaryDirectory() as work:
            steps = []
            for step in replay(name, Path(work), options.shared, steps=options.steps):
                steps.append(step)
                print(name, len(steps), *step, file=sys.stderr)
        asked, clean = sum(step.asked for step in steps), sum(step.clean for step in steps)
        seconds = time.perf_counter() - start
        print(f"{name:<20}{len(steps):>8}{asked:>9}{clean:>9}{seconds:>9.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
