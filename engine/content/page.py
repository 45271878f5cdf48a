"""A page as templates see it. What its author wrote is checked here, once, at load."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup

from engine.errors import Fault
from engine.source.files import SourceFile
from engine.source.frontmatter import FrontMatter


class Body(Protocol):
    """The rendered body of a page, as the renderer makes it."""

    @property
    def html(self) -> str: ...
    @property
    def toc(self) -> tuple[Any, ...]: ...
    @property
    def summary(self) -> str: ...
    @property
    def words(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The pages before and after a page in its directory."""

    prev: Page | None
    next: Page | None


class Page:
    """One page: where it stands, what its author wrote about it, and its body, rendered when first asked for.

    `path` is the URL path without the site's prefix, `url` the one to link to. Any front-matter key that is
    not an attribute is one: `page.author` is `page.meta["author"]`.
    """

    __slots__ = ("_body", "_neighbours", "directory", "meta", "path", "source", "title", "url")

    def __init__(
        self,
        *,
        source: SourceFile,
        directory: str,
        path: str,
        url: str,
        meta: Mapping[str, Any],
        title: str,
        body: Callable[[Page], Body],
        neighbours: Callable[[Page], Neighbours],
    ) -> None:
        self.source = source
        self.directory = directory
        self.path = path
        self.url = url
        self.meta = meta
        self.title = title
        self._body = body
        self._neighbours = neighbours

    def __repr__(self) -> str:
        return f"<Page {self.path} from {self.source.path}>"

    def __getattr__(self, name: str) -> Any:
        try:
            return self.meta[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def date(self) -> dt.date | None:
        date: dt.date | None = self.meta.get("date")
        return date

    @property
    def updated(self) -> dt.date | None:
        updated: dt.date | None = self.meta.get("updated", self.date)
        return updated

    @property
    def tags(self) -> tuple[str, ...]:
        tags: tuple[str, ...] = self.meta.get("tags", ())
        return tags

    @property
    def draft(self) -> bool:
        return bool(self.meta.get("draft"))

    @property
    def content(self) -> Markup:
        return Markup(self._body(self).html)

    @property
    def summary(self) -> Markup:
        return Markup(self._body(self).summary)

    @property
    def toc(self) -> tuple[Any, ...]:
        return self._body(self).toc

    @property
    def words(self) -> int:
        return self._body(self).words

    @property
    def prev(self) -> Page | None:
        return self._neighbours(self).prev

    @property
    def next(self) -> Page | None:
        return self._neighbours(self).next


def title_of(meta: Mapping[str, Any], body: str, path: str) -> str:
    """The title that the author gave, else the heading that the body begins with, else one made of the path."""
    given = meta.get("title")
    if given is not None:
        return str(given)
    if heading := re.match(r"\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)|\s*([^\n]+)\n=+[ \t]*(?:\n|$)", body):
        return re.sub(r"[*_`]|\[([^\]]*)\]\([^)]*\)", r"\1", heading[1] or heading[2]).strip()
    name = path.rstrip("/").rpartition("/")[2]
    return re.sub(r"[-_]+", " ", name).strip().capitalize()


def _text(value: Any) -> str | None:
    return (
        str(value) if isinstance(value, (str, int, float, dt.date)) and not isinstance(value, bool) else None
    )


def _date(value: Any) -> dt.date | None:
    return value if isinstance(value, dt.date) else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> tuple[str, ...] | None:
    """A list of texts; one text is a list of those between its commas; nothing is an empty list."""
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, list):
        return None
    texts = [_text(item) for item in value if item is not None]
    return None if None in texts else tuple(text for text in texts if text is not None)


def _layout(value: Any) -> str | bool | None:
    return value if isinstance(value, str) or value is False else None


def _number(value: Any) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


KEYS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "title": (_text, "text"),
    "description": (_text, "text"),
    "date": (_date, "a date like 2026-01-31, or a time like 2026-01-31T09:30:00Z"),
    "updated": (_date, "a date like 2026-01-31, or a time like 2026-01-31T09:30:00Z"),
    "tags": (_texts, "a list of texts"),
    "aliases": (_texts, "a list of paths"),
    "draft": (_flag, "true or false"),
    "freeze": (_flag, "true or false"),
    "layout": (_layout, "the name of a template, or false"),
    "render": (lambda value: value if value in ("jinja", "markdown") else None, '"jinja" or "markdown"'),
    "trust": (lambda value: value if value in ("author", "untrusted") else None, '"author" or "untrusted"'),
    "weight": (_number, "a number"),
}


ENGINE_KEYS = frozenset(KEYS)
"""The front-matter keys that the engine itself understands; a section's schema need not name them."""


def check_keys(matter: FrontMatter, file: str) -> tuple[dict[str, Any], list[Fault]]:
    """The front matter with the engine's own keys in their types, and a fault for each that is of another."""
    values = dict(matter.values)
    faults: list[Fault] = []
    for key in KEYS.keys() & values.keys():
        read, kind = KEYS[key]
        if values[key] is None and key not in ("tags", "aliases"):
            del values[key]
        elif (good := read(values[key])) is not None:
            values[key] = good
        else:
            line, column = matter.place(key) or (None, None)
            faults.append(
                Fault(
                    "front-matter-type",
                    file,
                    f"`{key}` must be {kind}, not {values[key]!r}",
                    "",
                    line,
                    column,
                )
            )
    return values, faults
