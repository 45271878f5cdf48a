"""What the last freeze into an output knew: of each page what it depends on, and how that stood.

`ledger_file.py` writes it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from engine.freeze.incremental.reasons import MOST_REASONS, NEW, OTHER, TAMPERED, UNKNOWN, Made, Reasons
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, State, stamp_of
from engine.freeze.target import Result, Target
from engine.trace import Dependencies, Dependency

MEMORY = "memory"
Memories = dict[str, tuple[Dependency, ...]]


class Entry(NamedTuple):
    """What came of one target, what it depends on, the stamp of its file in the output, and why it was made."""

    result: Result
    stamp: tuple[int, ...] | None
    made: Made


@dataclass(slots=True)
class Ledger:
    """The entries of one output by URL path, and the states of all that they depend on.

    `memories` are the dependencies of modules that can remember what they have read, by path.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    states: dict[Dependency, State] = field(default_factory=dict)
    memories: Memories = field(default_factory=dict)

    def reasons(self, target: Target, output: Path, changed: set[Dependency]) -> Reasons:
        """Why a target is to be asked again; none where what came of it stands and its file is in the output."""
        entry = self.entries.get(target.path)
        if entry is None:
            return NEW if self.entries else UNKNOWN
        if entry.result.target != target:
            return OTHER
        if not changed.isdisjoint(entry.result.dependencies):
            found = [it for it in entry.result.dependencies if it in changed]
            found += (
                it
                for kind, *path in found
                if kind == MEMORY
                for it in self.memories.get(path[0], ())
                if it in changed and it[0] != MEMORY
            )
            return tuple(dict.fromkeys(found))[:MOST_REASONS]
        if entry.result.digest and entry.stamp != stamp_of(f"{output}/{target.output}"):
            return TAMPERED
        return ()

    def merged(self, remembered: Mapping[str, Dependencies], changed: set[Dependency]) -> Memories:
        """What modules remember: of pages that are kept what they read then, of all others what they read now."""
        standing = {path: made for path, made in self.memories.items() if (MEMORY, path) not in changed}
        paths = sorted(standing.keys() | remembered.keys())
        return {
            path: tuple({**dict.fromkeys(standing.get(path, ())), **remembered.get(path, {})})
            for path in paths
        }

    def changed(self, states: States) -> set[Dependency]:
        """The dependencies that do not stand as they stood."""
        return self._with_memories(
            {it for it, state in self.states.items() if state == NEVER or states.of(it) != state}
        )

    def restless(self) -> set[Dependency]:
        """The dependencies that never stand."""
        return self._with_memories({it for it, state in self.states.items() if state == NEVER})

    def _with_memories(self, changed: set[Dependency]) -> set[Dependency]:
        before = -1
        while len(changed) > before:  # what one module remembers may come from another one's memory
            before = len(changed)
            changed |= {
                (MEMORY, path) for path, made in self.memories.items() if not changed.isdisjoint(made)
            }
        return changed
