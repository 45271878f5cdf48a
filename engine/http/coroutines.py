"""Coroutines of a site, run by the thread that answers: WSGI has no event loop."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")


def blocking(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function`; one that is `async` is run to its end in an event loop of its own, in the context of its caller."""
    if not inspect.iscoroutinefunction(function):
        return function
    from asyncio import run  # noqa: PLC0415  few sites need it, and it takes as long to import as Jinja2

    @wraps(function)
    def to_the_end(*args: Any, **kwargs: Any) -> Any:
        return run(function(*args, **kwargs))

    return to_the_end


def in_turn(source: AsyncIterator[T]) -> Iterator[T]:
    """What an asynchronous iterator gives, each when it is asked for."""
    from asyncio import Runner  # noqa: PLC0415

    with Runner() as runner:
        try:
            while True:
                try:
                    item = runner.run(_next(source))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if (close := getattr(source, "aclose", None)) is not None:
                runner.run(close())


async def _next(source: AsyncIterator[T]) -> T:
    return await anext(source)
