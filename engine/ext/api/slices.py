"""Long lists in parts: `Paging` says which part is asked for, a `Slice` is one part with links to those beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from pydantic import BaseModel, Field

from engine import request

T = TypeVar("T")


class Slice(Generic[T]):
    """A part of a list. `next` and `prev` are what changes in the query to ask for the part after and before it.

    `total` counts the whole list, where that is known. `get() -> Slice[Post]` sends these as an object, and the links
    as a header too (RFC 8288).
    """

    def __init__(
        self,
        items: Iterable[T],
        *,
        total: int | None = None,
        next: Mapping[str, Any] | None = None,
        prev: Mapping[str, Any] | None = None,
    ) -> None:
        self.items = list(items)
        self.total = total
        self.next = _address(next)
        self.prev = _address(prev)

    @property
    def links(self) -> str:
        """The header `Link`, empty where nothing is beside."""
        beside = {"next": self.next, "prev": self.prev}
        return ", ".join(f'<{url}>; rel="{name}"' for name, url in beside.items() if url)


class SliceOf(BaseModel, Generic[T]):
    """A part of a list, with the addresses of the parts beside it."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """`SliceOfPost`: what the document calls it."""
        (kind,) = params
        return cls.__name__ + re.sub(r"\W", "", kind.__name__ if isinstance(kind, type) else str(kind))

    items: list[T]
    total: Annotated[int | None, Field(description="How many there are in all, where that is known.")]
    next: Annotated[str | None, Field(description="The address of the part after this one.")]
    prev: Annotated[str | None, Field(description="The address of the part before this one.")]


class Paging(BaseModel):
    """A query that says which part of a list is asked for. A class below it may add filters, or another `limit`."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many to send at most.")] = 20
    offset: Annotated[int, Field(ge=0, le=1_000_000, description="How many to leave out before.")] = 0

    def of(self, every: Sequence[T]) -> Slice[T]:
        """The part of a whole list."""
        return self.part(every[self.offset : self.offset + self.limit + 1], total=len(every))

    def part(self, found: Sequence[T], *, total: int | None = None) -> Slice[T]:
        """The slice of what was found from `offset` on. One more than `limit` tells that there are more."""
        before = max(0, self.offset - self.limit)
        return Slice(
            found[: self.limit],
            total=total,
            next={"offset": self.offset + self.limit, "limit": self.limit}
            if len(found) > self.limit
            else None,
            prev={"offset": before, "limit": self.limit} if self.offset else None,
        )


def _address(changes: Mapping[str, Any] | None) -> str | None:
    """The address of this request with another query."""
    if changes is None:
        return None
    kept = [(name, text) for name, text in request.args.items(multi=True) if name not in changes]
    query = urlencode([*kept, *((name, str(value)) for name, value in changes.items())])
    return f"{quote(request.root_path + request.path, safe='/:@!$&()*+,;=~')}?{query}"
