"""Brings content that others wrote into sites, and freezes them.

    python tools/corpora.py [NAME…] [--shared DIR] [--keep DIR] [--out FILE]

The files of a corpus are copied as they are; `tools/corpora/NAME/` holds what is added to them, and never replaces
one. Each site is frozen twice: as it is, and with `--keep-going`. Prints a table, lists the faults with `--faults`, and
writes the table to a file for `benchmarks/report.py` with `--out`. Exits with 1 where a freeze ended otherwise than
with 0 or 1.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
ADDED = Path(__file__).with_suffix("")
SHARED = REPOSITORY.parent / "shared" / "corpora"


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where in a corpus the content lies, and which of its top directories lose their `_`, so that they are pages."""

    content: str
    published: tuple[str, ...] = ()


CORPORA = {
    "eips": Corpus("content"),
    "til": Corpus("content"),
    "rust-blog": Corpus("content/content"),
    "pallets-website": Corpus("content/content"),
    "jekyll-test-source": Corpus(
        "content/test/source",
        # Jekyll's collections, which its settings name
        published=(
            "_broken",
            "_dates",
            "_encodings",
            "_methods",
            "_posts",
            "_roles",
            "_slides",
            "_thanksgiving",
            "_tutorials",
            "_urls_differ_by_case_invalid",
            "_urls_differ_by_case_valid",
            "_with.dots",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of `engine freeze` came to. `report` is what it printed as JSON; empty where it printed none."""

    code: int
    seconds: float
    report: dict[str, Any]
    said: str


def bring(name: str, site: Path, shared: Path = SHARED, *, history: bool = False) -> Path:
    """Make the site of a corpus at `site`, and return it; with `history` as it was before its commits.

    Raises `FileExistsError` where a file would be replaced.
    """
    corpus = CORPORA[name]
    below = Path(corpus.content).relative_to("content")
    content = shared / name / ("history/base" if history else "content") / below
    _copy(content, site / "pages", corpus.published)
    _copy(ADDED / name, site)
    return site


def _copy(source: Path, to: Path, published: Sequence[str] = ()) -> None:
    """Copy a tree: contents and links, not modes, so that what was read-only can be added to."""
    for folder, _, names in os.walk(source):
        below = Path(folder).relative_to(source)
        if below.parts and below.parts[0] in published:
            below = Path(below.parts[0].removeprefix("_"), *below.parts[1:])
        (to / below).mkdir(parents=True, exist_ok=True)
        for name in names:
            target = to / below / name
            if target.exists() or target.is_symlink():
                raise FileExistsError(f"{target} is part of the corpus")
            shutil.copyfile(Path(folder) / name, target, follow_symlinks=False)


def freeze(site: Path, output: Path, *options: str) -> Outcome:
    """Run `engine freeze` on a site."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "engine", "freeze", str(site), "--json", "-o", str(output), *options],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), "NO_COLOR": "1"},
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - start
    report = json.loads(done.stdout) if done.stdout else {}
    return Outcome(done.returncode, seconds, report, done.stderr.decode())


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CORPORA))
    parser.add_argument("--shared", type=Path, default=SHARED, help="the directory of the corpora")
    parser.add_argument("--keep", type=Path, help="leave the sites and what was frozen in this directory")
    parser.add_argument("--faults", action="store_true", help="list every fault")
    parser.add_argument("--out", type=Path, help="write the table to this file, as JSON")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - CORPORA.keys():
        parser.error(f"there is no corpus {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as nowhere:
        work = options.keep or Path(nowhere)
        print(f"{'corpus':<20}{'pages':>7}{'seconds':>9}{'exit':>6}  faults by code")
        rows = {
            name: _row(name, work / name, options.shared, faults=options.faults)
            for name in options.names or CORPORA
        }
    if options.out:
        command = " ".join(["python tools/corpora.py", *(arguments or sys.argv[1:])])
        date = time.strftime("%Y-%m-%d", time.gmtime())
        options.out.write_text(json.dumps({"date": date, "command": command, "cells": rows}, indent=1) + "\n")
    return int(any(row["exit"] not in (0, 1) for row in rows.values()))


def _row(name: str, work: Path, shared: Path, *, faults: bool) -> dict[str, Any]:
    """Freeze one corpus, and print its line of the table."""
    shutil.rmtree(work, ignore_errors=True)
    site = bring(name, work / "site", shared)
    strict = freeze(site, work / "strict")
    outcome = freeze(site, work / "dist", "--keep-going")
    found = outcome.report.get("faults", [])
    counts = Counter(fault["code"] for fault in found)
    shown = ", ".join(f"{code} {count}" for code, count in counts.most_common()) or "none"
    pages = outcome.report.get("pages", 0)
    print(f"{name:<20}{pages:>7}{outcome.seconds:>9.2f}{strict.code:>6}  {shown}", flush=True)
    if faults or strict.code not in (0, 1):
        print(outcome.said)
    code = max(strict.code, outcome.code)
    return {"pages": pages, "seconds": round(outcome.seconds, 2), "exit": code, "faults": dict(counts)}


if __name__ == "__main__":
    sys.exit(main())
