"""A page of what a query finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine import abort, request

T = TypeVar("T")
PER_PAGE = 20
MOST = 100
NUMBER = re.compile("[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Pagination(Generic[T]):
    """The items of page `page`, counted from 1, of `total` in all. It is iterable."""

    items: Sequence[T]
    page: int
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; one if there is nothing."""
        return max(1, -(-self.total // self.per_page))

    @property
    def has_prev(self) -> bool:
        return self.page > 1

    @property
    def has_next(self) -> bool:
        return self.page < self.pages

    @property
    def prev_num(self) -> int | None:
        """The number of the page before; `None` on the first."""
        return self.page - 1 if self.has_prev else None

    @property
    def next_num(self) -> int | None:
        """The number of the next page; `None` on the last."""
        return self.page + 1 if self.has_next else None

    @property
    def first(self) -> int:
        """The number of the first item, from 1; 0 if there is none."""
        return (self.page - 1) * self.per_page + 1 if self.items else 0

    @property
    def last(self) -> int:
        """The number of the last item, from 1; 0 if there is none."""
        return self.first + len(self.items) - 1 if self.items else 0

    def iter_pages(self, *, edge: int = 1, around: int = 2) -> Iterator[int | None]:
        """The numbers of the pages to link to, `None` for each gap: `edge` at both ends, `around` on each side."""
        before, pages = 0, self.pages
        ends = (range(1, edge + 1), range(pages - edge + 1, pages + 1))
        near = range(self.page - around, self.page + around + 1)
        shown = {number for numbers in (*ends, near) for number in numbers if 1 <= number <= pages}
        for number in sorted(shown):
            if number > before + 1:
                yield None
            yield number
            before = number
        if before < pages:
            yield None

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def asked(page: int | None, per_page: int | None, most: int) -> tuple[int, int]:
    """The number of the page and of the items on one, as they are given, else as the query of the request says.

    The query is not read for a page that is given, so that such a page can be frozen. Aborts with 404 for no numbers.
    """
    if page is None:
        page = _queried("page", 1)
        per_page = per_page or _queried("per_page", PER_PAGE)
    if page < 1:
        abort(404)
    return page, max(1, min(per_page or PER_PAGE, most))


def _queried(name: str, default: int) -> int:
    text = request.args.get(name)
    if text is None:
        return default
    if not NUMBER.fullmatch(text):
        abort(404)
    return int(text)
