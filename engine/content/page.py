"""A page as templates see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup

from engine.source.files import SourceFile
from engine.trace import depend


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


class Maker(Protocol):
    """Makes what a page is asked for and does not hold."""

    def body(self, page: Page) -> Body: ...
    def neighbours_of(self, page: Page) -> Neighbours: ...


class Page:
    """One page: where it stands, what its author wrote about it, and its body, rendered when first asked for.

    `path` is the URL path without the site's prefix, `url` the one to link to. Any front-matter key that is
    not an attribute is one: `page.author` is `page.meta["author"]`. `head` tells its front matter from any other.
    """

    __slots__ = (
        *("_maker", "body_digest", "directory", "head"),
        *("meta", "path", "source", "title", "url"),
    )

    def __init__(
        self,
        *,
        source: SourceFile,
        directory: str,
        path: str,
        url: str,
        meta: Mapping[str, Any],
        title: str,
        body_digest: bytes,
        head: bytes,
        maker: Maker,
    ) -> None:
        self.source = source
        self.directory = directory
        self.path = path
        self.url = url
        self.meta = meta
        self.title = title
        self.body_digest = body_digest
        self.head = head
        self._maker = maker

    def __repr__(self) -> str:
        return f"<Page {self.path} from {self.source.path}>"

    def __getattr__(self, name: str) -> Any:
        try:
            return self.meta[name]
        except KeyError:
            raise AttributeError(name) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, tuple(getattr(self, name) for name in self.__slots__)

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
        return Markup(self._maker.body(self).html)

    @property
    def summary(self) -> Markup:
        return Markup(self._maker.body(self).summary)

    @property
    def toc(self) -> tuple[Any, ...]:
        return self._maker.body(self).toc

    @property
    def words(self) -> int:
        return self._maker.body(self).words

    @property
    def prev(self) -> Page | None:
        depend("neighbour", self.source.path, "prev")
        return self._maker.neighbours_of(self).prev

    @property
    def next(self) -> Page | None:
        depend("neighbour", self.source.path, "next")
        return self._maker.neighbours_of(self).next


def restored(*values: Any) -> Page:
    """A page that was pickled."""
    page = Page.__new__(Page)
    for name, value in zip(Page.__slots__, values, strict=True):
        setattr(page, name, value)
    return page
