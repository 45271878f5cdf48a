"""Records as plain values, and what many of them hold as numbers: what goes through pipes and into the ledger."""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from engine.errors import Fault

PLAIN = 2
"""The last format of `marshal` that writes equal values as equal bytes."""
NUMBER = "I"
"""The type code of the numbers, as of `array`."""


class Numbers(dict[Any, int]):
    """Numbers distinct things from 0 in the order in which they are met, which is also its own."""

    def __missing__(self, thing: Any) -> int:
        number = self[thing] = len(self)
        return number

    def of(self, things: Iterable[Any]) -> bytes:
        """The numbers of things, which `picked` reads."""
        return array(NUMBER, map(self.__getitem__, things)).tobytes()


def picked(shelf: Sequence[Any], numbers: bytes) -> tuple[Any, ...]:
    """The things of a shelf that have these numbers."""
    return tuple(map(shelf.__getitem__, array(NUMBER, numbers)))


def packed(texts: Collection[str]) -> bytes:
    """Texts as they take least, in one order."""
    return marshal.dumps(sorted(texts), PLAIN) if texts else b""


@lru_cache(maxsize=256)  # who asks for one id of a page asks for others
def unpacked(texts: bytes) -> frozenset[str]:
    """What `packed` was given."""
    return frozenset(marshal.loads(texts) if texts else ())


def fields(fault: Fault) -> tuple[Any, ...]:
    """What `Fault` takes."""
    return (fault.code, fault.file, fault.what, fault.hint, fault.line, fault.column)


def dumps(message: tuple[Any, ...]) -> bytes:
    """A message for `marshal.loads`."""
    try:
        return marshal.dumps(message)
    except ValueError:  # a text of the site's may be of a class of its own, and a fault may hold anything
        return marshal.dumps(_plain(message))


def _plain(value: Any) -> Any:
    """`value` of the types that `marshal` takes."""
    if isinstance(value, (tuple, list)):
        return tuple(map(_plain, value))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value) if isinstance(value, int) else float(value)
    return value if isinstance(value, (bytes, frozenset, bool, type(None))) else repr(value)
