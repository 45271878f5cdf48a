"""Asks one target after the other, whatever the site's code does.

Many are asked in four steps, each for all of them: what one step runs then stays in the processor's caches, which takes
a fifth of the time off.
"""

from __future__ import annotations

from contextlib import suppress
from typing import NamedTuple

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.asking.ask import Answer, Keeping, ask, looked_through, raised, written
from engine.freeze.target import Result, Target
from engine.routing.table import Found
from engine.views.page import PageView


class Asker(NamedTuple):
    """What asks one target after the other in one process."""

    app: App
    keeping: Keeping

    def ask(self, target: Target) -> Result:
        """What becomes of `target`; its faults are in the result."""
        try:
            return self.look_through(written(ask(self.app, target, self.keeping), self.keeping))
        except (Exception, SystemExit) as error:  # the site's code may end itself, but not the freeze
            return self._at_fault(target, error)

    def prepare(self, target: Target) -> None:
        """The first step: render the Markdown of a page. What fails now fails again, and is told, when it is asked."""
        match = self.app.site.routes.match(target.path)
        view = self.app.site.views.get(match.route.id) if isinstance(match, Found) else None
        if isinstance(view, PageView):
            with suppress(Exception):
                view.prepare()

    def answer(self, target: Target) -> Answer:
        """The second step, where Ctrl-C ends the process, so that only the site's code can raise its exception."""
        try:
            return ask(self.app, target, self.keeping)
        except BaseException as error:
            return Answer(self._at_fault(target, error))

    def write(self, answer: Answer) -> Answer:
        """The third step: the answer with its file written."""
        try:
            return written(answer, self.keeping)
        except SiteError as error:
            return Answer(Result(answer.result.target, faults=error.faults))

    def look_through(self, answer: Answer) -> Result:
        """The last step: what becomes of a target."""
        return looked_through(answer, self.keeping.addresses)

    def _at_fault(self, target: Target, error: BaseException) -> Result:
        try:
            return Result(target, faults=raised(self.app, target, error))
        except Exception:  # its own text
            what = f"{target.url} failed: {type(error).__name__}"
            return Result(target, faults=(Fault("page-failed", target.source, what),))
