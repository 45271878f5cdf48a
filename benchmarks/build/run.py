"""Builds of a site of posts, cold: the engine against Hugo and Pelican.

python benchmarks/build/run.py [--pages 1000 10000] [--rounds 3] [--tools …] [--root /dev/shm] [--out FILE]

The work: every post by a layout with a navigation of ten links, section lists of 20, a page for each of 50
tags, a home page, a feed of 20, a sitemap; no highlighting. It makes benchmarks/.venv (once), works in a new
directory below --root, which it removes, and writes benchmarks/results/build.json. Tools take turns, and what
an output holds is counted before its figures are.
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

from tools import Tool, problems, tools

TOOLS = ("engine", "engine, 1 job", "hugo", "pelican")


def cold(tool: Tool, site: Path, made: list[Post]) -> dict[str, Any]:
    """One build with nothing kept from the last, its output checked."""
    tool.clear(site)
    figure = run(list(tool.command), site, lab.environment())
    if "error" not in figure and (wrong := problems(tool, site, made)):
        figure["error"] = "; ".join(wrong)[:800]
    return figure


def rounds(count: int, chosen: dict[str, Tool], repeat: int, root: Path) -> dict[str, list[dict[str, Any]]]:
    made = list(posts(count))
    figures: dict[str, list[dict[str, Any]]] = {name: [] for name in chosen}
    for name, tool in chosen.items():
        tool.lay_out(made, root / name)
    for number in range(repeat):
        for name, tool in chosen.items():
            figure = cold(tool, root / name, made)
            figures[name].append(figure)
            shown = figure.get("error") or "{wall_s:8.2f} s, CPU {cpu_s:8.2f} s, {rss_mb:7.1f} MB".format(
                **figure
            )
            lab.say(f"round {number + 1} {count:6} {name:14} {shown}")
    for name in chosen:
        shutil.rmtree(root / name)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--root", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--out", help="instead of benchmarks/results/build.json")
    args = parser.parse_args()
    lab.prepare()
    chosen = {name: tool for name, tool in tools().items() if name in args.tools}
    result: dict[str, Any] = {**lab.describe(), "filesystem": str(args.root), "cells": {}}
    with tempfile.TemporaryDirectory(prefix="engine-bench-", dir=args.root) as root:
        for count in args.pages:
            result["cells"][str(count)] = rounds(count, chosen, args.rounds, Path(root))
            lab.save("build", result, args.out)


if __name__ == "__main__":
    main()
