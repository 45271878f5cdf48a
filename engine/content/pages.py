"""A collection of pages that can be asked: `under`, `where`, `sort`, `group`, slices. It never changes.

A collection knows by which questions it came from the pages of the site. Whoever looks at its pages depends on the
answer to them; so a page that shows the five newest posts depends on those five, not on all.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar, overload

from engine.content.page import Neighbours, Page
from engine.trace import depend, is_collecting

T = TypeVar("T")
Question = tuple[tuple[Any, ...], ...]
"""Steps from the pages of the site, each the name of a method and its arguments."""
PLAIN = (str, int, float, type(None))

MOST_ANSWERS = 1000
"""Answers that are kept for one collection: questions may come from visitors, and there is no end of those."""


class Group(NamedTuple):
    """The pages that share one value."""

    key: Any
    pages: Pages


class Pages(Sequence[Page]):
    """Pages in a fixed order. Each question gives a new collection, and the same question the same one.

    Answers are kept, so that a layout that asks for the newest posts costs a large site one sort, not one a page.
    """

    __slots__ = ("_answers", "_pages", "question")

    def __init__(self, pages: Iterable[Page], question: Question | None = ()) -> None:
        self._pages = tuple(pages)
        self._answers: dict[Any, Any] = {}
        self.question = question
        """How to come here from the pages of the site; `None` where whoever asked depends on all that went in."""

    def __len__(self) -> int:
        self._depend("count")
        return len(self._pages)

    def __iter__(self) -> Iterator[Page]:
        self._depend("pages")
        return iter(self._pages)

    @overload
    def __getitem__(self, index: int) -> Page: ...
    @overload
    def __getitem__(self, index: slice) -> Pages: ...
    def __getitem__(self, index: int | slice) -> Page | Pages:
        if isinstance(index, int):
            self._depend("page-at", index)
            return self._pages[index]
        step = ("slice", index.start, index.stop, index.step)
        return self._collection(step, lambda: self._pages[index])

    def __repr__(self) -> str:
        return f"<Pages: {len(self)}>"

    def asked(self, question: Question) -> Pages:
        """The collection to which the steps of a question lead from here."""
        pages: Pages = self
        for name, *arguments in question:
            pages = _STEPS[name](pages, *arguments)
        return pages

    def get(self, path: str) -> Page | None:
        """The page at a URL path (`/blog/hello/`, with or without its last slash) or of a source."""
        self._depend("page-for", path)
        index: dict[str, Page] = self._kept("index", lambda: _index(self._pages))
        return index.get(path) or index.get(path.rstrip("/"))

    def under(self, path: str) -> Pages:
        """The pages below a URL path, not the page at it: `pages.under("/blog")`."""
        prefix = path.rstrip("/") + "/"
        return self._collection(
            ("under", prefix),
            lambda: (
                page for page in self._range(prefix) if page.path.startswith(prefix) and page.path != prefix
            ),
        )

    def where(self, test: Callable[[Page], bool] | None = None, /, **fields: Any) -> Pages:
        """The pages for which `test` holds and whose fields have these values; a list field must contain the value."""
        if test is not None:
            # A test is a new function at each call, which nobody asks with again.
            return Pages(filter(test, self), None).where(**fields)
        if not fields:
            return self
        tests = [_equals(name, value) for name, value in fields.items()]
        return self._collection(
            ("where", *fields.items()), lambda: (page for page in self._pages if all(t(page) for t in tests))
        )

    def sort(self, *keys: str) -> Pages:
        """The pages by these fields, `-` before a name for the reverse; pages without the field come last."""

        def answer() -> list[Page]:
            pages = list(self._pages)
            for key in reversed(keys):
                pages = _sorted(pages, key.lstrip("-"), key.startswith("-"))
            return pages

        return self._collection(("sort", *keys), answer)

    def group(self, key: str) -> tuple[Group, ...]:
        """The pages by the value of a field (`"tags"`, `"date.year"`), in the order of the values.

        A page with a list of values is in a group of each; a page without a value is in none.
        """
        self._depend("groups", key)
        return self._kept(("group", key), lambda: tuple(self._groups(key)))

    def neighbours(self, page: Page) -> Neighbours:
        """The older and the newer page of the same directory; where there are no dates, by weight and then by path."""
        table: dict[str, Neighbours] = self._kept("neighbours", lambda: _neighbours(self._pages))
        return table.get(page.path, ALONE)

    def _range(self, prefix: str) -> Sequence[Page]:
        """The part of the pages that can begin with `prefix`: found by bisection where they stand in path order."""
        paths: list[str] | None = self._kept("paths", lambda: _ordered_paths(self._pages))
        if paths is None:
            return self._pages
        return self._pages[bisect_left(paths, prefix) : bisect_left(paths, prefix[:-1] + "0")]

    def _collection(self, step: tuple[Any, ...], answer: Callable[[], Iterable[Page]]) -> Pages:
        """The collection that one step leads to."""
        if self.question is not None and _is_plain(step):
            question: Question | None = (*self.question, step)
            return self._kept(step, lambda: Pages(answer(), question))
        self._depend("pages")
        return self._kept(step, lambda: Pages(answer(), None))

    def _groups(self, key: str) -> Iterator[Group]:
        """The groups by a field. A group is known by its value, where that means the same in another load."""
        members = _members(self._pages, key)
        plain = self.question is not None and all(isinstance(item, (*PLAIN, date)) for item in members)
        if not plain:
            self._depend("pages")
        for item in sorted(members, key=_order):
            question = (*(self.question or ()), ("group", key, repr(item))) if plain else None
            yield Group(item, Pages(members[item], question))

    def _group(self, key: str, item: str) -> Pages:
        """The group whose value is written `item`; empty where there is none."""
        groups = (group.pages for group in self.group(key) if repr(group.key) == item)
        return next(groups, Pages(()))

    def _depend(self, kind: str, *about: Any) -> None:
        if self.question is not None and is_collecting():
            depend(kind, self.question, *about)

    def _kept(self, question: Any, answer: Callable[[], T]) -> T:
        try:
            kept: T = self._answers[question]
        except KeyError:
            kept = answer()
            if len(self._answers) >= MOST_ANSWERS:
                # Others may have gone through all pages, as the newest posts, and are asked again and again.
                self._answers = {it: old for it, old in self._answers.items() if it[0] != question[0]}
            self._answers[question] = kept
        except TypeError:  # an unhashable value in the question
            return answer()
        return kept


ALONE = Neighbours(None, None)


def _index(pages: Iterable[Page]) -> dict[str, Page]:
    index: dict[str, Page] = {}
    for page in pages:
        for key in (page.source.path, page.path, page.path.rstrip("/")):
            index.setdefault(key, page)
    return index


def _ordered_paths(pages: Sequence[Page]) -> list[str] | None:
    paths = [page.path for page in pages]
    return paths if all(a <= b for a, b in pairwise(paths)) else None


def _value(page: Page, key: str) -> Any:
    value: Any = page
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
    return value


def _equals(name: str, wanted: Any) -> Callable[[Page], bool]:
    def test(page: Page) -> bool:
        value = _value(page, name.replace("__", "."))
        return value == wanted or (isinstance(value, (list, tuple)) and wanted in value)

    return test


def _order(value: Any) -> tuple[str, Any]:
    """A key by which values of different types can stand in one order."""
    if isinstance(value, datetime):
        return ("date", (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp())
    if isinstance(value, date):
        return ("date", datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
    if isinstance(value, (bool, int, float)):
        return ("number", value)
    return ("text", str(value))


def _sorted(pages: list[Page], key: str, reverse: bool) -> list[Page]:
    have = [page for page in pages if _value(page, key) is not None]
    lack = [page for page in pages if _value(page, key) is None]
    return sorted(have, key=lambda page: _order(_value(page, key)), reverse=reverse) + lack


def _members(pages: Iterable[Page], key: str) -> dict[Any, list[Page]]:
    members: dict[Any, list[Page]] = {}
    for page in pages:
        value = _value(page, key)
        for item in dict.fromkeys(value) if isinstance(value, (list, tuple)) else [value]:
            if item is not None:
                members.setdefault(item, []).append(page)
    return members


_STEPS: dict[str, Callable[..., Pages]] = {
    "slice": lambda pages, *bounds: pages[slice(*bounds)],
    "under": Pages.under,
    "where": lambda pages, *fields: pages.where(**dict(fields)),
    "sort": Pages.sort,
    "group": Pages._group,
}
"""What the name of a step stands for."""


def _is_plain(value: Any) -> bool:
    """Whether an argument means the same in another load of the site."""
    return all(map(_is_plain, value)) if type(value) is tuple else isinstance(value, PLAIN)


def _neighbours(pages: Iterable[Page]) -> dict[str, Neighbours]:
    siblings: dict[str, list[Page]] = {}
    for page in pages:
        siblings.setdefault(page.directory, []).append(page)
    table = {}
    for group in siblings.values():
        ordered = sorted((page for page in group if not _is_index(page)), key=_standing)
        for before, page, after in zip([None, *ordered], ordered, [*ordered[1:], None], strict=False):
            table[page.path] = Neighbours(before, after)
    return table


def _is_index(page: Page) -> bool:
    return page.source.name.startswith("index.")


def _standing(page: Page) -> tuple[Any, ...]:
    when = page.date
    return (when is not None, _order(when) if when else ("", 0), page.meta.get("weight", 0), page.path)
