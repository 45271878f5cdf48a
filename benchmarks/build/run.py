"""Builds of a site of posts: the engine against other tools, cold and after an edit.

python benchmarks/build/run.py [--pages 1000 10000] [--rounds 3] [--tools …] [--cases …] [--colour] [--root /dev/shm]
       [--out FILE]

The work: every post by a layout with a navigation of ten links, section lists of 20, a page for each of 50
tags, a home page, a feed of 20, a sitemap; no highlighting. It makes benchmarks/.venv (once), works in a new
directory below --root, which it removes, and writes benchmarks/results/build.json. Tools take turns, and what
an output holds is counted before its figures are. --cases chooses what follows a cold build of the engine.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab
from corpus import Post, posts
from measure import run

from tools import EDITS, HERE, TOOLS, Tool, problems, shows, tools

USUAL = ("engine", "engine, 1 job", "engine, fast", "hugo", "eleventy", "pelican")
CASES = ("cold", *EDITS)
Figures = dict[str, list[dict[str, Any]]]


def build(tool: Tool, site: Path, made: list[Post]) -> dict[str, Any]:
    """One build, its output checked."""
    figure = run(list(tool.command), site, lab.environment())
    if "error" not in figure and (wrong := problems(tool, site, made)):
        figure["error"] = "; ".join(wrong)[:800]
    return figure


def next_build(tool: Tool, site: Path, made: list[Post], case: str, number: int) -> dict[str, Any]:
    """The build after an edit, which its output must show."""
    text = EDITS[case].apply(site, number)
    figure = build(tool, site, made)
    if "error" not in figure and not shows(text, site):
        figure["error"] = f"the output does not show {text!r}"
    return figure


def rounds(
    count: int, chosen: dict[str, Tool], cases: list[str], repeat: int, root: Path
) -> tuple[Figures, dict[str, Figures]]:
    """The figures of each tool's cold builds, and those of the builds after each edit."""
    made = list(posts(count))
    figures: Figures = {name: [] for name in chosen}
    again: dict[str, Figures] = {EDITS[case].title: {} for case in cases}
    for name, tool in chosen.items():
        tool.lay_out(made, root / name)
    for number in range(repeat):
        for name, tool in chosen.items():
            tool.clear(root / name)
            figures[name].append(build(tool, root / name, made))
            _say(number, count, name, figures[name][-1])
            for case in cases if tool.again else ():
                taken = again[EDITS[case].title].setdefault(name, [])
                taken.append(next_build(tool, root / name, made, case, number))
                _say(number, count, f"{name}, {EDITS[case].title}", taken[-1])
    for name in chosen:
        shutil.rmtree(root / name)
    return figures, again


def _say(number: int, count: int, name: str, figure: dict[str, Any]) -> None:
    shown = figure.get("error") or "{wall_s:8.2f} s, CPU {cpu_s:8.2f} s, {rss_mb:7.1f} MB".format(**figure)
    lab.say(f"round {number + 1} {count:6} {name:30} {shown}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=USUAL)
    parser.add_argument(
        "--cases", nargs="+", choices=CASES, default=CASES, help="cold comes first in any case"
    )
    parser.add_argument("--colour", action="store_true", help="have code coloured, by the engine and Hugo")
    parser.add_argument("--root", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--out", help="instead of benchmarks/results/build.json")
    args = parser.parse_args()
    lab.prepare()
    chosen = {name: tool.colouring() if args.colour else tool for name, tool in tools(args.tools).items()}
    cases = [case for case in EDITS if case in args.cases]
    result: dict[str, Any] = {**lab.describe(), "filesystem": str(args.root), "cells": {}, "again": {}}
    for tool in chosen.values():
        result["versions"] |= lab.pinned(HERE / tool.site)
    with tempfile.TemporaryDirectory(prefix="engine-bench-", dir=args.root) as root:
        for count in args.pages:
            figures, again = rounds(count, chosen, cases, args.rounds, Path(root))
            result["cells"][str(count)], result["again"][str(count)] = figures, again
            lab.save("build", result, args.out)


if __name__ == "__main__":
    main()
