"""Loading a site of many small pages: time and memory a page.

python benchmarks/load/run.py [--pages 1000 10000 100000] [--rounds 3] [--root /dev/shm] [--out FILE]

For each size, in fresh processes: `floor`, a walk that reads every file and does no more; `first`,
`load_site` of a site never loaded before; `again`, the same once more. It makes benchmarks/.venv (once),
works in a new directory below --root, which it removes, and writes benchmarks/results/load.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab

HERE = Path(__file__).resolve().parent
PAGES_A_DIRECTORY = 100
PAGE = """---
title: Page {0}
date: 2025-{1:02d}-{2:02d}
tags: [one, two]
description: The page of number {0}.
---

# Page {0}

A small page with *some* text and a [link](/).
"""


def lay_out(count: int, site: Path) -> None:
    (site / "pages").mkdir(parents=True)
    (site / "pages/index.md").write_text("# Home\n")
    for number in range(1, count):
        directory = site / f"pages/part-{number // PAGES_A_DIRECTORY:04d}"
        directory.mkdir(exist_ok=True)
        (directory / f"page-{number:06d}.md").write_text(
            PAGE.format(number, number % 12 + 1, number % 28 + 1)
        )


def load(kind: str, site: Path) -> dict[str, Any]:
    command = [str(lab.PYTHON), str(HERE / "child.py"), "floor" if kind == "floor" else "load", str(site)]
    done = subprocess.run(command, env=lab.environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        return {"error": done.stderr.strip()[-800:]}
    figure: dict[str, Any] = json.loads(done.stdout)
    return figure


def rounds(count: int, repeat: int, root: Path) -> dict[str, list[dict[str, Any]]]:
    site = root / str(count)
    lay_out(count, site)
    figures: dict[str, list[dict[str, Any]]] = {"floor": [], "first": [], "again": []}
    for number in range(repeat):
        shutil.rmtree(site / ".engine", ignore_errors=True)
        for kind, made in figures.items():
            figure = load(kind, site)
            if figure.get("pages", count) != count:
                figure = {"error": f"{figure['pages']} pages, not {count}"}
            made.append(figure)
            shown = figure.get("error") or "{seconds:8.3f} s {bytes:12,} bytes".format(**figure)
            lab.say(f"round {number + 1} {count:7} {kind:6} {shown}")
    shutil.rmtree(site)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 10000, 100000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--root", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--out", help="instead of benchmarks/results/load.json")
    args = parser.parse_args()
    lab.prepare()
    result: dict[str, Any] = {**lab.describe(), "filesystem": str(args.root), "cells": {}}
    with tempfile.TemporaryDirectory(prefix="engine-bench-", dir=args.root) as root:
        for count in args.pages:
            result["cells"][str(count)] = rounds(count, args.rounds, Path(root))
            lab.save("load", result, args.out)


if __name__ == "__main__":
    main()
