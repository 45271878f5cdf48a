"""Processes that share what this one has loaded. The only module that forks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess


def can_fork() -> bool:
    """Whether this system can fork."""
    return "fork" in multiprocessing.get_all_start_methods()


def start(inside: Callable[[], None]) -> BaseProcess:
    """A forked process that runs `inside` and ends, without a word where its pipe or the freeze has ended before."""
    process = multiprocessing.get_context("fork").Process(target=_live, args=(inside,))
    # Until it has said otherwise, Python would tell of Ctrl-C with a traceback.
    old = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
    return process


def _live(inside: Callable[[], None]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C goes to all processes of a terminal
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT, signal.SIGALRM])
    with suppress(EOFError, OSError):  # the end of the pipe, or of the freeze
        inside()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # code of the site may have closed it
            stream.flush()
    os._exit(0)  # no thread of the site's is waited for
