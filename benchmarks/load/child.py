"""One load in a process of its own: `child.py load|floor SITE`. Prints pages, seconds, bytes grown."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def floor(site: str) -> int:
    return sum(bool(file.read_bytes()) for file in Path(site).rglob("*.md"))


def main() -> None:
    kind, site = sys.argv[1:]
    if kind == "load":
        from engine.config import load_config
        from engine.loading import load_site  # imported before the clock starts
    before, start = resident(), time.perf_counter()
    result = floor(site) if kind == "floor" else load_site(load_config(site))
    seconds = time.perf_counter() - start
    grown = resident() - before
    pages = result if isinstance(result, int) else len(result.pages)
    print(json.dumps({"pages": pages, "seconds": seconds, "bytes": grown}))


if __name__ == "__main__":
    main()
