"""A freeze after which only a few texts are other ones: it makes the pages that show them, and nothing else.

What else a freeze does has been done by the one before: which pages there are, where links lead, what rules the output
has. None of that depends on a body. Where it might, where a page links to what nobody has linked to, or where anything
is in doubt, `patch` leaves it to a freeze of the whole site.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from engine.app.app import App
from engine.freeze.asking.pool import PAYS
from engine.freeze.asking.workers import ask_whole
from engine.freeze.incremental.ledger import MEMORY
from engine.freeze.incremental.ledger_file import LedgerFile, Place, open_ledger, save
from engine.freeze.incremental.reasons import Made
from engine.freeze.incremental.standing import Found, Seen, Standing, head_of, is_last
from engine.freeze.incremental.states import OF_COLLECTIONS, States
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, State, Surroundings, stamp_of
from engine.freeze.publish.stage import Stage
from engine.freeze.publish.write import MANIFEST, Changes, read_manifest, replace
from engine.freeze.target import Link, Report, Result
from engine.site import Site
from engine.trace import FALLBACK, Dependency
from engine.views.kinds import kind_of

SITE: Dependency = ("site",)
"""What a page depends on that looks into the whole site: it changes with every text."""

THROUGH_ALL = OF_COLLECTIONS | {"neighbour"}
"""What is not asked again: it goes through all pages, and reads nothing of their bodies."""

Known = dict[Dependency, State]


class _Page(NamedTuple):
    """A page that shows a changed text: its place in the ledger, and what came of it before and now."""

    place: Place
    before: Result
    now: Result


class _Doubt(Exception):
    """More may be to do than to make a few pages."""


def heads(site: Site) -> dict[str, bytes]:
    """What tells what stands above the body of each Markdown page, and its title, by the path of its source."""
    pages = (page for page in site.pages if kind_of(page.source.name)[0].role == "markdown")
    return {page.source.path: head_of(page.head, page.title) for page in pages}


def patch(
    app: App, before: Found, seen: Seen, output: Path, stage: Stage, surroundings: Surroundings
) -> tuple[Report, Standing | None] | None:
    """The report of a freeze of the few pages that show a changed text, and what it came to, if the next one can rely
    on that.

    `None` where there is more to do. Nothing is published then, and nothing is left in the stage.
    """
    ledger, files = open_ledger(app.config, output), read_manifest(output)
    if ledger is None or app.site.freeze_hooks or not is_last(app.config.root, seen, before):
        return None
    run = _Patch(app, ledger, before.standing, before.changed, surroundings)
    try:
        run.check_texts()
        states = run.states(run.ask(stage))
        run.check_files(output, files)
    except _Doubt:
        for page in run.made:
            stage.discard(page.before.target.output)
        return None
    changes = replace(stage, output, files, {page.now.target.output: page.now.digest for page in run.made})
    why = Made(tuple(it for it in states if it[0] == "body"), int(time.time()))
    amended = ledger.amended({it.place: it.now for it in run.made}, why, {**run.known, **states}, output)
    is_saved = save(app.config, output, amended)
    standing = _standing(before.standing, changes, states) if is_saved else None
    return _report(before.standing, changes, len(run.made)), standing


@dataclass(slots=True)
class _Patch:
    """A patch while it is made. `texts` are the sources that have changed. Each method raises `_Doubt`."""

    app: App
    ledger: LedgerFile
    standing: Standing
    texts: tuple[str, ...]
    surroundings: Surroundings
    changed: set[Dependency] = field(init=False)
    known: Known = field(default_factory=dict)
    """The states in the ledger, but for those of what has changed."""
    made: list[_Page] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.changed = {SITE, *((kind, path) for path in self.texts for kind in ("body", "file"))}

    def check_texts(self) -> None:
        """What stands above the bodies is as it was, and nobody has read them but pages that say so."""
        site = self.app.site
        pages = {page.source.path: page for page in site.pages}
        for path in self.texts:
            page = pages.get(path)
            if page is None or path in site.renderer.templates.sources:
                raise _Doubt
            if head_of(page.head, page.title) != self.standing.heads[path]:
                raise _Doubt
        read = (self.standing.beyond, *(remembered for _, remembered in self.ledger.memories))
        if not all(map(self.changed.isdisjoint, read)):
            raise _Doubt

    def ask(self, stage: Stage) -> Mapping[Dependency, State]:
        """Ask the pages that show the texts, of which there are some. Returns the states that workers have found."""
        before = self.ledger.using(self.changed)
        if not 0 < len(before) <= PAYS or not all(result.digest for result in before.values()):
            raise _Doubt
        self.known = {it: state for it, state in self.ledger.known().items() if it not in self.changed}
        targets = [result.target for result in before.values()]
        known = {it: state for it, state in self.known.items() if it[0] in THROUGH_ALL}
        made, told = ask_whole(self.app, stage, targets, States(self.app.site, known, self.surroundings))
        self.made = [_Page(place, was, now) for (place, was), now in zip(before.items(), made, strict=True)]
        if not all(map(self._is_sound, self.made)):
            raise _Doubt
        return {it: state for it, state in told if state is not None}

    def _is_sound(self, page: _Page) -> bool:
        """Whether a page has no fault, and is to all others what it was to them.

        New links lead where others have led, to what was found right, or to the page itself. Where links show which
        pages there are, they are the same.
        """
        before, now = page.before, page.now
        if not now.digest or now.faults or before.faults or _left(now) != _left(before):
            return False
        if (self.standing.is_open and now.links != before.links) or not now.ids >= before.ids:
            return False
        fresh = {_place(link) for link in set(now.links) - set(before.links)}
        fresh -= {(now.target.path, id, True) for id in now.ids}
        if not fresh:
            return True
        return fresh <= {_place(link) for batch in self.ledger.batches for link in batch.links()}

    def states(self, found: Mapping[Dependency, State]) -> Known:
        """The states of what the pages depend on, where these are other ones than in the ledger, or new there."""
        memories = {path: set(read) for path, read in self.ledger.memories}
        remembered = self.app.site.modules.remembered
        if any(set(read) - memories.get(path, set()) for path, read in remembered.items()):
            raise _Doubt
        states, fresh = States(self.app.site, surroundings=self.surroundings), Known()
        for dependency in sorted({it for page in self.made for it in page.now.dependencies}, key=repr):
            kept = self.known.get(dependency)
            if dependency[0] == MEMORY and kept is not None:
                continue
            state = found[dependency] if dependency in found else kept or states.of(dependency)
            if state == NEVER or (kept is not None and state != kept):
                raise _Doubt
            if kept is None:
                fresh[dependency] = state
        return fresh

    def check_files(self, output: Path, files: Mapping[str, str]) -> None:
        """The output has the files of the pages as they were written. `files` is what it has, by path with digest.

        None has come to lie elsewhere by a link.
        """
        for page in self.made:
            path = page.before.target.output
            if files.get(path) != page.before.digest or os.path.realpath(output / path) != str(output / path):
                raise _Doubt


def _place(link: Link) -> tuple[str, str, bool]:
    """What a link means, however it is written."""
    return link.path, link.fragment, link.inside


def _left(result: Result) -> set[Dependency]:
    """What the fast Markdown engine has left to the default one."""
    return {it for it in result.dependencies if it[0] == FALLBACK}


def _standing(standing: Standing, changes: Changes, states: Known) -> Standing:
    stamps = {path: stamp_of(f"{standing.output}/{path}") for path in (*changes.written, MANIFEST)}
    outside = {it: state for it, state in states.items() if it[0] in OUTSIDE}
    return standing._replace(stamps={**standing.stamps, **stamps}, outside={**standing.outside, **outside})


def _report(standing: Standing, changes: Changes, asked: int) -> Report:
    return Report(
        standing.output,
        pages=standing.pages,
        asked=asked,
        fallbacks=standing.fallbacks,
        written=list(changes.written),
        unchanged=list(changes.unchanged),
        published=True,
    )
