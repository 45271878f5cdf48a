"""Takes in what came of targets: passes batches on, and keeps what the freeze itself has to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.freeze.asking.wire import Message, News, news_of
from engine.freeze.incremental.batch import Answered, Batch, pack
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, State
from engine.freeze.target import Link, Result
from engine.trace import Dependency


class Intake:
    """What came of the targets of one freeze. Each batch goes to `keep`.

    `states` are those of what pages depend on, as far as the freeze has to know them. `unknown` are questions that
    nobody has answered yet.
    """

    def __init__(self, keep: Callable[[Batch], None]) -> None:
        self.states: dict[Dependency, State] = {}
        self.unknown: set[Dependency] = set()
        self._keep = keep
        self._kinds: set[str] = set()
        self._fresh: list[Dependency] = []
        self._links: dict[Link, Link] = {}

    def link(self, link: Link) -> Link:
        """One object for all links that are equal to this one."""
        return self._links.setdefault(link, link)

    def take(self, message: Message) -> None:
        """Take in what somebody tells."""
        self._keep(message.batch)
        self._learn(message.news)

    def pack(self, results: Iterable[Result], state_of: Callable[[Dependency], State | None]) -> None:
        """Take in whole results of this process."""
        batch, states = pack(results, state_of)
        self.take(Message(batch, news_of(states)))

    def prepare(self, states: States) -> None:
        """Have what such pages need ready for processes that are forked next."""
        fresh, self._fresh = self._fresh, []
        states.prepare(fresh, self._kinds)

    def _learn(self, news: News) -> None:
        self._kinds.update(news.kinds)
        self._add(news.states)
        for _, states in news.memories:
            self._add(states)

    def _add(self, states: Answered) -> None:
        for dependency, state in states:
            if state is None:
                self.unknown.add(dependency)
            elif (before := self.states.get(dependency)) is None:
                self.states[dependency] = state
                self._fresh.append(dependency)
            elif before != state:
                self.states[dependency] = NEVER  # it was another one for somebody else
