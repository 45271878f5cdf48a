"""How long an edit is on its way into a browser, and `engine dev` on its way to the first page.

python benchmarks/dev/run.py [--pages 1000 10000] [--edits 20] [--root /dev/shm] [--out FILE]

`engine dev` serves a site of posts. A post is open in Chromium; a word of its Markdown file is changed, and the time is
taken from before the write to when the word is in the document. Writes benchmarks/results/dev.json. Run
it with a Python that has Playwright; `$CHROMIUM` names the browser if it is not in the path.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import IO, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "build"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lab
from corpus import posts

from tools import engine

TELLS = """addEventListener("DOMContentLoaded", () => {
  const tell = () => {
    const mark = document.body.textContent.match(/edit-\\d+/);
    seen(mark ? mark[0] : "", performance.timeOrigin + performance.now());
  };
  tell();
  new MutationObserver(tell).observe(document.documentElement, { childList: true });
});"""
PATIENCE = 60


@contextmanager
def dev(site: Path) -> Iterator[tuple[str, float]]:
    """Where a running `engine dev` is, and the seconds from its start to the first page."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(lab.PYTHON), "-m", "engine", "dev", str(site), "-p", "0"],
        env={**lab.environment(), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        port = _port(process.stderr)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        yield f"http://127.0.0.1:{port}", time.perf_counter() - start
    finally:
        process.terminate()
        process.wait()


def _port(said: IO[str]) -> int:
    for line in said:
        if match := re.search(r"at http://[^ ]+?:(\d+)", line):
            return int(match[1])
    raise SystemExit("engine dev did not start")


def edits(origin: str, file: Path, url: str, count: int) -> list[float]:
    """Milliseconds of each edit, from before the write to the parsed document."""
    from playwright.sync_api import sync_playwright

    told: dict[str, float] = {}
    taken = []

    def seen(mark: str, at: float) -> None:
        told.setdefault(mark, at)

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page()
        page.expose_function("seen", seen)
        page.add_init_script(TELLS)
        page.goto(origin + url)
        page.wait_for_timeout(1000)
        for number in range(count):
            mark = f"edit-{number}"
            text = re.sub(r"\n\nedit-\d+\n$", "\n", file.read_text()) + f"\n\n{mark}\n"
            begun = time.time() * 1e3
            file.write_text(text)
            end = time.monotonic() + PATIENCE
            while mark not in told and time.monotonic() < end:
                page.wait_for_timeout(10)
            taken.append(told[mark] - begun)
            page.wait_for_timeout(1500)
        browser.close()
    return taken


def measured(count: int, number: int, root: Path) -> dict[str, Any]:
    site = root / "site"
    engine().lay_out(list(posts(count)), site)
    with dev(site) as (_, first):
        pass
    file = sorted(site.glob("pages/(posts)/*/*.md"))[count // 2]
    with dev(site) as (origin, second):
        taken = edits(origin, file, f"/{file.parent.name}/{file.stem}/", number)
    shutil.rmtree(site)
    return {"first_s": first, "again_s": second, "edits_ms": taken}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--edits", type=int, default=20)
    parser.add_argument("--root", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--out", help="instead of benchmarks/results/dev.json")
    args = parser.parse_args()
    lab.prepare()
    cells: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="engine-bench-", dir=args.root) as root:
        for count in args.pages:
            cells[str(count)] = figures = measured(count, args.edits, Path(root))
            lab.say(
                f"{count:6} first {figures['first_s']:.2f} s, again {figures['again_s']:.2f} s, "
                f"an edit {median(figures['edits_ms']):.0f} ms"
            )
    lab.save("dev", {**lab.describe(), "cells": cells}, args.out)


if __name__ == "__main__":
    main()
