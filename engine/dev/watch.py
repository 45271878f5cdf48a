"""Waits for changes of a site's files. The only import of watchfiles.

What watchfiles reports only wakes the watcher: a report may come before the file is whole, for a file that has
the same bytes as before, or for many files at once. What changed is told by the files themselves.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator

import watchfiles

from engine.dev.fingerprints import Fingerprints

log = logging.getLogger("engine")

QUIET = 10  # ms without a further report before one is passed on
LONGEST = 100  # ms after which it is passed on in any case
SETTLED = 0.012  # seconds between two looks that must see the same files
PATIENCE = 1.0  # seconds after which files that never settle are taken as they are
FIRST_LOOK = 500  # ms after which the watch surely stands
AWAY = 0.25  # seconds between two looks for a site that has gone


class Watcher(threading.Thread):
    """Calls `changed(paths)` after each change of a site's content. A daemon: it ends with the process.

    A change counts from when `fingerprints` looked last, so look before the site is loaded.
    """

    def __init__(
        self, root: str, fingerprints: Fingerprints, changed: Callable[[frozenset[str]], None]
    ) -> None:
        super().__init__(name="engine-watch", daemon=True)
        self._root = root
        self._fingerprints = fingerprints
        self._changed = changed
        self._ended = threading.Event()

    def stop(self) -> None:
        """Stop watching, and wait for the thread to end."""
        self._ended.set()
        self.join()

    def run(self) -> None:
        polling: bool | None = None
        while not self._ended.is_set():
            try:
                self._watch(force_polling=polling)
                self._await_root()
            except (
                Exception
            ) as error:  # the system's limit on watched directories, or a file system without news
                if self._place() is None:
                    self._await_root()
                elif polling:
                    raise
                else:
                    polling = True
                    log.warning(
                        "Cannot watch %s (%s). Looking for changes twice a second instead.", self._root, error
                    )

    def _watch(self, *, force_polling: bool | None) -> None:
        """Tell each change until the watch is stopped, or another directory stands in the place of the site.

        What is reported is looked at by itself, and at the next silence all else: at the first one the watch stands
        surely, and a look finds what came before it.
        """
        place, is_owed = self._place(), True
        for report in self._reports(force_polling):
            if self._place() != place:
                return
            if (report or is_owed) and (paths := self._settled(report)):
                self._tell(paths)
            is_owed = bool(report)

    def _place(self) -> tuple[int, int] | None:
        """The site's directory, whatever its name; `None` while there is none."""
        try:
            found = os.stat(self._root)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _await_root(self) -> None:
        """Tell that the site has gone, and that it is back."""
        if self._ended.is_set():
            return
        if self._place() is None:
            self._tell(frozenset())
        while self._place() is None:
            if self._ended.wait(AWAY):
                return
        self._tell(frozenset())

    def _tell(self, paths: frozenset[str]) -> None:
        try:
            self._changed(paths)
        except BaseException:  # a page may raise anything while it is imported; the next change shall be seen
            log.exception("The change of %s could not be followed", ", ".join(sorted(paths)))

    def _reports(self, force_polling: bool | None) -> Iterator[frozenset[str]]:
        """The locations of each report; none at a silence."""
        for report in watchfiles.watch(
            self._root,
            watch_filter=lambda change, path: self._fingerprints.may_count(path),
            step=QUIET,
            debounce=LONGEST,
            rust_timeout=FIRST_LOOK,
            yield_on_timeout=True,
            stop_event=self._ended,
            poll_delay_ms=500,
            force_polling=force_polling,
            ignore_permission_denied=True,
        ):
            yield frozenset(path for _, path in report)

    def _settled(self, report: frozenset[str]) -> frozenset[str]:
        """What changed, once two looks see the same."""
        paths = self._fingerprints.changes(report)
        deadline = time.monotonic() + PATIENCE
        while paths and time.monotonic() < deadline:
            time.sleep(SETTLED)
            more = self._fingerprints.changes(report)
            if not more:
                break
            paths |= more
        return paths
