"""Code that runs in the context of a request after its handler has returned: streams, and other threads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextvars import copy_context
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

from engine.http.context import here
from engine.http.coroutines import blocking, in_turn

T = TypeVar("T")
P = ParamSpec("P")
Source = Iterable[T] | AsyncIterator[T]


@overload
def stream_with_context(source: Source[T]) -> Iterator[T]: ...
@overload
def stream_with_context(source: Callable[P, Source[T]]) -> Callable[P, Iterator[T]]: ...
def stream_with_context(source: Any) -> Any:
    """A body that is made while it is sent, by code that uses `request`, `session` or `g`.

    Takes an iterable, or decorates a generator function; both may be asynchronous. Files of the request stay open, and
    `teardown_request` waits, until the body has ended. What it changes in the session is lost, as the headers have been
    sent.
    """
    if not isinstance(source, Iterable | AsyncIterator):

        @wraps(source)
        def decorated(*args: Any, **kwargs: Any) -> Iterator[Any]:
            return _Stream(source(*args, **kwargs))

        return decorated
    return _Stream(source)


class _Stream(Iterator[T]):
    """Runs an iterator in the context in which it was made."""

    def __init__(self, source: Source[T]) -> None:
        context = here("stream_with_context")
        context.hold()
        self._context = context
        self._release: Callable[[], None] | None = context.release
        self._source = in_turn(source) if isinstance(source, AsyncIterator) else iter(source)
        self._run = copy_context().run

    def __next__(self) -> T:
        try:
            return self._run(next, self._source)
        except StopIteration:
            self.close()  # a test may read to the end and close nothing
            raise
        except Exception as error:
            self._context.failure = error
            self.close()
            raise

    def close(self) -> None:
        """End it, wherever it is. A server calls this also where the visitor has gone."""
        release, self._release = self._release, None
        if release is None:
            return
        try:
            self._run(getattr(self._source, "close", _nothing))
        finally:
            self._run(release)


def _nothing() -> None:
    pass


def copy_current_request_context(function: Callable[P, T]) -> Callable[P, T]:
    """`function`, which may then be called in another thread and sees this request there.

    A coroutine is run to its end in that thread. The request is the same object: read from it what may have ended when
    the thread runs, such as its files, before.
    """
    here("copy_current_request_context")
    context = copy_context()
    call: Callable[P, T] = blocking(function)

    @wraps(call)
    def within(*args: P.args, **kwargs: P.kwargs) -> T:
        return context.copy().run(call, *args, **kwargs)

    return within
