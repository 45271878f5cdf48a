"""Asks many targets, by several processes where that pays. The order of the answers does not show which."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.ask import ask
from engine.freeze.target import Result, Target
from engine.freeze.write import Stage

PAYS = 64
"""So many pages cost about what starting the workers does."""
CHUNKS_EACH = 8
LARGEST_CHUNK = 200

_work: list[tuple[App, Stage]] = []  # filled before the fork, so that nothing of the site is pickled


def default_jobs() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """Asks targets in this process, or in forked ones that share the loaded site."""

    def __init__(self, app: App, stage: Stage, executor: Executor | None, jobs: int) -> None:
        self._app = app
        self._stage = stage
        self._executor = executor
        self._jobs = jobs

    def ask(self, targets: Sequence[Target], progress: Callable[[int], None]) -> Iterator[Result]:
        """The result of each target, in their order. `progress` is told how many more are done."""
        if self._executor is None or len(targets) < PAYS:
            for target in targets:
                yield _asked(self._app, target, self._stage)
                progress(1)
            return
        size = min(LARGEST_CHUNK, max(1, len(targets) // (self._jobs * CHUNKS_EACH)))
        chunks = [targets[at : at + size] for at in range(0, len(targets), size)]
        for chunk, future in [(chunk, self._executor.submit(_ask_chunk, chunk)) for chunk in chunks]:
            try:
                yield from future.result()
            except BrokenProcessPool:
                raise SiteError(_lost(chunk)) from None
            progress(len(chunk))


@contextmanager
def workers(app: App, stage: Stage, jobs: int, expected: int) -> Iterator[Workers]:
    """Workers for about `expected` targets. `jobs` is the greatest number of processes."""
    if jobs < 2 or expected < PAYS or "fork" not in multiprocessing.get_all_start_methods():
        yield Workers(app, stage, None, 1)
        return
    _work.append((app, stage))
    gc.collect()
    gc.freeze()  # what is loaded stays; no collection in a worker shall copy its pages
    try:
        with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as executor:
            yield Workers(app, stage, executor, jobs)
    finally:
        gc.unfreeze()
        _work.clear()


def _ask_chunk(targets: Sequence[Target]) -> list[Result]:
    [(app, stage)] = _work
    return [_asked(app, target, stage) for target in targets]


def _asked(app: App, target: Target, stage: Stage) -> Result:
    try:
        return ask(app, target, stage)
    except SiteError as error:
        return Result(target, faults=error.faults)


def _lost(chunk: Sequence[Target]) -> Fault:
    pages = ", ".join(target.url for target in chunk[:3]) + (", …" if len(chunk) > 3 else "")
    what = f"a worker died while it asked {pages}"
    return Fault("worker-lost", chunk[0].source, what, "Freeze with --jobs 1 to see which page it is")
