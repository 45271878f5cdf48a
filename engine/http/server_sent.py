"""Server-sent events: a response that goes on, which pages read by `EventSource` (HTML standard, §9.2)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from contextvars import copy_context
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, NamedTuple

from engine.errors import Fault, SiteError
from engine.http import json
from engine.http.context import here
from engine.http.coroutines import in_turn
from engine.http.outgoing import Response

TYPE = "text/event-stream; charset=utf-8"
HEARTBEAT = 15.0
"""Seconds after which a silent stream says that it is still there: proxies commonly end one after 30 or 60."""
_LINES = re.compile("\r\n|\r|\n")
_BREAKS = re.compile("[\r\n\0]")


class ServerSentEvent(NamedTuple):
    """One event. `data` is text, or becomes JSON. A browser that lost its connection says the last `id` that it heard
    in the header `Last-Event-ID`. `retry` is in milliseconds: how long it waits before."""

    data: Any = None
    event: str = ""
    id: str | int = ""
    retry: int | None = None

    def encode(self) -> bytes:
        """The event on the wire. Raises `ValueError` for an `event` or an `id` with a line break."""
        fields = [
            ("event", self.event),
            ("id", str(self.id)),
            ("retry", "" if self.retry is None else str(self.retry)),
        ]
        for name, value in fields:
            if _BREAKS.search(value):
                raise ValueError(f"the {name} of a server-sent event cannot hold a line break: {value!r}")
        lines = [f"{name}: {value}" for name, value in fields if value]
        if self.data is not None:
            text = self.data if isinstance(self.data, str) else json.encode(self.data).decode()
            lines += [f"data: {line}" for line in _LINES.split(text)]
        return "".join(f"{line}\n" for line in [*lines, ""]).encode()


def event_stream(events: Iterable[Any] | AsyncIterator[Any], *, heartbeat: float = HEARTBEAT) -> Response:
    """A response that sends each of `events` when it comes: a `ServerSentEvent`, or its data; `None` sends nothing.

    After `heartbeat` seconds of silence a comment is sent, which also shows whether the visitor is still there; with 0
    there is none. Once the visitor has gone, a generator is closed as soon as it gives its next event. Until then
    `request`, `session` and `g` work in it. Each stream takes a thread of the server.
    """
    context = here("event_stream")
    if context.trace is not None and context.trace.reports:
        what, hint = "a stream of events has no end that could be frozen", "Say `freeze = False`"
        raise SiteError(Fault("freeze-stream", context.endpoint.source, what, hint))
    response = Response(_Stream(events, heartbeat), content_type=TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep events back until it has a page full
    return response


def _encoded(events: Iterable[Any] | AsyncIterator[Any]) -> Iterator[bytes]:
    source = in_turn(events) if isinstance(events, AsyncIterator) else iter(events)
    try:
        for event in source:
            if isinstance(event, ServerSentEvent):
                yield event.encode()
            else:
                yield b"" if event is None else ServerSentEvent(event).encode()
    finally:
        if (close := getattr(source, "close", None)) is not None:
            close()


class _Stream(Iterator[bytes]):
    """Events from a thread of their own, so that the server's can say in the meantime that it is still there."""

    def __init__(self, events: Iterable[Any] | AsyncIterator[Any], heartbeat: float) -> None:
        context = here("event_stream")
        context.hold()
        self._context = context
        self._source = _encoded(events)
        self._within = copy_context()
        self._heartbeat = heartbeat or None
        self._made: Queue[bytes | BaseException | None] = Queue(1)
        self._gone = Event()
        self._begun = False

    def __next__(self) -> bytes:
        if not self._begun:
            self._begun = True
            Thread(target=self._within.run, args=(self._make,), daemon=True).start()
        try:
            made = self._made.get(timeout=self._heartbeat)
        except Empty:
            return b":\n\n"
        if isinstance(made, bytes):
            return made
        self._gone.set()
        raise made or StopIteration

    def close(self) -> None:
        """Let it end. A server calls this when the visitor has gone."""
        self._gone.set()
        if not self._begun:
            self._begun = True
            self._within.run(self._end)
        elif not self._made.empty():
            self._made.get()  # what it made last, or it would wait for ever to make more

    def _make(self) -> None:
        last = None
        try:
            for event in self._source:
                if event:
                    self._made.put(event)
                if self._gone.is_set():
                    break
        except BaseException as error:
            last = error
            if isinstance(error, Exception):
                self._context.failure = error
        try:
            self._end()
        finally:
            if not self._gone.is_set():
                self._made.put(last)

    def _end(self) -> None:
        try:
            self._source.close()  # type: ignore[attr-defined]
        finally:
            self._context.release()
