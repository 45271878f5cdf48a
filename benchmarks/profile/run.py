"""Where the CPU time of a cold freeze goes, step by step.

python benchmarks/profile/run.py [--pages 10000] [--rounds 3] [--root /dev/shm] [--out FILE]

Freezes the posts of `build` by one worker, with each engine for Markdown in turn, by `steps.py`, and writes
benchmarks/results/profile.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "build"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab
from corpus import Post, posts

from tools import engine

ENGINES = {"default": engine(), "fast": engine(fast=True)}


def steps(site: Path) -> dict[str, float]:
    """CPU seconds of one cold freeze, by step."""
    for made in ("dist", ".engine"):
        shutil.rmtree(site / made, ignore_errors=True)
    command = [str(lab.PYTHON), str(Path(__file__).with_name("steps.py")), str(site)]
    ended = subprocess.run(command, env=lab.environment(), capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(ended.stdout)
    return found


def middle(rounds: list[dict[str, float]]) -> dict[str, float]:
    return {step: round(median(one[step] for one in rounds), 4) for step in rounds[0]}


def measured(root: Path, made: list[Post], repeat: int) -> dict[str, dict[str, float]]:
    """The steps of each engine, which take turns."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in ENGINES}
    for name, tool in ENGINES.items():
        tool.lay_out(made, root / name)
    for number in range(repeat):
        for name, rounds in taken.items():
            rounds.append(steps(root / name))
            lab.say(f"round {number + 1} {name:8} {sum(rounds[-1].values()):.2f} s of CPU")
    return {name: middle(rounds) for name, rounds in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--root", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--out", help="instead of benchmarks/results/profile.json")
    args = parser.parse_args()
    lab.prepare()
    result: dict[str, Any] = {**lab.describe(), "pages": args.pages}
    with tempfile.TemporaryDirectory(prefix="engine-bench-", dir=args.root) as root:
        result["cells"] = measured(Path(root), list(posts(args.pages)), args.rounds)
    lab.save("profile", result, args.out)


if __name__ == "__main__":
    main()
