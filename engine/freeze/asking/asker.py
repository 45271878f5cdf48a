"""Asks one target after the other, whatever the site's code does."""

from __future__ import annotations

from typing import NamedTuple

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.asking.ask import Keeping, ask, raised
from engine.freeze.target import Result, Target


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
