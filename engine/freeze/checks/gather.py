"""Makes one fault of those that many pages share: a mistake in a layout is one mistake."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.errors import Fault
from engine.freeze.target import Result

NAMED = 5
"""So many pages are named, each with its fault. Of more the first is."""


def gathered(results: Iterable[Result]) -> list[Fault]:
    """The faults of pages. What many say of themselves at one place is said by the first of them, with their number."""
    alike: dict[Fault, dict[str, Fault]] = {}
    for result in results:
        for fault in result.faults:
            url = result.target.url
            said = replace(fault, what=fault.what.removeprefix(f"{url} "))
            alike.setdefault(said, {})["" if said == fault else url] = fault
    return [fault for said, faults in alike.items() for fault in _few(said, faults)]


def _few(said: Fault, faults: dict[str, Fault]) -> Iterable[Fault]:
    if len(faults) <= NAMED:
        return faults.values()
    first, more = next(iter(faults)), len(faults) - 1
    return [replace(said, what=f"{first} (and {more:,} other pages) {said.what}")]
