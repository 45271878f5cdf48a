"""Asks many targets: here, or in forked workers where there is code of the site, or enough of them to pay."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.addresses import Addresses
from engine.freeze.ask import Keeping, ask, raised
from engine.freeze.pool import Pool, can_fork
from engine.freeze.secrets import secrets_of
from engine.freeze.stage import Stage
from engine.freeze.states import States
from engine.freeze.surroundings import State
from engine.freeze.target import Result, Target
from engine.trace import Dependency

PAYS = 64
"""So many pages cost about what starting a second worker does."""


def default_jobs() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Asker(NamedTuple):
    """What asks one target after the other in one process."""

    app: App
    keeping: Keeping

    def ask(self, target: Target) -> Result:
        """What becomes of `target`; its faults are in the result."""
        try:
            return ask(self.app, target, self.keeping)
        except (Exception, SystemExit) as error:  # the site's code may end itself, but not the freeze
            return Result(target, faults=self._faults(target, error))

    def ask_in_worker(self, target: Target) -> Result:
        """As `ask`, where Ctrl-C ends the process, so that only the site's code can have raised its exception."""
        try:
            return self.ask(target)
        except BaseException as error:
            return Result(target, faults=self._faults(target, error))

    def _faults(self, target: Target, error: BaseException) -> tuple[Fault, ...]:
        try:
            return raised(self.app, target, error)
        except Exception:  # its own text
            what = f"{target.url} failed: {type(error).__name__}"
            return (Fault("page-failed", target.source, what),)


class Workers:
    """Asks targets in this process, or in up to `jobs` forked ones that share the loaded site.

    Code of the site is asked in a worker, as it may end its process or never return. Templates alone do not.
    """

    def __init__(self, asker: Asker, pool: Pool | None, jobs: int) -> None:
        self._asker = asker
        self._pool = pool
        self._jobs = jobs
        self._has_code = bool(asker.app.site.modules.made_of)

    @property
    def found(self) -> Mapping[Dependency, State]:
        """The states of what pages depend on, as far as workers have told them."""
        return self._pool.found if self._pool else {}

    def ask(self, targets: Sequence[Target], progress: Callable[[int], None]) -> Iterator[Result]:
        """The result of each target, in their order. `progress` is told how many more are done."""
        for result in self._results(targets):
            yield result
            progress(1)

    def _results(self, targets: Sequence[Target]) -> Iterable[Result]:
        jobs = self._jobs if len(targets) >= PAYS else 1
        if self._pool is None or (jobs == 1 and not self._has_code):
            return map(self._asker.ask, targets)
        return self._pool.ask(targets, jobs)


@contextmanager
def workers(app: App, stage: Stage, jobs: int) -> Iterator[Workers]:
    """Workers for as many targets as there will be. `jobs` is the greatest number of processes."""
    asker = Asker(app, Keeping(stage, Addresses(app.config), secrets_of(app.config)))
    timeout = app.config.freeze.timeout
    pool = None
    if can_fork():
        pool = Pool(asker.ask_in_worker, stage, app.site.modules.remembered, States(app.site), timeout)
    gc.freeze()  # what is loaded stays, and looking through it in a worker would copy its pages of memory
    try:
        yield Workers(asker, pool, jobs)
    finally:
        if pool is not None:
            pool.close()
        gc.unfreeze()
