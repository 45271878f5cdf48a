"""A million requests to one app in one process, and the memory that it holds meanwhile.

python benchmarks/soak/run.py [--requests 1000000] [--out FILE]

The requests of benchmarks/serve in turn, with hooks, headers, sessions and kept answers. Writes
benchmarks/results/soak.json.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
from pathlib import Path
from statistics import linear_regression
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "serve"))
sys.path.insert(0, str(HERE.parent))

import lab  # noqa: E402
from layout import lay_out  # noqa: E402

STEPS = 50
"""Looks at the memory."""
WARM = 5
"""Of these, those in which caches fill."""


def soak(requests: int) -> dict[str, Any]:
    """Megabytes held after each step, and what a hundred thousand requests add to them, in kB."""
    from apps import engine_
    from cell import loop, resident
    from workloads import WORKLOADS, checked

    app = engine_.create("full")
    asked = {name: (checked(app, name, "/")[0], WORKLOADS[name].body) for name in WORKLOADS}
    held: list[float] = []
    for _ in range(STEPS):
        for env, body in asked.values():
            loop(app, env, [env["PATH_INFO"]], body, requests // STEPS // len(asked))
        gc.collect()
        held.append(resident() / 2**20)
    steps = range(WARM, STEPS)
    slope = linear_regression(list(steps), held[WARM:]).slope
    return {
        "requests": requests,
        "held_mb": held,
        "kb_per_100k": slope * 1024 / (requests / STEPS) * 100_000,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--out", help="instead of benchmarks/results/soak.json")
    args = parser.parse_args()
    if args.inside:
        print(json.dumps(soak(args.requests)))
        return
    lab.prepare()
    lay_out(["page"])
    environment = lab.environment()
    environment["PYTHONPATH"] += f":{HERE.parent / 'serve'}:{lab.HERE}:{lab.WORK / 'full'}"
    command = [str(lab.PYTHON), str(HERE / "run.py"), "--inside", "--requests", str(args.requests)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    result = json.loads(done.stdout)
    lab.say(f"{result['kb_per_100k']:.1f} kB for 100,000 requests, at {result['held_mb'][-1]:.1f} MB")
    lab.save("soak", {**lab.describe(), **result}, args.out)


if __name__ == "__main__":
    main()
