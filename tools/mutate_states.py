"""Blinds the freeze for one kind of dependency after the other, and sees that random sequences of edits show it.

    python tools/mutate_states.py [KIND…] [--count N] [--seed S]

A blind freeze holds that nothing of the kind ever changes. Prints after how many sequences that was seen, and exits
with 1 where it was not: then the sites or edits of `tests/sequences.py` lack something.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]

from engine.freeze.incremental import states  # noqa: E402
from engine.freeze.incremental.ledger import MEMORY, Ledger  # noqa: E402
from sequences import sequence  # noqa: E402

KINDS = (*states._ANSWERS, MEMORY)


@contextmanager
def blind(kind: str) -> Iterator[None]:
    """Have one kind of question answered always alike."""
    if kind == MEMORY:
        changed = Ledger.changed
        Ledger.changed = lambda self, of: {it for it in changed(self, of) if it[0] != MEMORY}  # type: ignore[method-assign]
        try:
            yield
        finally:
            Ledger.changed = changed  # type: ignore[method-assign]
        return
    answer = states._ANSWERS[kind]
    states._ANSWERS[kind] = lambda *_: b"always"
    try:
        yield
    finally:
        states._ANSWERS[kind] = answer


def seen_after(kind: str, count: int, seed: int = 0) -> int | None:
    """The number of sequences after which the blindness was seen; `None` where it was not."""
    with blind(kind):
        for number in range(count):
            with tempfile.TemporaryDirectory() as root:
                try:
                    for _ in sequence(seed + number, Path(root)):
                        pass
                except AssertionError:
                    return number + 1
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--count", type=int, default=200, help="so many sequences at most for each kind")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args(arguments)
    found: dict[str, Any] = {}
    for kind in options.kinds or KINDS:
        found[kind] = seen_after(kind, options.count, options.seed)
        print(f"{kind:<20}{found[kind] or 'never'}", flush=True)
    return int(None in found.values())


if __name__ == "__main__":
    sys.exit(main())
