"""Freezes a site: plan → ask → follow links → check → publish. Fail-closed: any fault, and nothing is published."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from itertools import islice
from pathlib import Path

from engine import outside
from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.extensions.setup import SETUP
from engine.freeze.asking.addresses import Addresses
from engine.freeze.asking.crawl import Found, Reference
from engine.freeze.asking.workers import Hire, default_jobs, workers
from engine.freeze.checks.gather import gathered
from engine.freeze.checks.linkcheck import LinkCheck, check_links
from engine.freeze.checks.lock import check_lock, published, read_lock, write_lock
from engine.freeze.finishing import Finish, Finished, folder_beside
from engine.freeze.frozen import FrozenFiles
from engine.freeze.incremental.ledger_file import LedgerWriter
from engine.freeze.incremental.standing import Found as Before
from engine.freeze.incremental.standing import Seen, Standing, write_standing
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, Stamps, State, Surroundings, state_of
from engine.freeze.patch import heads, patch
from engine.freeze.plan import Plan, discover, make_plan, unreached
from engine.freeze.publish.redirects import FILE as RULES
from engine.freeze.publish.redirects import Move, moves_of, rules_of, write_redirects
from engine.freeze.publish.stage import Stage, is_unwritable
from engine.freeze.publish.write import (
    MANIFEST,
    Changes,
    check_output,
    digest_of,
    locked,
    publish,
    read_manifest,
    staging,
)
from engine.freeze.record import Record
from engine.freeze.target import Report, Result, Target
from engine.routing import table
from engine.trace import Dependency
from engine.views.kinds import kind_of

AHEAD = 4000
"""So many of the known targets are in the queue before others come to stand behind them."""
Progress = Callable[[int, int], None]
"""Told how many pages are done, and how many are known."""


@dataclass(frozen=True, slots=True)
class FreezeOptions:
    """What a freeze is asked for. `output` is a directory; `jobs` the greatest number of processes, 0 for all."""

    output: str
    jobs: int = 0
    keep_going: bool = False
    hybrid: bool = False
    clean: bool = False
    """Whether every page is to be made, also those of which the last freeze shows that they would be the same."""
    lock: bool = False
    """Whether the published URLs are to be written down, so that no later freeze drops one."""
    hire: Hire | None = None
    """Opens a crew on other machines, which takes the place of processes on this one."""
    seen: Seen | None = None
    """What was seen of the site before it was loaded, if the next freeze is to know whether there is anything to do."""
    before: Before | None = None
    """What the last freeze came to, where only a few texts are other ones now."""
    surroundings: Surroundings = field(default_factory=Surroundings)
    """What was seen of the world outside of the site while it was loaded."""
    finish: Finish = field(default_factory=Finish)
    """What is added to the answers, and whether they are compared with those of a host."""


def freeze(
    app: App,
    options: FreezeOptions,
    *,
    known: tuple[Fault, ...] = (),
    progress: Progress = lambda done, known: None,
) -> Report:
    """Freeze the site of `app`. `known` are the faults that its load left out.

    The report holds every fault. With any, nothing is published, unless `keep_going`: then all that is sound is, if the
    host it is for answers with it as the site does.
    Raises `SiteError` where the output itself is unfit.
    """
    output = Path(os.path.realpath(options.output))
    check_output(output, Path(app.config.root))
    with locked(output), outside.looking_before(options.surroundings.of):
        with staging(output) as stage:
            report, standing = _frozen(app, options, output, stage, known, progress)
        # Last, and not where the stage is left: who finds this has nothing to do, and clears nothing.
        if report.published and options.seen:
            is_left = os.path.lexists(stage.root)
            write_standing(app.config.root, options.seen, None if is_left else standing)
        return report


def _frozen(
    app: App,
    options: FreezeOptions,
    output: Path,
    stage: Stage,
    known: tuple[Fault, ...],
    progress: Progress,
) -> tuple[Report, Standing | None]:
    """The report of a freeze, and what it came to, if the next one can rely on that."""
    if options.before and options.seen and not (known or options.finish.is_wanted):
        patched = patch(app, options.before, options.seen, output, stage, options.surroundings)
        if patched is not None:
            return patched
    with closing(LedgerWriter(app.config, output)) as ledger:
        return _whole(_Run(app, options, output, stage, progress, ledger), known)


def _whole(run: _Run, known: tuple[Fault, ...]) -> tuple[Report, Standing | None]:
    """The report of a freeze of the whole site, and what it came to."""
    options = run.options
    run.ask_all()
    finished = run.finished()
    checked = run.checked()
    found = [*known, *run.faults(checked), *run.refusals(finished.files), *finished.faults]
    faults = SiteError(found).faults if found else ()
    report = Report(str(run.output), pages=run.pages, asked=run.asked, fallbacks=run.fallbacks, faults=faults)
    report.results, report.finished = checked, finished
    if faults and (finished.faults or not options.keep_going):
        return report, None
    changes = run.publish(finished.files)
    report.written, report.unchanged = list(changes.written), list(changes.unchanged)
    report.removed, report.published = list(changes.removed), True
    if options.lock:
        run.lock()
    if not options.seen or faults or options.finish.host:
        return report, None
    return report, run.standing((*changes.written, *changes.unchanged), finished.beside)


def _is_text(target: Target) -> bool:
    """Whether a target shows one text: lists come first."""
    return kind_of(target.source)[0].role == "markdown"


class _Run:
    """One freeze while it runs."""

    def __init__(
        self,
        app: App,
        options: FreezeOptions,
        output: Path,
        stage: Stage,
        progress: Progress,
        writer: LedgerWriter,
    ) -> None:
        self.app = app
        self.options = options
        self.output = output
        self._added = {it: options.surroundings.of(it) for it in app.site.elsewhere()}
        self._record = Record(app, output, writer, options.surroundings, clean=options.clean)
        self.plan: Plan = make_plan(app)
        self.results: dict[str, Result] = {}
        self.states: dict[Dependency, State] | None = None
        """The states of what pages depend on that lies outside of the site or never stands, where that was watched."""
        self._stage = stage
        self._stamps = Stamps(str(output))
        self._progress = progress
        self._rules, self._unruly = rules_of(app, self.plan)
        self._locked = read_lock(app.config.root)

    def ask_all(self) -> None:
        """Ask every target, and those that the answers link to, until there are no more.

        Targets are looked at in the order in which they were found, so that the same ones are found however many are
        kept and whichever worker is first. Those that links show are looked at before the last of those that were
        known: they are lists, mostly, which take less memory as long as little is known.
        """
        jobs = self.options.jobs or default_jobs()
        states = States(self.app.site, surroundings=self.options.surroundings)
        with (
            self.app.site.renderer.recalling(self._record.bodies.recall),
            workers(
                self.app, self._stage, jobs, self._record.intake, hire=self.options.hire, states=states
            ) as crew,
        ):
            asked: list[Target] = []
            answers = crew.ask(asked, self._done)
            queue: deque[tuple[Target, Result | None]] = deque()
            known = iter(sorted(self.plan.targets.values(), key=_is_text))
            ahead = AHEAD if self.options.hire is None else len(self.plan.targets)
            self._enqueue(islice(known, ahead), queue, asked)
            while queue:
                if len(queue) < ahead:
                    self._enqueue(islice(known, ahead), queue, asked)
                target, kept = queue.popleft()
                result = self.results[target.path] = kept or next(answers)
                if is_unwritable(result.faults):
                    raise SiteError(result.faults)
                self._enqueue(self._discovered(result), queue, asked)

    def _enqueue(
        self, targets: Iterable[Target], queue: deque[tuple[Target, Result | None]], asked: list[Target]
    ) -> None:
        """Append targets to `queue`, each with what came of it before, and those that have nothing to `asked`."""
        for target in targets:
            kept = self._record.kept(target)
            queue.append((target, kept))
            if kept is None:
                asked.append(target)
            elif target.path == f"/{RULES}":  # those of the site's redirects will go below them
                self._keep(kept)

    def _discovered(self, result: Result) -> Iterator[Target]:
        """The targets that only a link of this result has shown."""
        for link in result.links if self.plan.open else ():
            if link.path in self.plan.targets or not (link.follow and link.inside):
                continue
            if target := discover(self.plan, self.app, link.path):
                yield target

    def _done(self, count: int) -> None:
        self._progress(len(self.results), len(self.plan.targets))

    @property
    def pages(self) -> int:
        return sum(bool(result.digest) for result in self.results.values())

    @property
    def asked(self) -> int:
        return sum(not result.is_kept for result in self.results.values())

    @property
    def fallbacks(self) -> int:
        """The Markdown files that the fast engine left to the default one, also those of pages that are kept."""
        is_fast = self.app.config.markdown.engine == "fast"
        return self._record.fallbacks([*self.results.values()]) if is_fast else 0

    def is_published(self, files: Mapping[str, str]) -> bool:
        """Whether the output holds just these files already, as far as they are ours."""
        if not (self.output / MANIFEST).is_file() or read_manifest(self.output) != dict(files):
            return False
        kept = {result.target.output for result in self.results.values() if result.is_kept and result.digest}
        made = files.keys() - kept
        return all(digest_of(self.output / path) == files[path] for path in made)

    def finished(self) -> Finished:
        """The files of the output, with what is added to the answers."""
        files, wanted = self.files(), self.options.finish
        if not (wanted.is_wanted or self._hybrid):
            return Finished(files)
        from engine.freeze.finish import beside, finish  # noqa: PLC0415  most freezes start sooner without it

        rest = beside(self.app, self.plan.open) if self._hybrid and not wanted.host else {}
        if not wanted.is_wanted:
            return Finished(files, rest)
        self._keep_all()
        done = finish(self.app.config, wanted, self._stage, self.output, files, hybrid=self._hybrid)
        return done._replace(beside={**rest, **done.beside})

    def publish(self, files: Mapping[str, str]) -> Changes:
        """Make `files` of the stage the output, and write down for the next freeze what it depends on."""
        changes = Changes.none(files)
        if not self.is_published(files):
            self._keep_all()
            changes = publish(self._stage, self.output, files)
        self.states = self._record.write([*self.results.values()], files, self._stamps)
        return changes

    def lock(self) -> None:
        """Write down which URLs are published now."""
        write_lock(self.app.config.root, self._locked or (), published(self.app, self.results.values()))

    def _keep_all(self) -> None:
        for result in self.results.values():
            if result.is_kept and result.digest:
                self._keep(result)

    def _keep(self, result: Result) -> None:
        self._stage.keep(str(self.output), result.target.output)

    def standing(self, files: Iterable[str], beside: Mapping[str, str]) -> Standing | None:
        """What holds as long as nothing that was seen is another thing, if anything does."""
        if self.states is None:
            return None
        site, config = self.app.site, self.app.config
        secrets = (("environment", name) for name in config.freeze.secrets)
        read = {*secrets, *self.plan.made_of, *site.modules.read_at_load()}
        states = (
            self.states
            | self._added
            | {it: self.options.surroundings.of(it) for it in read if it[0] in OUTSIDE}
        )
        # They are written after the output; whoever takes one away gets it again.
        folder = folder_beside(config.root, self.options.finish.host)
        states |= {("disk", str(folder / name)): state_of(text) for name, text in beside.items()}
        if NEVER in states.values():
            return None
        return Standing(
            output=str(self.output),
            stamps={file: self._stamps[file] for file in (*files, MANIFEST)},
            pages=self.pages,
            fallbacks=self.fallbacks,
            outside={it: state for it, state in states.items() if it[0] in OUTSIDE},
            heads=heads(site),
            beyond=tuple(self.plan.made_of),
            is_open=bool(self.plan.open),
        )

    @property
    def _hybrid(self) -> bool:
        return self.options.hybrid or self.app.config.freeze.hybrid

    @cached_property
    def _there(self) -> dict[str, Result]:
        """What became of each target, but for pages that only links speak of and nobody finds."""
        linked = self.plan.linked & self.results.keys()
        missing = {path for path in linked if self.results[path].status == HTTPStatus.NOT_FOUND}
        if not missing:
            return self.results
        return {path: result for path, result in self.results.items() if path not in missing}

    def checked(self) -> tuple[Result, ...]:
        """What became of every page and every redirect, with its dead links among its faults."""
        there = self._there
        check = LinkCheck(self.app, self.plan, there, hybrid=self._hybrid)
        sound = [result for result in there.values() if result.digest]
        unsound = [it for it in there.values() if not (it.digest or it.redirect)]
        addresses = Addresses(self.app.config)
        for move in self._moves():
            found = Found((Reference(move.location),), frozenset())
            sound.append(Result(move.target, links=addresses.links(move.target, found), redirect=move[1:]))
        return (*check_links(check, sound), *unsound)

    def faults(self, checked: Iterable[Result]) -> list[Fault]:
        """Every fault of the plan, of the pages, and of the links between them."""
        faults = gathered(checked)
        faults += [*self.plan.faults, *self.plan.refused.values()]
        faults += check_lock(self.app, self._locked or (), self._there, hybrid=self._hybrid)
        if not self._hybrid:
            faults += self._unruly
            faults += unreached(self.plan, self._reached())
        return faults

    def refusals(self, files: Mapping[str, str]) -> list[Fault]:
        """The faults that hooks of the site find in what was frozen."""
        hooks, modules = self.app.site.freeze_hooks, self.app.site.modules
        frozen = FrozenFiles(files, self._stage.root, str(self.output))
        return [fault for hook in hooks for fault in modules.faults_of(hook, frozen, file=SETUP)]

    def _reached(self) -> set[str]:
        matches = map(self.app.site.routes.match, self._there)
        return {match.route.id for match in matches if isinstance(match, table.Found)}

    def _moves(self) -> list[Move]:
        return moves_of(self.app, self.plan, self.results.values())

    def files(self) -> dict[str, str]:
        """Everything in the stage, by path with digest, the redirects written now."""
        files = {result.target.output: result.digest for result in self.results.values() if result.digest}
        return files | write_redirects(self.app, self._stage, self._moves(), self._rules, files)
