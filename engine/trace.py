"""The record of what a page touched while it answered.

One record, three uses: `freeze` refuses a page that touched its visitor, `serve` keeps the ready bytes of a
page that touched none, and the next freeze keeps the answers of pages whose dependencies stand as they stood.

A dependency is a question about the site, such as `("body", "pages/a.md")`; `freeze/incremental/states.py` answers it
for a site.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.errors import Fault

VISITOR = ("session", "cookies", "headers", "query", "body", "host", "address", "nonce")
"""What belongs to one visitor and makes an answer theirs alone."""
HANDED_ON = "handed-on"
"""The touch of what other code of the request has left: in `g`, or on the request."""
EVERY = "*"
"""Stands for all headers."""
CHANGING = "changing"
"""The kind of what may be another thing each time it is asked, such as a clock or a database."""

FALLBACK = "fallback"
"""The kind of what says no more than that the fast Markdown engine left a page, which it names, to the default one."""

Dependency = tuple[Any, ...]
"""The kind of a question, and what it is about: texts, numbers, `None`, and tuples of them."""
Dependencies = dict[Dependency, None]
"""A set in the order of its making."""

collected: ContextVar[Dependencies | None] = ContextVar("engine.dependencies", default=None)


def depend(*dependency: Any) -> None:
    """Note that what is made now depends on the answer to a question. Costs nothing where nobody collects."""
    found = collected.get()
    if found is not None:
        found[dependency] = None


def depend_all(dependencies: Iterable[Dependency]) -> None:
    """Note what a kept value was made of, where it is used again."""
    found = collected.get()
    if found is not None:
        found.update(dict.fromkeys(dependencies))


def is_collecting() -> bool:
    """Whether anybody wants to know of dependencies."""
    return collected.get() is not None


@contextmanager
def collecting() -> Iterator[Dependencies]:
    """Collect the dependencies of what is made within. Who collects around it gets them too."""
    found: Dependencies = {}
    token = collected.set(found)
    try:
        yield found
    finally:
        collected.reset(token)
        depend_all(found)


class Touch(NamedTuple):
    """The first place of the site at which a page touched something: `file` is absolute.

    `running` is the line of Python, which may be that of a compiled template.
    """

    what: str
    file: str | None = None
    running: int | None = None
    template: Any = None

    @property
    def line(self) -> int | None:
        """The line of the file, from 1."""
        if self.template is None or self.running is None:
            return self.running
        line: int = self.template.get_corresponding_lineno(self.running)
        return line


class Seen(NamedTuple):
    """What a part of a request touched: each touch by its name, and the headers that it read."""

    touches: dict[str, Touch]
    headers: set[str]


@dataclass(slots=True)
class Trace:
    """What one answer touched. `root` is the absolute directory of the site, to find the place by.

    `headers` are the names in small letters of those that were read, `*` for all of them. `changing` are the touches of
    what changes without the site, such as a database. `faults` are what was found wrong in a page that could be shown
    all the same, such as a dead link; `error` is what the site's code raised, where the answer is an error page for it.
    If it `reports`, whoever watches tells of the error, and no page is made for it. `failed` says that the answer is
    for an error of any kind.
    """

    root: str
    touches: dict[str, Touch] = field(default_factory=dict)
    headers: set[str] = field(default_factory=set)
    changing: dict[str, Touch] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    error: BaseException | None = None
    reports: bool = False
    failed: bool = False

    def touch(self, what: str) -> None:
        """Note that the page used `what`, once, with the innermost line of the site that asked for it."""
        if what not in self.touches:
            self.touches[what] = self._placed(what)

    def take(self) -> Seen:
        """What was touched until now, which is forgotten: what comes next is another part of the request."""
        seen = Seen(self.touches, self.headers)
        self.touches, self.headers = {}, set()
        return seen

    def touch_changing(self, what: str) -> None:
        """Note that the page read `what`, which changes without the site."""
        if what not in self.changing:
            self.changing[what] = self._placed(what)

    @property
    def visitor(self) -> tuple[Touch, ...]:
        """The touches that tie the answer to one visitor, in the order of `VISITOR`."""
        return tuple(self.touches[what] for what in VISITOR if what in self.touches)

    def _placed(self, what: str) -> Touch:
        prefix = self.root.rstrip("/") + "/"
        frame = sys._getframe(2)
        while frame is not None:
            file = frame.f_code.co_filename
            if file.startswith(prefix):
                return Touch(what, file, frame.f_lineno, frame.f_globals.get("__jinja_template__"))
            frame = frame.f_back  # type: ignore[assignment]
        return Touch(what)
