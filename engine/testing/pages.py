"""Every page of a site as a test of pytest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.plan import make_plan
from engine.testing.cases import Case, at_fault, cases
from engine.testing.checks import Checks
from engine.testing.sites import loaded, root_of, shown

BRACES = str.maketrans("[]", "{}")
"""pytest reads brackets in an id as the parameters of a test, and --lf would not find it again."""


def collect(session: pytest.Session) -> list[pytest.Item]:
    """The tests of the pages of `--site`, by name: whatever is collected first, each process finds the same."""
    root = root_of(session.config)
    name = Path(os.path.relpath(root, session.config.rootpath)).as_posix()
    node = SiteCollector.from_parent(session, name=name, nodeid=name, path=root)
    report = node.ihook.pytest_make_collect_report(collector=node)
    node.ihook.pytest_collectreport(report=report)  # by which they are counted
    return list(report.result or ()) if report.passed else []


class SiteCollector(pytest.Collector):
    """The site, of which each page is a test."""

    def collect(self) -> Iterator[pytest.Item]:
        found = loaded(self.path)
        if found.site is None:
            yield from (self._item(case, None) for case in at_fault(found.faults))
            return
        app = App(found.site)
        plan = make_plan(app)
        folder = TemporaryDirectory(prefix="engine-pages-")
        self.config.add_cleanup(folder.cleanup)
        checks = Checks(app, plan, Path(folder.name) / "dist")
        yield from (self._item(case, checks) for case in cases(app, plan, found.faults))

    def _item(self, case: Case, checks: Checks | None) -> pytest.Item:
        return PageItem.from_parent(self, name=case.name.translate(BRACES), case=case, checks=checks)


class AtFault(Exception):
    """A page has faults."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)


class PageItem(pytest.Item):
    """The test of one page."""

    def __init__(self, *, case: Case, checks: Checks | None, **options: Any) -> None:
        super().__init__(**options)
        self._case = case
        self._checks = checks

    def runtest(self) -> None:
        if self._checks is None:
            raise AtFault(self._case.faults)
        if self._case.route and not self._checks.targets(self._case):
            pytest.skip(f"nothing says which pages {self._case.route} has")
        if faults := self._checks.faults(self._case):
            raise AtFault(faults)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        # With a colon: pytest takes the dots of what ends like its id for those of a module.
        return self.path, None, f"{self.parent.name if self.parent else ''}: {self.name}"

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The faults of the page as lines. A traceback would be that of this plugin."""
        if isinstance(excinfo.value, AtFault):
            return Lines.of(self.path, excinfo.value.faults)
        return super().repr_failure(excinfo, style)


@dataclass
class Crash:
    """Where pytest's summary finds the message of a failure."""

    path: str
    lineno: int
    message: str


@dataclass
class Lines:
    """Faults, in the form of what pytest prints of a failure."""

    lines: list[str]
    reprcrash: Crash

    @classmethod
    def of(cls, root: Path, faults: Iterable[Fault]) -> Lines:
        listed = list(faults)
        lines = [shown(root, fault) for fault in listed]
        return cls(lines, Crash(str(root / listed[0].file), listed[0].line or 1, lines[0]))

    def toterminal(self, terminal: Any) -> None:
        for line in self.lines:
            terminal.line(line)

    def __str__(self) -> str:
        return "\n".join(self.lines)
