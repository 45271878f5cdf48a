"""Requests in process: the engine against Flask, Bottle and Falcon; and an API, against FastAPI and Flask-Smorest.

python benchmarks/serve/run.py [--rounds 5] [--seconds 0.1] [--frameworks …] [--workloads …] [--out FILE]

It makes benchmarks/.venv (once) and writes benchmarks/results/serve.json, and nothing else. Every workload is
asked of every framework in each round, each time in a new process, so that a slow minute of the machine falls
on all of them; a ratio is always that of two figures of the same round.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab
from layout import cell, lay_out
from workloads import WORKLOADS

FRAMEWORKS = (
    "engine",
    "engine:hooked",
    "engine:full",
    "flask",
    "flask:keyed",
    "flask:full",
    "flask:render",
    "flask:caching",
    "bottle",
    "falcon",
    "fastapi",
    "smorest",
)
SURROUNDED = {"hello", "param", "template", "form"}
ONLY = {
    "engine:hooked": SURROUNDED,
    "engine:full": SURROUNDED,
    "flask:full": SURROUNDED,
    "flask:render": {"page"},
    "flask:caching": {"cached"},
    "fastapi": {"api"},
    "smorest": {"api"},
}
"""Variants that have something to say on some workloads alone."""
NOT_FOR = {
    "flask": {"form", "api"},
    "flask:keyed": {"api", "routes-100", "routes-1000", "routes-10000"},
    "bottle": {"api", "cached"},  # neither of them keeps answers
    "falcon": {"api", "page", "cached"},  # and its static routes are for directories
}
ALL = (*WORKLOADS, "routes-100", "routes-1000", "routes-10000")


def measure(framework: str, workload: str, seconds: float) -> dict[str, Any]:
    done = cell(framework, workload, "--seconds", str(seconds))
    if done.returncode:
        return {"error": done.stderr.decode(errors="replace").strip()[-600:]}
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds", type=float, default=0.1, help="length of one repeat; seven make a figure"
    )
    parser.add_argument("--frameworks", nargs="+", default=FRAMEWORKS)
    parser.add_argument("--workloads", nargs="+", default=ALL)
    parser.add_argument("--out", help="instead of benchmarks/results/serve.json")
    args = parser.parse_args()
    lab.prepare()
    lay_out(args.workloads)
    cells: dict[str, dict[str, list[Any]]] = {}
    for number in range(args.rounds):
        for workload in args.workloads:
            for framework in args.frameworks:
                if workload not in ONLY.get(framework, ALL) or workload in NOT_FOR.get(framework, ()):
                    continue
                figure = measure(framework, workload, args.seconds)
                cells.setdefault(workload, {}).setdefault(framework, []).append(figure)
                shown = figure.get("error") or f"{figure['us']:9.2f} µs"
                lab.say(f"round {number + 1} {workload:12} {framework:12} {shown}")
        lab.save("serve", {**lab.describe(), "rounds": number + 1, "cells": cells}, args.out)


if __name__ == "__main__":
    main()
