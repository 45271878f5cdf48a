"""Starts workers, and sees to the pages of one that dies."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from mmap import mmap
from multiprocessing.connection import Connection, Pipe, wait
from multiprocessing.process import BaseProcess

from engine.errors import Fault
from engine.forked import start
from engine.freeze.asking.asker import Asker
from engine.freeze.asking.intake import Intake
from engine.freeze.asking.wire import Memories, Packer, pack_targets, remember, unpack
from engine.freeze.asking.worker import IS_FULL, NUMBER, Inside
from engine.freeze.incremental.batch import SIZE, read_heads
from engine.freeze.incremental.states import States
from engine.freeze.publish.stage import Stage
from engine.freeze.target import Result, Target

CHUNKS_LEFT = 4
"""Chunks for each worker in what is left: large ones first, and single pages last, so that all end at once."""
LARGEST_CHUNK = SIZE
"""A byte must hold each position in it."""
PAYS = 64
"""So many pages cost about what starting a second worker does."""
PATIENCE = 1.0
"""Seconds without an answer, after which it is looked whether workers are alive."""


@dataclass(eq=False, slots=True)
class _Worker:
    """A process as seen from outside. `chunk` are the positions that it was given, `at` is that of `Inside`."""

    process: BaseProcess
    pipe: Connection
    at: mmap
    chunk: Sequence[int] = ()


@dataclass(slots=True)
class _Round:
    """Targets while they are asked; more may come. `again` are chunks of dead workers, `suspects` what they were at."""

    targets: Sequence[Target]
    begun: int = 0
    again: list[Sequence[int]] = field(default_factory=list)
    suspects: set[int] = field(default_factory=set)
    done: dict[int, Result] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """How many targets nobody is at."""
        return len(self.targets) - self.begun + sum(map(len, self.again))

    def take(self, workers: int) -> Sequence[int]:
        """The positions of a chunk that nobody is at; none where all are taken."""
        if self.again:
            return self.again.pop()
        size = min(self.left, LARGEST_CHUNK, max(1, self.left // (workers * CHUNKS_LEFT)))
        self.begun += size
        return range(self.begun - size, self.begun)

    def give_back(self, chunk: Sequence[int], at: int, fault: Callable[[Target], Fault] | None) -> None:
        """Note that a worker died at one page of a chunk. That has the fault, or one more try by itself."""
        suspect = chunk[at]
        if fault is None and suspect not in self.suspects:
            self.suspects.add(suspect)
            self.again.append([suspect])
        else:
            target = self.targets[suspect]
            self.done[suspect] = Result(target, faults=((fault or _lost)(target),))
        self.again += filter(None, (chunk[:at], chunk[at + 1 :]))


class Pool:
    """Asks targets in forked processes, which share what was loaded before. `timeout` is in seconds a page, or 0."""

    def __init__(
        self, asker: Asker, stage: Stage, remembered: Memories, states: States, timeout: int, intake: Intake
    ) -> None:
        self._asker = asker
        self._stage = stage
        self._remembered = remembered
        self._states = states
        self._timeout = timeout
        self._intake = intake
        self._workers: list[_Worker] = []
        self._leaving: list[BaseProcess] = []

    def ask(self, targets: Sequence[Target], first: int, jobs: int) -> Iterator[Result]:
        """The result of each target from the position `first`, in their order, from up to `jobs` workers.

        Targets may be added in the meantime. Who asks for a result more than there are targets waits for ever.
        """
        run = _Round(targets, first)
        for position in count(first):
            self._employ(run, jobs)
            while position not in run.done:
                self._listen(run)
                self._employ(run, jobs)
            yield run.done.pop(position)

    def close(self) -> None:
        """End all workers, those that are still at work in the midst of it."""
        while self._workers:
            worker = self._workers.pop()
            if worker.chunk:
                worker.process.kill()
            worker.pipe.close()
            self._leaving.append(worker.process)
        for process in self._leaving:
            process.join()

    def _employ(self, run: _Round, jobs: int) -> None:
        """Give a chunk to each worker that has none, and start those that are missing and pay."""
        idle = [worker for worker in self._workers if not worker.chunk]
        while idle or self._is_wanted(run, jobs):
            workers = jobs if run.left >= PAYS else len(self._workers) or 1
            if not (chunk := run.take(workers)):
                return
            worker = idle.pop() if idle else self._start()
            worker.chunk = chunk
            worker.at[NUMBER] = 0
            try:
                worker.pipe.send_bytes(pack_targets(run.targets[position] for position in chunk))
            except OSError:  # it died while it waited, or will wait for ever; listening will show it
                worker.process.kill()

    def _is_wanted(self, run: _Round, jobs: int) -> bool:
        """Whether there should be one more worker."""
        return not self._workers or (len(self._workers) < jobs and run.left >= PAYS)

    def _listen(self, run: _Round) -> None:
        """Wait for results, or for the death of a worker."""
        busy = [worker for worker in self._workers if worker.chunk]
        heard = wait([worker.pipe for worker in busy], PATIENCE)
        for worker in busy:
            if worker.pipe in heard:
                self._hear(worker, run)
            elif not heard and not worker.process.is_alive():  # what it has forked keeps its pipe open
                self._bury(worker, run)

    def _hear(self, worker: _Worker, run: _Round) -> None:
        try:
            data = worker.pipe.recv_bytes()
        except (EOFError, OSError):
            self._bury(worker, run)
            return
        message = unpack(data)
        remember(self._remembered, message.news)
        self._intake.take(message)
        targets = [run.targets[position] for position in worker.chunk]
        results = read_heads(message.batch.heads, targets, self._intake.link)
        run.done.update(zip(worker.chunk, results, strict=False))
        if rest := worker.chunk[len(results) :]:  # it was full before
            run.again.append(rest)
        worker.chunk = ()
        if worker.at[IS_FULL]:
            self._workers.remove(worker)
            worker.pipe.close()
            # Its end takes a while, and another can begin. Each that has ended holds open files until it is forgotten.
            self._leaving = [worker.process, *(it for it in self._leaving if it.is_alive())]

    def _bury(self, worker: _Worker, run: _Round) -> None:
        """Have the pages of a dead worker asked again. Nothing that it wrote stays."""
        self._workers.remove(worker)
        worker.process.kill()  # it may have closed its pipe only
        worker.process.join()
        worker.pipe.close()
        for position in worker.chunk:
            self._stage.discard(run.targets[position].output)
        is_late = self._timeout > 0 and worker.process.exitcode == -signal.SIGALRM
        run.give_back(worker.chunk, worker.at[NUMBER], self._late if is_late else None)

    def _late(self, target: Target) -> Fault:
        what = f"{target.url} did not answer within {self._timeout} s"
        hint = "Look for what it waits for, or set `freeze.timeout`"
        return Fault("page-timeout", target.source, what, hint)

    def _start(self) -> _Worker:
        self._intake.prepare(self._states)
        ours, theirs = Pipe()
        at = mmap(-1, 2)
        strangers = [ours, *(worker.pipe for worker in self._workers)]
        inside = Inside(self._asker, self._timeout, Packer(self._remembered, self._states), theirs, at)
        process = start(partial(inside.live, strangers))
        theirs.close()
        worker = _Worker(process, ours, at)
        self._workers.append(worker)
        return worker


def _lost(target: Target) -> Fault:
    what = f"{target.url} ended the process that asked it, twice"
    return Fault("worker-lost", target.source, what, "Look for what kills a process, as os._exit() or memory")
