"""The way back: the segments of a path from a route and values for its parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.errors import BadParams
from engine.routing.converters import Converters
from engine.routing.paths import nfc
from engine.routing.route import Route
from engine.routing.shapes import Param, Segment, Slot, Static


def complete(route: Route, params: Mapping[str, Any]) -> dict[str, Any]:
    """A value for each parameter, text in NFC: for one that is left out `None`, or `""` for a catch-all.

    Raises `BadParams` for missing and surplus ones.
    """
    slots = [slot for segment in route.segments if isinstance(segment, Param) for slot in segment.slots]
    if surplus := sorted(params.keys() - {slot.name for slot in slots}):
        takes = ", ".join(slot.name for slot in slots) or "no parameters"
        raise BadParams(f"{route.id} has no parameter {', '.join(surplus)}. It takes {takes}.")
    if missing := [slot.name for slot in slots if slot.takes == "one" and params.get(slot.name) is None]:
        raise BadParams(f"{route.id} needs a value for {', '.join(missing)}.")
    return {slot.name: _value(slot, params.get(slot.name)) for slot in slots}


def build(route: Route, values: Mapping[str, Any], converters: Converters) -> list[str]:
    """The texts of the path's segments, not yet percent-encoded. Raises `BadParams` for ill-typed values."""
    try:
        return [text for segment in route.segments for text in _texts(segment, values, converters)]
    except BadParams as error:
        raise BadParams(f"{route.id}: {error}.") from None


def _value(slot: Slot, value: Any) -> Any:
    if value is None and slot.takes == "rest":
        return ""
    return nfc(value) if type(value) is str else value


def _texts(segment: Segment, values: Mapping[str, Any], converters: Converters) -> Iterator[str]:
    """The segments of a path that one segment of a route becomes: one, but of an optional and a catch-all."""
    if isinstance(segment, Static):
        yield segment.text
        return
    slot = segment.slots[0]
    if slot.takes == "rest":
        rest = _plain(slot, values[slot.name])
        for text in rest.split("/") if rest else ():
            yield _one(slot, text)
    elif values[slot.name] is not None:
        before, *after = segment.texts
        mixed = zip(segment.slots, after, strict=True)
        yield before + "".join(_formatted(slot, values[slot.name], converters) + text for slot, text in mixed)


def _formatted(slot: Slot, value: Any, converters: Converters) -> str:
    if not slot.converter:
        return _one(slot, _plain(slot, value))
    try:
        return _one(slot, converters[slot.converter].format(value))
    except (ValueError, TypeError) as error:
        raise BadParams(f"the parameter {slot.name} {error}".rstrip(".")) from None


def _plain(slot: Slot, value: Any) -> str:
    if not isinstance(value, str):
        what = f"the parameter {slot.name} needs text, not {type(value).__name__}"
        raise BadParams(
            what if slot.takes == "rest" else f"{what}; [{slot.name}=int] and the like take other types"
        )
    return str(value)


def _one(slot: Slot, text: str) -> str:
    if not text or "/" in text:
        raise BadParams(f"the parameter {slot.name} has an empty segment or a slash in it: {text!r}")
    return text
