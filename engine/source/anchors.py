"""The anchors of one YAML document, and what their aliases cost, known before a copy exists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.source.document import DEPTH, shown

ALIASES = 64
"""How many aliases a document may have."""

COPIES = 100_000
"""How many nodes its aliases may stand for together. A merge key makes no more than its aliases hold."""


class BadAlias(ValueError):
    """An alias names no anchor, or one that holds the alias itself."""


class TooManyCopies(ValueError):
    """The aliases of a document stand for more than the limits allow."""


class Anchor(NamedTuple):
    """What an alias stands for. `nodes` and `height` count with the value's own aliases written out."""

    value: Any
    text: str | None
    nodes: int
    height: int


@dataclass(slots=True)
class Anchors:
    """Counts the nodes of a document as they are built, and keeps those that have a name."""

    nodes: int = 0
    deepest: int = 0
    copies: int = 0
    aliases: int = 0
    named: dict[str, Anchor | None] = field(default_factory=dict)

    def begin(self, name: str, depth: int) -> tuple[int, int]:
        """A node with a name begins at `depth`. It is open until `end` is called with what this returns."""
        before = (self.nodes, self.deepest)
        self.named[name] = None
        self.deepest = depth - 1
        return before

    def end(self, name: str, depth: int, before: tuple[int, int], value: Any, text: str | None) -> None:
        nodes, deepest = before
        self.named[name] = Anchor(value, text, self.nodes - nodes, self.deepest - depth + 1)
        self.deepest = max(self.deepest, deepest)

    def use(self, name: str, depth: int) -> Anchor:
        """The anchor that an alias at `depth` stands for. Raises BadAlias and TooManyCopies."""
        if name not in self.named:
            raise BadAlias(f"the alias `*{shown(name)}` has no anchor before it")
        anchor = self.named[name]
        if anchor is None:
            raise BadAlias(
                f"the alias `*{shown(name)}` stands inside of its own anchor, so it would have no end"
            )
        self.aliases += 1
        self.nodes += anchor.nodes
        self.copies += anchor.nodes
        self.deepest = max(self.deepest, depth + anchor.height - 1)
        if self.aliases > ALIASES:
            raise TooManyCopies(f"this is alias number {self.aliases}; {ALIASES} are allowed")
        if self.copies > COPIES:
            raise TooManyCopies(f"the aliases up to here stand for more than {COPIES} values")
        if self.deepest > DEPTH:
            raise TooManyCopies(f"with `*{shown(name)}` written out, this is more than {DEPTH} levels deep")
        return anchor
