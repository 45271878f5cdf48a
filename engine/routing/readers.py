"""Reads the parameters of one segment, whether they are the whole of it or mixed with text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.routing.converters import NO_MATCH, Converters, parser
from engine.routing.shapes import Param

Values: TypeAlias = tuple[object, ...]
Reader: TypeAlias = Callable[[str], Values | None]
"""The converted values of a segment's text; `None` where it does not match."""
Parse: TypeAlias = Callable[[str], object]

MAX_MIXED = 255
"""Characters of a segment that is shared by several parameters, as the ways to share it are tried."""


def make_reader(param: Param, converters: Converters) -> Reader:
    parsers = [parser(converters[slot.converter]) if slot.converter else str for slot in param.slots]
    return _mixed(param.texts, parsers) if param.text else _whole(parsers[0])


def _whole(parse: Parse) -> Reader:
    def read(text: str) -> Values | None:
        value = parse(text)
        return None if value is NO_MATCH else (value,)

    return read


def _mixed(texts: Sequence[str], parsers: Sequence[Parse]) -> Reader:
    """Each parameter takes as little as it can, but something."""
    first, *between, last = texts

    def read(text: str) -> Values | None:
        if not (text.startswith(first) and text.endswith(last)) or (between and len(text) > MAX_MIXED):
            return None
        return share(text[len(first) : len(text) - len(last)], 0, 0, set())

    def share(text: str, slot: int, start: int, failed: set[tuple[int, int]]) -> Values | None:
        """The values of the parameters from number `slot` on, in the text from `start` on."""
        if slot == len(between):
            value = parsers[slot](text[start:]) if start < len(text) else NO_MATCH
            return None if value is NO_MATCH else (value,)
        end = -1 if (slot, start) in failed else text.find(between[slot], start + 1)
        while end > 0:
            value = parsers[slot](text[start:end])
            if value is not NO_MATCH:
                after = share(text, slot + 1, end + len(between[slot]), failed)
                if after is not None:
                    return (value, *after)
                if parsers[slot + 1] is str:
                    break  # What a plain parameter cannot take from here on, it cannot from any later place.
            end = text.find(between[slot], end + 1)
        failed.add((slot, start))
        return None

    return read
