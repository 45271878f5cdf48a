"""Loading a site costs the same for each page, however many there are."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

MEASURE = """
import gc, json, resource, sys, time
from engine import create_app
def memory():
    gc.collect()
    pages = int(open("/proc/self/statm").read().split()[1])
    return pages * resource.getpagesize()
small, large = sys.argv[1:]
create_app(small)
before, begin = memory(), time.process_time()
app = create_app(large)
seconds = time.process_time() - begin
pages = len(app.site.pages)
print(json.dumps({"seconds": seconds / pages, "bytes": (memory() - before) / pages, "pages": pages}))
"""


def make(root: Path, count: int) -> Path:
    """A site of so many tiny pages, a hundred in a directory, with neighbours, tags and links."""
    for number in range(count):
        folder = root / "pages" / f"section-{number // 100}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"page-{number}.md").write_text(
            f"---\ntitle: Page {number}\ntags: [a, t{number % 50}]\n---\nText {number}.\n"
        )
    return root


def measured(small: Path, large: Path) -> dict[str, float]:
    """Seconds of CPU and bytes a page, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(small), str(large)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_time_and_memory_a_page_do_not_grow_with_the_site(tmp_path: Path) -> None:
    small = make(tmp_path / "one", 1)
    sizes = {count: measured(small, make(tmp_path / str(count), count)) for count in (1_000, 10_000, 50_000)}
    shutil.rmtree(tmp_path)  # pytest would keep these files for three runs
    for count, figures in sizes.items():
        assert figures["pages"] == count
        print(f"{count:>7,} pages: {figures['seconds'] * 1e6:.0f} µs and {figures['bytes']:.0f} bytes a page")  # noqa: T201
    # Time is noisy where machines share a cache; five times the pages would show a square at once.
    for what, most in (("seconds", 2.5), ("bytes", 1.5)):
        assert sizes[50_000][what] <= most * sizes[10_000][what], what
