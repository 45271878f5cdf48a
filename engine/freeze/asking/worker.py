"""The inside of a worker: asks the pages of one chunk after the other, until its pipe is closed or it dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from mmap import mmap
from multiprocessing.connection import Connection
from typing import NamedTuple

from engine.freeze.asking.wire import Packer, unpack_targets
from engine.freeze.target import Result, Target

Ask = Callable[[Target], Result]


class Inside(NamedTuple):
    """What a worker has. `timeout` is in seconds a page, 0 for none; `at` tells which page of a chunk it is at."""

    ask: Ask
    timeout: int
    packer: Packer
    pipe: Connection
    at: mmap

    def live(self, strangers: Sequence[Connection]) -> None:
        """Run to the end of the process. `strangers` are pipes of others, which could not end while it had them."""
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C goes to all processes of a terminal
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGALRM])
        for stranger in strangers:
            stranger.close()
        with suppress(EOFError, OSError):  # the end of the pipe, or of the freeze
            self._serve(os.getppid())
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # code of the site may have closed it
                stream.flush()
        os._exit(0)  # no thread of the site's is waited for

    def _serve(self, freeze: int) -> None:
        while True:
            results = []
            for result in self._asked(unpack_targets(self.pipe.recv_bytes())):
                if os.getppid() != freeze:  # which was killed, or code of the site has forked this process
                    return
                results.append(result)
            self.pipe.send_bytes(self.packer.pack(results))

    def _asked(self, targets: Sequence[Target]) -> Iterator[Result]:
        for number, target in enumerate(targets):
            self.at[0] = number
            _set_alarm(self.timeout)
            yield self.ask(target)
        _set_alarm(0)


def _set_alarm(seconds: int) -> None:
    """Have the system kill this process in so many seconds, whatever code of the site has made of its alarms."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
