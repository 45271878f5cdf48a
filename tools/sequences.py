"""Runs random sequences of ten edits, and compares the incremental freeze after each edit with a clean one.

    python tools/sequences.py [--count N] [--minutes M] [--seed S] [--example | --calm]

Stops at the first difference, with the seed that shows it. Prints how many sequences and freezes there were.
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]

from calm_sequences import calm_sequence  # noqa: E402
from engine.rendering.highlight import highlight  # noqa: E402
from engine.rendering.site_environment import built_in  # noqa: E402
from engine.rendering.templates import Templates  # noqa: E402
from sequences import sequence  # noqa: E402


def warm_up() -> None:
    """Do here, once, what every worker that is forked would do again: compile the theme, and load a lexer.

    Nothing of it is garbage, so that no search for garbage need look at it.
    """
    templates = Templates(built_in(), {})
    for name in templates.sources:
        if name.endswith((".html", ".jinja")):
            templates.get(name)
    highlight("x = 1", "python")
    gc.freeze()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=20_000, help="so many sequences at most")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="so many minutes at most")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--example", action="store_true", help="edit the example site instead of random ones")
    parser.add_argument("--calm", action="store_true", help="edit the texts of sites without faults")
    options = parser.parse_args(arguments)
    warm_up()
    start, pages, asked, seed = time.monotonic(), 0, 0, options.seed
    while seed < options.seed + options.count and time.monotonic() < start + options.minutes * 60:
        with tempfile.TemporaryDirectory() as root:
            try:
                reports = (
                    calm_sequence(seed, Path(root))
                    if options.calm
                    else sequence(seed, Path(root), on_example=options.example)
                )
                for report in reports:
                    pages, asked = pages + report.pages, asked + report.asked
            except Exception:
                traceback.print_exc()
                print(f"seed {seed} shows a difference, after {seed - options.seed} sequences that show none")
                return 1
        seed += 1
        if seed % 5 == 0:
            gc.collect()  # a freeze leaves what it has loaded to a generation that is hardly ever looked through
        if (seed - options.seed) % 100 == 0:
            print(told(seed - options.seed, pages, asked, start), file=sys.stderr, flush=True)
    print(told(seed - options.seed, pages, asked, start))
    return 0


def told(sequences: int, pages: int, asked: int, start: float) -> str:
    seconds = time.monotonic() - start
    return f"{sequences} sequences, {pages} pages, {asked} of them asked, {seconds:.0f} s: no difference"


if __name__ == "__main__":
    sys.exit(main())
