"""The headings of a document: their ids, by GitHub's rules, and their tree."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import NamedTuple

NOT_WORD = re.compile(r"[^\w\- ]", re.ASCII)
WORD_CATEGORIES = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "Pc"})
NAMELESS = "section"


class Heading(NamedTuple):
    """One heading. `level` is 1 to 6, `text` is plain, `html` is without links; `children` are those below it."""

    level: int
    id: str
    text: str
    html: str
    children: tuple[Heading, ...] = ()


def slug(text: str) -> str:
    """The id that GitHub gives a heading of this text: lower case, `-` for a space, no punctuation, no emoji.

    What stays is Unicode's letters, marks, decimal digits and connectors (`_`), and `-`.
    """
    lower = text.lower().replace("\n", " ")
    dashed = lower.replace(" ", "-")
    if dashed.isascii() and dashed.replace("-", "a").isalnum():
        return dashed
    kept = NOT_WORD.sub("", lower) if lower.isascii() else "".join(filter(_is_kept, lower))
    return kept.replace(" ", "-") or NAMELESS


def _is_kept(character: str) -> bool:
    return character in "- " or unicodedata.category(character) in WORD_CATEGORIES


def words(name: str) -> str:
    """The letters and digits of an id, in lower case: what rules for ids agree about."""
    return "".join(filter(str.isalnum, name.casefold()))


_NONE: frozenset[str] = frozenset()


class Ids:
    """The ids of one document, each given once: the second `x` is `x-1`, as on GitHub.

    `reserved` are ids that the author wrote; no heading is given one by rule.
    """

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.given: set[str] = set()
        """Those that were given."""
        self._reserved = frozenset(reserved) if reserved else _NONE
        self._repeats: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self.given

    def explicit(self, name: str) -> str:
        """The id `name`, which was reserved; where it is written twice, the second is made unique."""
        return self._give(name if name not in self.given else self._unique(name))

    def generated(self, text: str) -> str:
        """The id of a heading of this text."""
        name = slug(text)
        return self._give(name if self._is_free(name) else self._unique(name))

    def by_words(self) -> dict[str, str | None]:
        """The ids by their letters and digits; `None` where two have the same."""
        found: dict[str, str | None] = {}
        for name in self.given:
            key = words(name)
            found[key] = None if key in found else name
        return found

    def _give(self, name: str) -> str:
        self.given.add(name)
        return name

    def _unique(self, name: str) -> str:
        number = self._repeats.get(name, 0) + 1
        while not self._is_free(f"{name}-{number}"):
            number += 1
        self._repeats[name] = number
        return f"{name}-{number}"

    def _is_free(self, name: str) -> bool:
        return name not in self.given and name not in self._reserved


def tree(headings: Sequence[Heading]) -> tuple[Heading, ...]:
    """The headings nested by level: each below the nearest one before it that has a lower level."""
    later: list[Heading] = []  # what is nested already, last first
    for heading in reversed(headings):
        children = []
        while later and later[-1].level > heading.level:
            children.append(later.pop())
        later.append(Heading(*heading[:-1], tuple(children)) if children else heading)
    return tuple(reversed(later))
