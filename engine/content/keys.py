"""The front-matter keys that the engine itself understands, each with its type: checked once, at load."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

from engine.cache.rule import A_DURATION, read_duration
from engine.errors import Fault
from engine.source.document import shown
from engine.source.frontmatter import FrontMatter
from engine.source.scalars import BadDate, read_date

Spelling = Callable[..., str | None]
"""The scalar at a path below the key, as the author wrote it; `None` where the format does not tell."""


def _text(value: Any, spelling: Spelling) -> str | None:
    """A text; of what YAML made a number, a date or a bool, the text as written: `1.10`, `007`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return spelling()
    return spelling() or str(value) if isinstance(value, (int, float, dt.date)) else None


def _date(value: Any, _: Spelling) -> dt.date | None:
    if not isinstance(value, str):
        return value if isinstance(value, dt.date) else None
    try:
        return read_date(value)
    except BadDate:
        return None


def _flag(value: Any, _: Spelling) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any, spelling: Spelling) -> tuple[str, ...] | None:
    """A list of texts; one text is a list of those between its commas; nothing is an empty list."""
    if value is None:
        return ()
    if not isinstance(value, list):
        text = _text(value, spelling)
        return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())
    if all([isinstance(item, str) for item in value]):
        return tuple(value)
    texts = [_text(item, partial(spelling, at)) for at, item in enumerate(value) if item is not None]
    return None if None in texts else tuple(text for text in texts if text is not None)


def _layout(value: Any, _: Spelling) -> str | bool | None:
    return value if isinstance(value, str) or value is False else None


def _number(value: Any, _: Spelling) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _render(value: Any, _: Spelling) -> str | None:
    return value if value in ("jinja", "markdown") else None


def _trust(value: Any, _: Spelling) -> str | None:
    return value if value in ("author", "untrusted") else None


def _cache(value: Any, _: Spelling) -> str | bool | None:
    return value if value is False or read_duration(value) is not None else None


_A_DATE = "a date like 2026-01-31, or a time like 2026-01-31T09:30:00Z"

KEYS: dict[str, tuple[Callable[[Any, Spelling], Any], str]] = {
    "title": (_text, "text"),
    "description": (_text, "text"),
    "cache": (_cache, f"{A_DURATION}, or false"),
    "csrf": (_flag, "true or false"),
    "date": (_date, _A_DATE),
    "updated": (_date, _A_DATE),
    "tags": (_texts, "a list of texts"),
    "aliases": (_texts, "a list of paths"),
    "draft": (_flag, "true or false"),
    "freeze": (_flag, "true or false"),
    "layout": (_layout, "the name of a template, or false"),
    "render": (_render, '"jinja" or "markdown"'),
    "trust": (_trust, '"author" or "untrusted"'),
    "weight": (_number, "a number"),
}

ENGINE_KEYS = frozenset(KEYS)
"""What a section's schema need not name."""


def check_keys(matter: FrontMatter, file: str) -> tuple[dict[str, Any], list[Fault]]:
    """The front matter with the engine's own keys in their types, and a fault for each that is of another."""
    values = dict(matter.values)
    faults: list[Fault] = []
    for key in KEYS.keys() & values.keys():
        read, kind = KEYS[key]
        value = values[key]
        if value is None and key not in ("tags", "aliases"):
            del values[key]
        elif (good := read(value, partial(matter.text, key))) is not None:
            values[key] = good
        else:
            what = f"`{key}` must be {kind}, not {shown(repr(value))}"
            faults.append(Fault("front-matter-type", file, what, "", *(matter.place(key) or (None, None))))
    return values, faults
