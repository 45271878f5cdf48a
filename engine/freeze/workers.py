"""Asks many targets, by several processes where that pays. The order of the answers does not show which."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.addresses import Addresses
from engine.freeze.ask import ask, raised
from engine.freeze.stage import Stage
from engine.freeze.target import Result, Target
from engine.trace import Dependencies

PAYS = 64
"""So many pages cost about what starting the workers does."""
CHUNKS_EACH = 8
LARGEST_CHUNK = 200

Memories = dict[str, Dependencies]
_work: list[Asker] = []  # filled before the fork, so that nothing of the site is pickled


def default_jobs() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Asker:
    """What asks one target after the other in one process."""

    app: App
    stage: Stage
    addresses: Addresses

    def ask(self, target: Target) -> Result:
        """What becomes of `target`; its faults are in the result."""
        try:
            return ask(self.app, target, self.stage, self.addresses)
        except SiteError as error:
            return Result(target, faults=error.faults)
        except SystemExit as error:  # the site's code may end itself, but not the freeze
            return Result(target, faults=raised(self.app, target, error))


class Workers:
    """Asks targets in this process, or in up to `jobs` forked ones that share the loaded site."""

    def __init__(self, asker: Asker, jobs: int) -> None:
        self._asker = asker
        self._jobs = jobs
        self._executor: Executor | None = None

    def ask(self, targets: Sequence[Target], progress: Callable[[int], None]) -> Iterator[Result]:
        """The result of each target, in their order. `progress` is told how many more are done."""
        if self._jobs < 2 or len(targets) < PAYS:
            for target in targets:
                yield self._asker.ask(target)
                progress(1)
            return
        size = min(LARGEST_CHUNK, max(1, len(targets) // (self._jobs * CHUNKS_EACH)))
        chunks = [targets[at : at + size] for at in range(0, len(targets), size)]
        for chunk, future in [(chunk, self._submit(chunk)) for chunk in chunks]:
            try:
                yield from self._taken(*future.result())
            except BrokenProcessPool:  # one worker died, and all that was waiting is lost with it
                self.close()
                yield from self._alone(chunk)
            progress(len(chunk))

    def _taken(self, results: list[Result], remembered: Memories) -> list[Result]:
        """The results of a worker, with what its modules remember noted here."""
        for path, made in remembered.items():
            self._asker.app.site.modules.remembered.setdefault(path, {}).update(made)
        return results

    def _submit(self, chunk: Sequence[Target]) -> Future[tuple[list[Result], Memories]]:
        if self._executor is None:
            gc.collect()
            gc.freeze()  # what is loaded stays; no collection in a worker shall copy its pages
            self._executor = _executor(self._jobs)
        return self._executor.submit(_ask_chunk, chunk)

    def _alone(self, chunk: Sequence[Target]) -> list[Result]:
        """The results of a chunk from a worker of its own. Where it dies, half by half, until the page is known."""
        with _executor(1) as executor:
            try:
                return self._taken(*executor.submit(_ask_chunk, chunk).result())
            except BrokenProcessPool:
                if len(chunk) == 1:
                    return [Result(chunk[0], faults=(_lost(chunk[0]),))]
        middle = len(chunk) // 2
        return self._alone(chunk[:middle]) + self._alone(chunk[middle:])

    def close(self) -> None:
        """End the workers. What they have not begun is dropped."""
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
            self._executor = None
            gc.unfreeze()


@contextmanager
def workers(app: App, stage: Stage, jobs: int) -> Iterator[Workers]:
    """Workers for as many targets as there will be. `jobs` is the greatest number of processes."""
    asker = Asker(app, stage, Addresses(app.config))
    crew = Workers(asker, jobs if "fork" in multiprocessing.get_all_start_methods() else 1)
    _work.append(asker)
    try:
        yield crew
    finally:
        crew.close()
        _work.clear()


def _executor(jobs: int) -> Executor:
    context = multiprocessing.get_context("fork")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Ctrl-C goes to all processes of a terminal: have it end a worker at once and without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_freeze, daemon=True).start()


def _end_with_the_freeze() -> None:
    """A worker of a freeze that was killed would wait for work for ever, and the next freeze for its lock."""
    freeze = multiprocessing.parent_process()
    assert freeze is not None
    freeze.join()
    os._exit(1)


def _ask_chunk(targets: Sequence[Target]) -> tuple[list[Result], Memories]:
    [asker] = _work
    return [asker.ask(target) for target in targets], asker.app.site.modules.remembered


def _lost(target: Target) -> Fault:
    what = f"{target.url} ended the process that asked it, twice"
    return Fault("worker-lost", target.source, what, "Look for what kills a process, as os._exit() or memory")
