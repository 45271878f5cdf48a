"""The record of what a page touched while it answered.

One record, three uses: `freeze` refuses a page that touched its visitor, `serve` keeps the ready bytes of a
page that touched none, and the incremental freeze will know what a page depends on.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

from engine.errors import Fault

VISITOR = ("session", "cookies", "headers", "query", "body", "host", "address")
"""What belongs to one visitor and makes an answer theirs alone."""


@dataclass(frozen=True, slots=True)
class Touch:
    """The first place of the site at which a page touched something: `file` is absolute, `line` from 1."""

    what: str
    file: str | None
    line: int | None


@dataclass(slots=True)
class Trace:
    """What one answer touched. `root` is the absolute directory of the site, to find the place by.

    `faults` are what was found wrong in a page that could be shown all the same, such as a dead link; `error` is
    what the site's code raised, where the answer is an error page for it. If it `reports`, whoever watches tells of
    the error, and no page is made for it.
    """

    root: str
    touches: dict[str, Touch] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    error: BaseException | None = None
    reports: bool = False

    def touch(self, what: str) -> None:
        """Note that the page used `what`, once, with the innermost line of the site that asked for it."""
        if what not in self.touches:
            self.touches[what] = Touch(what, *self._place())

    @property
    def visitor(self) -> tuple[Touch, ...]:
        """The touches that tie the answer to one visitor, in the order of `VISITOR`."""
        return tuple(self.touches[what] for what in VISITOR if what in self.touches)

    def _place(self) -> tuple[str | None, int | None]:
        prefix = self.root.rstrip("/") + "/"
        frame = sys._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(prefix):
                template = frame.f_globals.get("__jinja_template__")
                line = (
                    frame.f_lineno if template is None else template.get_corresponding_lineno(frame.f_lineno)
                )
                return file, line
            frame = frame.f_back  # type: ignore[assignment]
        return None, None
