"""What a freeze of a whole site knows of the one before, and what it writes down for the next."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.app.app import App
from engine.freeze.asking.intake import Intake
from engine.freeze.incremental.batch import SIZE
from engine.freeze.incremental.bodies import Bodies
from engine.freeze.incremental.ledger import MEMORY, Ledger
from engine.freeze.incremental.ledger_file import LedgerWriter, read_ledger
from engine.freeze.incremental.reasons import CLEAN, Made
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, Stamps, State, Surroundings
from engine.freeze.target import Result, Target
from engine.trace import FALLBACK, Dependency


class Record:
    """The ledger of the last freeze, and that of this one while it grows. A `clean` freeze knows of none before."""

    def __init__(
        self, app: App, output: Path, writer: LedgerWriter, surroundings: Surroundings, *, clean: bool
    ) -> None:
        self._site, self._output, self._clean = app.site, output, clean
        self._surroundings = surroundings
        self._is_watched = app.site.modules.watched
        self._ledger = read_ledger(app.config, output) if self._is_watched and not clean else Ledger()
        self._changed = self._ledger.changed(States(app.site, surroundings=surroundings))
        self._writer = writer
        self._now = int(time.time())
        self._made: dict[str, Made] = {}
        self._alike: dict[Made, Made] = {}
        self.bodies = Bodies(self._ledger, output, self._changed)
        self.intake = Intake(writer.add if self._is_watched else lambda batch: None)
        """Where what comes of targets goes."""

    def kept(self, target: Target) -> Result | None:
        """What came of a target before, where that stands."""
        why = self._ledger.reasons(target, self._output, self._changed)
        if why:
            made = Made(CLEAN if self._clean else why, self._now)
            self._made[target.path] = self._alike.setdefault(made, made)
            return None
        entry = self._ledger.entries[target.path]
        self._made[target.path] = entry.made
        return entry.result

    def fallbacks(self, results: Sequence[Result]) -> int:
        """The Markdown files that the fast engine left to the default one, also those of pages that are kept."""
        kept = {it for result in results for it in result.dependencies if it[0] == FALLBACK}
        return len(kept.union(it for it in self.intake.states if it[0] == FALLBACK))

    def write(
        self, results: Sequence[Result], files: Mapping[str, str], stamps: Stamps
    ) -> dict[Dependency, State] | None:
        """Write the ledger for the next freeze. `files` is what was published, by path with digest.

        Returns the states of what pages depend on that lies outside of the site or never stands; `None` where that was
        not watched, or the disk did not take the ledger.
        """
        if not self._is_watched:
            return None
        kept = [result for result in results if result.is_kept]
        if len(kept) == len(results):
            return self._ledger.states
        for begin in range(0, len(kept), SIZE):
            self.intake.pack(kept[begin : begin + SIZE], self._ledger.states.get)
        memories = self._ledger.merged(self._site.modules.remembered, self._changed)
        unknown = self.intake.unknown.union(self._unsteady(), *memories.values())
        rest = dict(self._rest(unknown))
        if not self._writer.save(results, files, stamps, rest.items(), memories, self._made):
            return None
        rest = {it: state for it, state in rest.items() if it[0] != MEMORY}
        found = {**self.intake.states, **rest}
        return {it: state for it, state in found.items() if it[0] in OUTSIDE or state == NEVER}

    def _unsteady(self) -> Iterator[Dependency]:
        """What stood when the freeze began, and was another thing when somebody told of it."""
        for it, state in self.intake.states.items():
            if it not in self._changed and self._ledger.states.get(it, state) != state:
                yield it

    def _rest(self, unknown: set[Dependency]) -> Iterator[tuple[Dependency, State]]:
        """The states of what no batch tells.

        Those that pages were kept by are not asked again: what was changed in the meantime is to be seen by the next
        freeze.
        """
        states = States(self._site, dict(self.intake.states), self._surroundings)
        for it in unknown:
            before = None if it in self._changed else self._ledger.states.get(it)
            if it[0] == MEMORY or (before is not None and self.intake.states.get(it, before) != before):
                yield it, NEVER
            else:
                yield it, states.of(it) if before is None else before
