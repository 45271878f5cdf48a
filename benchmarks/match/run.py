"""Finding a route, and no more: microseconds for one path, by the number of routes.

python benchmarks/match/run.py [--routes 100 1000 10000] [--rounds 5] [--out FILE]

The table holds the routes of `routes-N` of the serving benchmark. `sample` asks for its 2,000 random addresses,
`in turn` for 100 of them again and again: what differs between the two is what the processor has at hand, not what
the matcher does. Sizes take turns. Writes benchmarks/results/match.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "serve"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab
from workloads import addresses, routes

REPEATS = 15


def table(count: int) -> Any:
    """The routes as the files of a site would make them."""
    from engine.routing.route import Route
    from engine.routing.segments import parse
    from engine.routing.table import RouteTable

    def route(name: str) -> Route:
        pattern = parse(name, file=name)
        return Route(pattern.id, pattern.segments, pattern.is_file, name)

    names = [f"{path[1:]}/[slug]/[id=int]" if more else path[1:] for more, path in routes(count)]
    return RouteTable(map(route, names))


def quickest(find: Any, paths: list[str]) -> float:
    def once() -> float:
        start = time.perf_counter()
        for path in paths:
            find(path)
        return (time.perf_counter() - start) / len(paths) * 1e6

    return min(once() for _ in range(REPEATS))


def child(count: int) -> None:
    find, paths = table(count).match, addresses(count, "/")
    wrong = [path for path in paths if type(find(path)).__name__ != "Found"]
    figures = {"sample": quickest(find, paths), "in turn": quickest(find, paths[:100] * 20)}
    print(json.dumps({"error": f"not found: {wrong[:3]}"} if wrong else figures))


def measure(count: int) -> dict[str, Any]:
    command = [str(lab.PYTHON), __file__, "--child", str(count)]
    done = subprocess.run(command, env=lab.environment(), capture_output=True, text=True, check=False)
    figure: dict[str, Any] = {"error": done.stderr[-600:]} if done.returncode else json.loads(done.stdout)
    lab.say(f"{count:6} routes  {figure}")
    return figure


def rounds(counts: Iterable[int], repeat: int) -> dict[str, list[dict[str, Any]]]:
    figures: dict[str, list[dict[str, Any]]] = {str(count): [] for count in counts}
    for _ in range(repeat):
        for count, found in figures.items():
            found.append(measure(int(count)))
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--routes", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", help="instead of benchmarks/results/match.json")
    args = parser.parse_args()
    if args.child:
        child(args.child)
        return
    lab.prepare()
    lab.save("match", {**lab.describe(), "cells": rounds(args.routes, args.rounds)}, args.out)


if __name__ == "__main__":
    main()
