"""What is wrong with a page: asked as a visitor asks, read as a browser reads, compared with what the freeze keeps.

plan → cases;  freeze, once → results;  case → ask → status, markup, links, bytes → faults
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

from werkzeug.test import TestResponse

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.asking.addresses import Addresses
from engine.freeze.asking.ask import CRAWLED, raised
from engine.freeze.asking.crawl import Found, Reference
from engine.freeze.checks.linkcheck import LinkCheck
from engine.freeze.plain import packed
from engine.freeze.plan import Plan
from engine.freeze.target import Report, Result, Target
from engine.routing import table
from engine.routing.paths import quote
from engine.testing.cases import Case
from engine.testing.frozen import freeze_into
from engine.testing.markup import flaws

REFUSALS = "freeze-"
"""What the codes of faults begin with that keep a page from being frozen, and say nothing against serving it."""
STRANGERS = frozenset([401, 403])
"""What a page of the server may answer to a visitor who has not signed in."""
MOST = 5
"""Flaws of one page that are told; what comes after is mostly of their making."""
HTML = "text/html"


@dataclass
class Checks:
    """The checks of one site. `output` is where it is frozen, when that is first needed."""

    app: App
    plan: Plan
    output: Path

    def faults(self, case: Case) -> list[Fault]:
        """What is wrong with the pages of a case, each fault once, in the order of their places."""
        found = list(case.faults)
        for target in self.targets(case):
            found += self._page(target)
        return list(SiteError(found).faults) if found else []

    @cached_property
    def _report(self) -> Report:
        return freeze_into(self.app, self.output, keep_going=True, hybrid=True)

    @cached_property
    def _results(self) -> dict[str, Result]:
        """What became of each page of the freeze, by its path."""
        return {result.target.path: result for result in self._report.results}

    @cached_property
    def _links(self) -> LinkCheck:
        return LinkCheck(self.app, self.plan, self._results, hybrid=True)

    def targets(self, case: Case) -> list[Target]:
        """The pages of a case."""
        if case.target is not None:
            return [case.target]
        return [
            result.target
            for result in self._results.values()
            if case.route and self._is_of(result, case.route)
        ]

    def _is_of(self, result: Result, route: str) -> bool:
        match = self.app.site.routes.match(result.target.path)
        return isinstance(match, table.Found) and match.route.id == route

    def _page(self, target: Target) -> Iterator[Fault]:
        """The faults of one page. One that failed while it was frozen is not asked again."""
        result = self._results.get(target.path)
        frozen = result if result and not any(it.code.startswith(REFUSALS) for it in result.faults) else None
        if frozen is not None:
            yield from frozen.faults
            if not (frozen.digest or frozen.redirect):
                return
        try:
            answer = self.app.test_client().get(quote(target.path))
        except Exception as error:
            yield from raised(self.app, target, error)
            return
        with answer:
            yield from self._answered(target, frozen, answer)

    def _answered(self, target: Target, frozen: Result | None, answer: TestResponse) -> Iterator[Fault]:
        if said := _status_fault(target, frozen, answer):
            yield said
            return
        if answer.mimetype == HTML:
            yield from self._flawed(target, answer.text)
        if frozen is None:
            yield from self._dead_links(target, answer)
        elif frozen.digest:
            yield from self._differences(frozen.target, answer.data)

    def _flawed(self, target: Target, text: str) -> Iterator[Fault]:
        lines = text.split("\n")
        for flaw in islice(flaws(text), MOST):
            file, line = self._place(target.source, lines[flaw.line - 1].strip())
            where = f"line {flaw.line}, column {flaw.column} of its HTML"
            what = f"{target.url} is not well-formed: {flaw.what} ({where})"
            yield Fault("page-markup", file, what, "Close what is open, and nothing else", line)

    def _place(self, source: str, text: str) -> tuple[str, int | None]:
        """The file and the line in which a line of HTML was written as it is, of a page or a template."""
        for file in (source, *self.app.site.renderer.templates.names) if text else ():
            with suppress(OSError, UnicodeDecodeError):
                lines = (Path(self.app.root) / file).read_text("utf-8-sig").splitlines()
                places = [number for number, line in enumerate(lines, 1) if line.strip() == text]
                if len(places) == 1:
                    return file, places[0]
        return source, None

    def _dead_links(self, target: Target, answer: TestResponse) -> Iterable[Fault]:
        """The dead links of a page that was not frozen, and where it redirects to."""
        moved = (answer.location, answer.status_code) if answer.location else None
        found = Found((Reference(answer.location),), frozenset()) if answer.location else _found(answer)
        links = Addresses(self.app.config).links(target, found)
        return self._links.faults(
            Result(target, "served", links=links, anchors=packed(found.ids), redirect=moved)
        )

    def _differences(self, target: Target, served: bytes) -> Iterator[Fault]:
        kept = (self.output / target.output).read_bytes()
        if kept == served:
            return
        line = _first_difference(kept, served)
        what = f"{target.url} is not served as it was frozen: line {line} is another one"
        hint = "Freeze with --audit, which names what it reads: a clock, chance, or what a module remembers"
        yield Fault("page-differs", target.source, what, hint)


def _found(answer: TestResponse) -> Found:
    """The links and the ids of an answer."""
    read = CRAWLED.get(answer.mimetype or "")
    return read(answer.text) if read else Found((), frozenset())


def _status_fault(target: Target, frozen: Result | None, answer: TestResponse) -> Fault | None:
    """What is wrong with a status, if anything."""
    code, wanted = answer.status_code, target.status
    if frozen is not None and frozen.redirect:
        wanted = frozen.redirect[1]
    elif frozen is None and wanted == 200:
        wanted = 0
    if code == wanted or (not wanted and (code < 400 or code in STRANGERS)):
        return None
    what = f"{target.url} answers {code}, not {wanted or 200}"
    hint = "" if wanted else "A page of the server may also redirect, or answer 401 or 403 to a stranger"
    return Fault("page-status", target.source, what, hint)


def _first_difference(one: bytes, other: bytes) -> int:
    """The first line, from 1, that two texts do not share."""
    lines = zip(one.splitlines(), other.splitlines(), strict=False)
    same = next((number for number, (a, b) in enumerate(lines) if a != b), None)
    return 1 + (same if same is not None else min(one.count(b"\n"), other.count(b"\n")))
