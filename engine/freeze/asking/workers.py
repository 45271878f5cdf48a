"""Asks many targets: here, or in forked workers where there is code of the site, or enough of them to pay."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count, islice
from typing import Protocol

from engine.app.app import App
from engine.forked import can_fork
from engine.freeze.asking.addresses import Addresses
from engine.freeze.asking.ask import Keeping
from engine.freeze.asking.asker import Asker
from engine.freeze.asking.intake import Intake
from engine.freeze.asking.pool import PAYS, Pool
from engine.freeze.incremental.batch import SIZE, Answered, Batch
from engine.freeze.incremental.states import States
from engine.freeze.publish.stage import Stage
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Result, Target
from engine.routing.table import Found
from engine.views.asset import AssetView


class Crew(Protocol):
    """Whoever asks targets elsewhere."""

    def ask(self, targets: Sequence[Target]) -> Iterator[Result]:
        """The result of each target, in their order, its file in the stage."""


Hire = Callable[[App, Stage], AbstractContextManager[Crew]]


def default_jobs() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Asks targets in this process, or in up to `jobs` forked ones that share the loaded site.

    Code of the site is asked in a worker, as it may end its process or never return. Templates alone do not.
    """

    def __init__(
        self, asker: Asker, intake: Intake, states: States, pool: Pool | None, jobs: int, crew: Crew | None
    ) -> None:
        self._asker = asker
        self._intake = intake
        self._states = states
        self._crew = crew
        self._pool = pool
        self._jobs = jobs
        self._has_code = bool(asker.app.site.modules.made_of)
        self._whole: list[Result] = []

    def ask(self, targets: Sequence[Target], progress: Callable[[int], None]) -> Iterator[Result]:
        """The result of each target, in their order, without its tail. `progress` is told how many more are done.

        Targets may be added in the meantime. Who takes no more results than there are targets gets theirs too.
        """
        for result in self._results(targets):
            yield result
            progress(1)

    def _results(self, targets: Sequence[Target]) -> Iterator[Result]:
        for number in count():
            if self._crew is not None:
                yield from map(self._noted, self._far(self._crew, targets))
            if self._pool is not None and (self._has_code or len(targets) - number >= PAYS):
                yield from self._pool.ask(targets, number, self._jobs)
            yield self._noted(self._asker.ask(targets[number]))

    def _noted(self, result: Result) -> Result:
        """A result of this process, its tail left for the intake."""
        self._whole.append(result)
        if len(self._whole) == SIZE:
            self.pack()
        return result._replace(dependencies=(), body=b"")

    def pack(self) -> None:
        """Give the intake what it has not got yet."""
        if self._whole:
            self._intake.pack(self._whole, self._states.found)
            self._whole = []

    def _far(self, crew: Crew, targets: Sequence[Target]) -> Iterator[Result]:
        """The results of pages from other machines. Assets are here already."""
        begun = 0
        while True:
            fresh, begun = targets[begun:], len(targets)
            is_here = [_is_asset(self._asker.app, target) for target in fresh]
            answers = crew.ask([target for target, here in zip(fresh, is_here, strict=True) if not here])
            for target, here in zip(fresh, is_here, strict=True):
                yield self._asker.ask(target) if here else next(answers)


def _is_asset(app: App, target: Target) -> bool:
    match = app.site.routes.match(target.path)
    return isinstance(match, Found) and isinstance(app.site.views.get(match.route.id), AssetView)


@contextmanager
def workers(
    app: App,
    stage: Stage,
    jobs: int,
    intake: Intake,
    *,
    hire: Hire | None = None,
    states: States | None = None,
) -> Iterator[Workers]:
    """Workers for as many targets as there will be. The tails of the results are with the `intake` at the end.

    `jobs` is the greatest number of processes; `hire` opens a crew on other machines, which takes their place. `states`
    answer what pages depend on, those of the site as it is unless others are given.
    """
    asker = Asker(app, Keeping(stage, Addresses(app.config), secrets_of(app.config)))
    states = states or States(app.site)
    timeout = app.config.freeze.timeout
    if hire is not None:
        with hire(app, stage) as crew:
            yield (hands := Workers(asker, intake, states, None, jobs, crew))
            hands.pack()
        return
    pool = None
    if can_fork():
        pool = Pool(asker, stage, app.site.modules.remembered, states, timeout, intake)
    gc.freeze()  # what is loaded stays, and looking through it in a worker would copy its pages of memory
    try:
        yield (hands := Workers(asker, intake, states, pool, jobs, None))
        hands.pack()
    finally:
        if pool is not None:
            pool.close()
        gc.unfreeze()


def ask_whole(
    app: App, stage: Stage, targets: Sequence[Target], states: States | None = None
) -> tuple[list[Result], Answered]:
    """What comes of a few targets, in their order, with all that they depend on. `states` are as for `workers`."""
    batches: list[Batch] = []
    with workers(app, stage, 1, Intake(batches.append), states=states) as hands:
        answers = list(islice(hands.ask(targets, lambda count: None), len(targets)))
    whole = {result.target.path: result for batch in batches for result in batch.results()}
    told = [told for batch in batches for told in batch.states()]
    return [whole.get(answer.target.path, answer) for answer in answers], told
