"""What a chunk costs on another machine, and what a page of it does: a line through chunks of several sizes.

python benchmarks/chunks/run.py [--pages 2000] [--rounds 5] [--out FILE]

A site of posts goes to one worker of a dask cluster on this machine, each chunk after the one before. The intercept of
the line is what every chunk costs (packing, scheduler, two pipes), its slope what every page does. Writes
benchmarks/results/chunks.json. Run it with a Python that has the extra `dask`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "build"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab
from corpus import posts

SIZES = (1, 5, 20, 50, 100, 200)
SITE = Path(__file__).resolve().parents[1] / "build" / "engine_site"


def lay_out(count: int, root: Path) -> None:
    shutil.copytree(SITE, root)
    for post in posts(count):
        file = root / "pages/(posts)" / post.section / f"{post.slug}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(post.front_matter() + post.body)


def measured(root: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of a chunk by its size, the line through them, and what the site costs once."""
    import distributed

    from engine.app.app import App
    from engine.config import load_config
    from engine.freeze.asking.bundle import pack_site
    from engine.freeze.asking.executors import ask_chunk
    from engine.freeze.asking.wire import pack_targets
    from engine.freeze.plan import make_plan
    from engine.loading import load_site

    app = App(load_site(load_config(root)))
    targets = [it for it in make_plan(app).targets.values() if "/post-" in it.path]
    with (
        distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor(pure=False)
        start = time.perf_counter()
        bundle = pack_site(str(root), env="production", base_url="", drafts=False)
        packed = time.perf_counter()
        sent = client.scatter(bundle, hash=False)
        executor.submit(ask_chunk, sent, pack_targets(targets[:1])).result()
        loaded = time.perf_counter()
        taken: dict[int, list[float]] = {size: [] for size in SIZES}
        waiting = iter(targets)  # no page twice: its text would be rendered already
        for _ in range(rounds):
            for size in SIZES:
                chunk = list(islice(waiting, size))
                begun = time.perf_counter()
                answer = executor.submit(ask_chunk, sent, pack_targets(chunk)).result()
                if len(answer[2]) != size:
                    raise SystemExit(f"{len(answer[2])} files of a chunk of {size}")
                taken[size].append((time.perf_counter() - begun) * 1e3)
    line = linear_regression(
        [size for size in SIZES for _ in taken[size]], [it for size in SIZES for it in taken[size]]
    )
    return {
        "pages": len(targets),
        "bundle_mb": len(bundle.data) / 1e6,
        "pack_s": packed - start,
        "load_s": loaded - packed,
        "chunks_ms": {str(size): median(times) for size, times in taken.items()},
        "chunk_ms": line.intercept,
        "page_ms": line.slope,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", help="instead of benchmarks/results/chunks.json")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="engine-bench-") as root:
        lay_out(args.pages, Path(root, "site"))
        figures = measured(Path(root, "site"), args.rounds)
    lab.save("chunks", {**lab.describe(), **figures}, args.out)
    lab.say(str(figures))


if __name__ == "__main__":
    main()
