"""What came of some targets, as bytes: so a worker tells it, and so the ledger keeps it.

The heads are what a freeze looks at while it runs. The tails, most of the bytes, are for the next one: a freeze of many
pages passes them on as they are. Each batch can be read by itself; what several of its pages say is in it once. Nothing
that is read runs code of the site, as unpickling would.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import starmap
from typing import Any, NamedTuple

from engine.errors import Fault
from engine.freeze.incremental.surroundings import State
from engine.freeze.plain import NUMBER, Numbers, dumps, fields, picked
from engine.freeze.target import Link, Result, Target
from engine.trace import Dependency

SIZE = 200
"""So many pages make a batch, where nothing else says how many do."""
Answered = list[tuple[Dependency, State | None]]
"""Questions with their states; without one where it is not known yet."""


class Batch(NamedTuple):
    """Some results. `heads` are marshalled links, and all of each result that is not in `tails`: the states of
    dependencies, and of each result which of them it has, and the note of its body."""

    heads: bytes
    tails: bytes

    def links(self) -> Iterator[Link]:
        """The links of all results."""
        return map(Link._make, marshal.loads(self.heads)[0])

    def states(self) -> Answered:
        """What all results depend on."""
        return marshal.loads(self.tails)[0]  # type: ignore[no-any-return]

    def using(self, dependencies: Collection[Dependency]) -> Iterator[int]:
        """The places of the results that depend on any of these."""
        states, tails = marshal.loads(self.tails)
        numbers = {number for number, (it, _) in enumerate(states) if it in dependencies}
        for place, (made_of, _) in enumerate(tails if numbers else ()):
            if not numbers.isdisjoint(array(NUMBER, made_of)):
                yield place

    def results(self, *, kept: bool = False) -> list[Result]:
        """All results, whole."""
        states, tails = marshal.loads(self.tails)
        dependencies = [it for it, _ in states]
        return [
            head._replace(dependencies=picked(dependencies, made_of), body=body, is_kept=kept)
            for head, (made_of, body) in zip(read_heads(self.heads), tails, strict=True)
        ]


def pack(results: Iterable[Result], state_of: Callable[[Dependency], State | None]) -> tuple[Batch, Answered]:
    """A batch of whole results, and all that they depend on."""
    links, known = Numbers(), Numbers()
    heads, tails = [], []
    for result in results:
        heads.append(
            (
                tuple(result.target),
                result.digest,
                result.size,
                tuple(map(fields, result.faults)),
                links.of(result.links),
                result.anchors,
                result.redirect,
                result.status,
            )
        )
        tails.append((known.of(result.dependencies), result.body))
    states = [(it, state_of(it)) for it in known]
    return Batch(dumps((list(map(tuple, links)), heads)), dumps((states, tails))), states


def read_heads(
    heads: bytes, targets: Sequence[Target] | None = None, share: Callable[[Link], Link] | None = None
) -> list[Result]:
    """The results without their tails. They take their `targets` from there, if they are given, and links from `share`,
    so that nothing is there twice.
    """
    links, found = marshal.loads(heads)
    shelf = list(map(Link._make, links) if share is None else map(share, map(Link._make, links)))
    asked = [Target(*target) for target, *_ in found] if targets is None else targets
    return [_result(target, shelf, *head) for target, (_, *head) in zip(asked, found, strict=False)]


def _result(
    target: Target,
    shelf: list[Link],
    digest: str,
    size: int,
    faults: tuple[tuple[Any, ...], ...],
    links: bytes,
    anchors: bytes,
    redirect: tuple[str, int] | None,
    status: int,
) -> Result:
    return Result(
        target,
        digest,
        size,
        tuple(starmap(Fault, faults)),
        picked(shelf, links),
        anchors,
        redirect,
        status=status,
    )
