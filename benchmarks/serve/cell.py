"""One framework, one workload, in a process of its own. Prints one line of JSON.

cell.py FRAMEWORK WORKLOAD [--seconds 0.1] [--show]

FRAMEWORK is one of those in run.py; WORKLOAD one of workloads.py or
routes-NUMBER.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import io
import json
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from lab import WORK
from workloads import WORKLOADS, WSGI, Environ, addresses, call, checked, environ

REPEATS = 7
OWN_PROCESSOR = 0.96
"""A repeat that had less than this share of its processor is not counted."""


def loop(app: WSGI, like: Environ, paths: list[str], body: bytes, count: int) -> float:
    """Seconds for `count` requests, `paths` in turn: a fresh environ, the call, the whole body read, closed.

    All environs are copies of one. Thousands of them, kept, would push what is measured out of the processor's cache.
    """
    bytes_io, many = io.BytesIO, len(paths)

    def start_response(status: str, headers: object, error: object = None) -> None:
        pass

    start = time.perf_counter()
    for number in range(count):
        env = like.copy()
        env["PATH_INFO"] = env["RAW_URI"] = paths[number % many]
        env["wsgi.input"] = bytes_io(body)
        parts = app(env, start_response)
        for _ in parts:
            pass
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return time.perf_counter() - start


def timed(run: Callable[[int], float], seconds: float) -> dict[str, float]:
    """Median and best µs a request, over repeats of about `seconds` that kept their processor.

    Where fewer than three of them did, the three that came nearest to it stand in, and `clean` tells.
    """
    count = 20
    while (took := run(count)) < seconds / 8:
        count *= 4
    count = max(20, int(count * seconds / took))
    tries: list[tuple[float, float]] = []
    while len(tries) < 4 * REPEATS and _clean(tries) < REPEATS:
        gc.collect()
        cpu = time.process_time()
        wall = run(count)
        tries.append(((time.process_time() - cpu) / wall, wall / count * 1e6))
    clean = _clean(tries)
    used = [us for _, us in sorted(tries, reverse=True)[: max(3, clean)]]
    return {"us": statistics.median(used), "best_us": min(used), "clean": clean}


def _clean(tries: list[tuple[float, float]]) -> int:
    return sum(share >= OWN_PROCESSOR for share, _ in tries)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def many_routes(module: Any, count: int, seconds: float) -> dict[str, float]:
    before, start = resident(), time.perf_counter()
    app = module.create_routes(count)
    paths = addresses(count, module.SLASH)
    env = environ(paths[0])
    call(app, env)  # Falcon compiles its router at the first request.
    load = time.perf_counter() - start
    grown = resident() - before
    for path in paths[:200]:
        answer = call(app, environ(path))
        if not answer.status.startswith("200") or answer.body != b"<h1>Hello, World!</h1>":
            raise SystemExit(f"routes: {path} answered {answer.status}")
    run = timed(lambda n: loop(app, env, paths, b"", n), seconds)
    return {**run, "load_s": load, "memory_mb": grown / 2**20}


def one_workload(module: Any, variant: str, name: str, seconds: float) -> dict[str, float]:
    app = module.create(variant)
    env, answer = checked(app, name, module.SLASH)
    if name == "page" and answer.body.strip() != (WORK / "ready/guide.html").read_bytes().strip():
        raise SystemExit(f"page: not the HTML that the engine serves: {answer.body[:300]!r}")
    body = WORKLOADS[name].body
    paths = [env["PATH_INFO"]]
    asked = getattr(app, "loop", None) or partial(loop, app)
    return {**timed(lambda n: asked(env, paths, body, n), seconds), "bytes": len(answer.body)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("framework")
    parser.add_argument("workload")
    parser.add_argument("--seconds", type=float, default=0.1)
    parser.add_argument(
        "--show", action="store_true", help="print the checked answer's body instead of timing it"
    )
    args = parser.parse_args()
    name, _, variant = args.framework.partition(":")
    module = importlib.import_module(f"apps.{name}_")
    if args.show:
        sys.stdout.buffer.write(checked(module.create(variant), args.workload, module.SLASH)[1].body)
        return
    if args.workload.startswith("routes-"):
        result = many_routes(module, int(args.workload[7:]), args.seconds)
    else:
        result = one_workload(module, variant, args.workload, args.seconds)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
