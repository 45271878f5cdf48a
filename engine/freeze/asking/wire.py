"""What goes through the pipes between a freeze and its workers: targets there, and batches back, with some news.

The news are what the freeze itself has to know of the many things that pages depend on.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from itertools import islice
from typing import NamedTuple

from engine.freeze.incremental.batch import Answered, Batch, pack
from engine.freeze.incremental.states import OF_COLLECTIONS, States
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, State
from engine.freeze.plain import dumps
from engine.freeze.target import Result, Target
from engine.trace import FALLBACK, Dependencies, Dependency

Memories = dict[str, Dependencies]
"""What modules remember, by path: `SiteModules.remembered`."""
TOLD = frozenset((*OUTSIDE, *OF_COLLECTIONS, "template", FALLBACK))
"""What a freeze wants to know of, whatever its state: what lies outside of the site, what is prepared for the workers
that come next, and what is counted."""


def pack_targets(targets: Iterable[Target]) -> bytes:
    """Targets for a worker."""
    return marshal.dumps([tuple(target) for target in targets])


def unpack_targets(data: bytes) -> list[Target]:
    """What `pack_targets` was given."""
    return [Target(*fields) for fields in marshal.loads(data)]


class News(NamedTuple):
    """What a freeze has to know: the `kinds` of all that pages depend on, the states of some of it, and what modules
    remember now, by path."""

    kinds: frozenset[str]
    states: Answered
    memories: list[tuple[str, Answered]] = []


class Message(NamedTuple):
    """What a worker tells at once."""

    batch: Batch
    news: News

    def packed(self) -> bytes:
        """The message as `unpack` reads it."""
        return dumps((*self.batch, *self.news))


def unpack(data: bytes) -> Message:
    """A message that was packed."""
    heads, tails, *news = marshal.loads(data)
    return Message(Batch(heads, tails), News(*news))


def news_of(states: Answered) -> News:
    """What of these a freeze has to know."""
    told = [(it, state) for it, state in states if it[0] in TOLD or state is None or state == NEVER]
    return News(frozenset(it[0] for it, _ in states), told)


class Packer:
    """Packs the results of one worker. What its modules `remembered` when it began is known already, if it is `near`.

    Without `states` none are told.
    """

    def __init__(self, remembered: Memories, states: States | None, *, near: bool = True) -> None:
        self._remembered = remembered
        self._news_of = news_of if states else lambda states: News(frozenset(), [])
        self._state_of: Callable[[Dependency], State | None] = states.found if states else lambda it: None
        self._sent = {path: len(made) for path, made in remembered.items()} if near else {}

    def pack(self, results: Iterable[Result]) -> bytes:
        """Results, and what modules remember since the last ones."""
        batch, states = pack(results, self._state_of)
        memories = [(path, self._fresh(path, made)) for path, made in self._remembered.items()]
        return Message(batch, self._news_of(states)._replace(memories=memories)).packed()

    def _fresh(self, path: str, made: Dependencies) -> Answered:
        fresh = [(it, self._state_of(it)) for it in islice(made, self._sent.get(path, 0), None)]
        self._sent[path] = len(made)
        return fresh


def remember(remembered: Memories, news: News) -> None:
    """Let modules of this process remember what those of another do."""
    for path, states in news.memories:
        remembered.setdefault(path, {}).update(dict.fromkeys(it for it, _ in states))
