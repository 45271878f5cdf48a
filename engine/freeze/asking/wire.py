"""What goes through the pipes between a freeze and its workers: plain values only, and what repeats but once.

Most pages of a site say the same links and depend on the same things. Each is sent with its number when it is first
met, and by its number ever after. Nothing that is read runs code of the site, as unpickling would.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Sequence
from itertools import islice, starmap
from typing import Any

from engine.errors import Fault
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, State
from engine.freeze.plain import Numbers, dumps, fields, picked
from engine.freeze.target import Link, Result, Target
from engine.trace import Dependencies, Dependency

Memories = dict[str, Dependencies]
"""What modules remember, by path: `SiteModules.remembered`."""


def pack_targets(targets: Iterable[Target]) -> bytes:
    """Targets for a worker."""
    return marshal.dumps([tuple(target) for target in targets])


def unpack_targets(data: bytes) -> list[Target]:
    """What `pack_targets` was given."""
    return [Target(*fields) for fields in marshal.loads(data)]


class Packer:
    """Packs the results of one worker. What its modules `remembered` when it began is known already, if it is `near`.

    Without `states` none are told.
    """

    def __init__(self, remembered: Memories, states: States | None, *, near: bool = True) -> None:
        self._links = Numbers()
        self._dependencies = Numbers()
        self._remembered = remembered
        self._states = states
        self._sent = {path: len(made) for path, made in remembered.items()} if near else {}

    def pack(self, results: Iterable[Result]) -> bytes:
        """Results, and what modules remember since the last ones."""
        pages = [self._page(result) for result in results]
        memories = [(path, self._news(path, made)) for path, made in self._remembered.items()]
        links = list(map(tuple, self._links.take_fresh()))
        found = self._states.found if self._states else lambda dependency: None
        dependencies = [(it, found(it)) for it in self._dependencies.take_fresh()]
        return dumps((links, dependencies, pages, memories))

    def _page(self, result: Result) -> tuple[Any, ...]:
        return (
            result.digest,
            result.size,
            tuple(map(fields, result.faults)),
            self._links.of(result.links),
            result.anchors,
            result.redirect,
            self._dependencies.of(result.dependencies),
            result.body,
            result.status,
        )

    def _news(self, path: str, made: Dependencies) -> bytes:
        news = self._dependencies.of(islice(made, self._sent.get(path, 0), None))
        self._sent[path] = len(made)
        return news


class Shelf:
    """What workers have told, each thing once, however many of them tell it. `states` are those of dependencies."""

    def __init__(self) -> None:
        self.states: dict[Dependency, State] = {}
        self._fresh: list[Dependency] = []
        self._links: dict[Link, Link] = {}
        self._again: dict[Dependency, Dependency] = {}

    def take_fresh(self) -> list[Dependency]:
        """The dependencies whose states were told since this was called last."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def link(self, link: Link) -> Link:
        """One object for all links that are equal to this one."""
        return self._links.setdefault(link, link)

    def dependency(self, dependency: Dependency, state: State | None) -> Dependency:
        """One object for all that are equal to this one, but for the first: most are told once."""
        if state is not None:
            before = self.states.setdefault(dependency, state)
            if before is state:
                self._fresh.append(dependency)
                return dependency
            if before != state:
                self.states[dependency] = NEVER  # it was another one for another worker
        return self._again.setdefault(dependency, dependency)


class Unpacker:
    """Reads what one `Packer` has packed, in the same order. `remembered` takes what modules remember."""

    def __init__(self, remembered: Memories, shelf: Shelf) -> None:
        self._links: list[Link] = []
        self._dependencies: list[Dependency] = []
        self._remembered = remembered
        self._shelf = shelf

    def unpack(self, targets: Sequence[Target], data: bytes) -> list[Result]:
        """The results of the first of `targets`, or of all."""
        links, dependencies, pages, memories = marshal.loads(data)
        self._links += map(self._shelf.link, map(Link._make, links))
        self._dependencies += starmap(self._shelf.dependency, dependencies)
        for path, numbers in memories:
            made = self._remembered.setdefault(path, {})
            made.update(dict.fromkeys(picked(self._dependencies, numbers)))
        return [self._result(target, *page) for target, page in zip(targets, pages, strict=False)]

    def _result(
        self,
        target: Target,
        digest: str,
        size: int,
        faults: tuple[tuple[Any, ...], ...],
        links: bytes,
        anchors: bytes,
        redirect: tuple[str, int] | None,
        dependencies: bytes,
        body: bytes,
        status: int,
    ) -> Result:
        return Result(
            target,
            digest,
            size,
            tuple(starmap(Fault, faults)),
            picked(self._links, links),
            anchors,
            redirect,
            picked(self._dependencies, dependencies),
            body,
            status,
        )
