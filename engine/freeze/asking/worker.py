"""The inside of a worker: asks the pages of one chunk after the other, until its pipe is closed or it dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from mmap import mmap
from multiprocessing.connection import Connection
from typing import NamedTuple

from engine.freeze.asking.ask import Answer
from engine.freeze.asking.asker import Asker
from engine.freeze.asking.wire import Packer, unpack_targets
from engine.freeze.target import Result, Target

if sys.platform != "win32":
    import resource

FULL, SPARE = 8 * 1024, 2 * 1024
"""Pages of memory that a worker has touched, 4 kB each on most machines, after which a fresh one takes its place behind
a chunk, or in the midst of one: a list of all posts may touch them all. What was prepared may touch more when it is
answered, so that it was not prepared for nothing.

Each that it touches becomes its own, with all that was loaded: counting references writes. At the end it would have a
copy of the whole site.
"""
HELD = 4 * 1024 * 1024
"""Bytes of bodies that wait to be written."""
NUMBER, IS_FULL = range(2)
"""What a worker tells by the bytes of its `at`."""


class Inside(NamedTuple):
    """What a worker has. `timeout` is in seconds a page, 0 for none.

    `at` tells which page of a chunk it is at, and whether a fresh worker should take its place.
    """

    asker: Asker
    timeout: int
    packer: Packer
    pipe: Connection
    at: mmap

    def live(self, strangers: Sequence[Connection]) -> None:
        """Ask until the pipe is closed. `strangers` are pipes of others, which could not end while it had them."""
        for stranger in strangers:
            stranger.close()
        self._serve(os.getppid())

    def _serve(self, freeze: int) -> None:
        begun = _touched()
        while True:
            targets = unpack_targets(self.pipe.recv_bytes())
            results = self._asked(targets, freeze, begun + FULL)
            self.at[IS_FULL] = _touched() >= begun + FULL
            self.pipe.send_bytes(self.packer.pack(results))

    def _asked(self, targets: Sequence[Target], freeze: int, most: int) -> list[Result]:
        """What becomes of the targets, as far as this worker comes before it is full."""
        ready = 0
        while ready < len(targets) and (ready == 0 or _touched() < most):
            self._begin(ready)
            self.asker.prepare(targets[ready])
            ready += 1
        most = max(most, _touched()) + SPARE
        results: list[Result] = []
        answers: list[Answer] = []
        held = 0
        for number, target in enumerate(targets[:ready]):
            self._begin(number)
            answers.append(answer := self.asker.answer(target))
            held += len(answer.body or b"")
            if os.getppid() != freeze:  # which was killed, or code of the site has forked this process
                raise EOFError("the end of the freeze")
            if _touched() >= most:
                break
            if held >= HELD:
                results += self._completed(answers)
                answers, held = [], 0
        results += self._completed(answers)
        _set_alarm(0)
        return results

    def _completed(self, answers: Sequence[Answer]) -> Iterator[Result]:
        """What becomes of targets that have been answered."""
        return map(self.asker.look_through, [self.asker.write(answer) for answer in answers])

    def _begin(self, number: int) -> None:
        """Note that the work at one page begins."""
        self.at[NUMBER] = number
        _set_alarm(self.timeout)


def _touched() -> int:
    """How many pages of memory this process has been given; none where that cannot be told."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt if sys.platform != "win32" else 0


def _set_alarm(seconds: int) -> None:
    """Have the system kill this process in so many seconds, whatever code of the site has made of its alarms."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
