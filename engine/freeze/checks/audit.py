"""Audits a freeze: asks each page again while everything else is other than it was, and looks for differences.

A page for which nothing made a difference was observed to be static. That is no proof.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import engine
from engine.config import Config
from engine.errors import Fault
from engine.freeze.asking.ask import LEAVE
from engine.freeze.checks.perturbed import CAN_SHIFT, Step, Task
from engine.freeze.incremental.ledger import Ledger
from engine.freeze.incremental.ledger_file import read_ledger
from engine.freeze.target import Audit, Target


class Perturbation(NamedTuple):
    """One thing that is made another one, and what to do about a page that notices."""

    name: str
    hint: str
    environment: Mapping[str, str] = {}
    request: Mapping[str, str] = {}
    shift: int = 0
    reverse: bool = False


HEADERS = {
    "HTTP_USER_AGENT": "audit/1.0",
    "HTTP_ACCEPT_LANGUAGE": "tr,de;q=0.5",
    "HTTP_REFERER": "https://audit.example/from",
    "HTTP_X_REQUESTED_WITH": "XMLHttpRequest",
    "HTTP_AUTHORIZATION": "Basic YXVkaXQ6YXVkaXQ=",
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
}
HOST = {"HTTP_HOST": "audit.example:8443", "SERVER_NAME": "audit.example", "SERVER_PORT": "8443"}
YEAR = 366 * 24 * 3600

SAME = Perturbation("as it was", "", {"PYTHONHASHSEED": "1"})
AGAIN = Perturbation(
    "at every request", "Take out what is another thing each time, as chance", SAME.environment
)
SEED = Perturbation("with another hash seed", "Sort what comes out of a set", {"PYTHONHASHSEED": "4242"})
LATER = Perturbation("a year later", "Freeze as often as it changes, or take it out", shift=YEAR + 5 * 3600)
PERTURBATIONS = (
    Perturbation("with other headers", LEAVE, request=HEADERS),
    Perturbation("with cookies", LEAVE, request={"HTTP_COOKIE": "session=audit; theme=audit"}),
    Perturbation("with a query", LEAVE, request={"QUERY_STRING": "audit=1&page=2&q=x"}),
    Perturbation("at another host", "Set base_url in site.toml", request=HOST),
    Perturbation("for another address", LEAVE, request={"REMOTE_ADDR": "203.0.113.7"}),
    LATER,
    Perturbation("in another time zone", "Name the time zone in the code", {"TZ": "<+1245>-12:45"}),
    Perturbation(
        "in another locale", "Name the locale in the code", {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    ),
    SEED,
    Perturbation("in another order of the pages", "Keep nothing from one page for the next", reverse=True),
)


def audit(config: Config, output: str, *, drafts: bool) -> Audit:
    """Ask every page that was frozen into `output` again, and name what made a difference and where."""
    folder = Path(os.path.realpath(output))
    ledger = read_ledger(config, folder)
    targets = [entry.result.target for entry in ledger.entries.values() if entry.result.digest]
    auditor = _Auditor(config, drafts=drafts)
    changes = [it for it in PERTURBATIONS if not (it.request is HOST and config.trusted_hosts)]
    try:
        found = auditor.ask(targets, _together(changes))
        differing = [target for target in targets if found[target.path] != _digest(folder / target.output)]
        causes = dict(auditor.causes(targets, differing, changes))
    except AuditFailed as error:
        return Audit(0, (Fault("audit-failed", ".", str(error)),), ())
    return _report(config, ledger, targets, auditor, causes)


class AuditFailed(Exception):
    """A process of the audit ended otherwise than with an answer."""


def _together(changes: Iterable[Perturbation]) -> Perturbation:
    """All changes at once."""
    every = list(changes)
    return Perturbation(
        "with all of it",
        "",
        {name: value for it in every for name, value in it.environment.items()},
        {name: value for it in every for name, value in it.request.items()},
        sum(it.shift for it in every),
        any(it.reverse for it in every),
    )


class _Auditor:
    """Starts the processes of one audit."""

    def __init__(self, config: Config, *, drafts: bool) -> None:
        self._config = config
        self._drafts = drafts

    def ask(self, targets: Sequence[Target], change: Perturbation) -> dict[str, str]:
        """The digest of each target's answer, by path, under one change."""
        answers: dict[str, str] = self._run(targets, change)
        return answers

    def causes(
        self, targets: Sequence[Target], differing: Sequence[Target], changes: Iterable[Perturbation]
    ) -> Iterator[tuple[Target, Perturbation]]:
        """For each target that differs the first change that makes it differ by itself."""
        before = self.ask(targets, SAME)
        left = list(differing)
        for change in (AGAIN, *changes):
            found = self.ask(targets if change.reverse else left, change) if left else {}
            for target in list(left):
                if found[target.path] != before[target.path]:
                    left.remove(target)
                    yield target, change
        for target in left:  # what another seed than those two makes another page
            yield target, SEED

    def place(
        self, targets: Sequence[Target], target: Target, change: Perturbation
    ) -> tuple[str, int] | None:
        """The file and the line after which the page went another way, or had another value."""
        asked = targets if change.reverse else [target]
        before, after = (self._run(asked, it, target.path)[target.path] for it in (SAME, change))
        return _parting(before, after)

    def _run(self, targets: Sequence[Target], change: Perturbation, follow: str = "") -> dict[str, Any]:
        task = Task(
            self._config.root,
            self._config.base_url,
            self._drafts,
            tuple(tuple(target) for target in targets),
            change.request,
            change.shift,
            change.reverse,
            follow,
        )
        path = os.pathsep.join(
            filter(None, (str(Path(engine.__file__).parents[1]), os.environ.get("PYTHONPATH")))
        )
        done = subprocess.run(
            [sys.executable, "-m", "engine.freeze.checks.perturbed"],
            input=json.dumps(task._asdict()),
            env={**os.environ, "PYTHONPATH": path, **SAME.environment, **change.environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0 or not done.stdout:
            said = done.stderr.strip().rpartition("\n")[2]
            raise AuditFailed(f"the pages could not be asked again {change.name}: {said}")
        answers: dict[str, Any] = json.loads(done.stdout)
        return answers


def _parting(before: Sequence[Step], after: Sequence[Step]) -> tuple[str, int] | None:
    """Where two ways through the code of a site part: the line that was run last before something differed."""
    for number, (one, other) in enumerate(zip(before, after, strict=False)):
        if one != other:
            (file, line, has_returned, _), place = one, other[:3]
            if number and not (has_returned and place == [file, line, True]):
                file, line = before[number - 1][:2]
            return file, line
    return None


def _report(
    config: Config,
    ledger: Ledger,
    targets: Sequence[Target],
    auditor: _Auditor,
    causes: Mapping[Target, Perturbation],
) -> Audit:
    restless = ledger.restless()
    faults, notes = [], []
    for target, change in causes.items():
        known = change in (AGAIN, LATER)
        if known and not restless.isdisjoint(ledger.entries[target.path].result.dependencies):
            notes.append(f"{target.url} differs {change.name}, as its freeze has noted")
            continue
        file, line = auditor.place(targets, target, change) or (target.source, None)
        root = Path(config.root)
        inside = Path(file).relative_to(root).as_posix() if Path(file).is_relative_to(root) else file
        what = f"{target.url} differs {change.name}"
        faults.append(Fault("audit-differs", inside, what, change.hint, line))
    if not CAN_SHIFT:
        notes.append("the clock was not put forward: install pages-engine[audit] for that")
    return Audit(len(targets), tuple(faults), tuple(notes))


def _digest(path: Path) -> str:
    try:
        return blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""
