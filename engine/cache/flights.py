"""Of many requests for one missing answer, one makes it and the others wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from engine.cache.store import Key


class Flights:
    """The answers that are being made in this process, by key."""

    def __init__(self) -> None:
        self._events: dict[Key, Event] = {}
        self._lock = Lock()

    def begin(self, key: Key) -> Event | None:
        """`None` for who makes the answer, and must `end` it; else what is set at its end."""
        with self._lock:
            if (event := self._events.get(key)) is None:
                self._events[key] = Event()
            return event

    def end(self, key: Key) -> None:
        """Let those go on who wait."""
        with self._lock:
            event = self._events.pop(key)
        event.set()

    @contextmanager
    def ending(self, key: Key) -> Iterator[None]:
        """Within, the answer is made."""
        try:
            yield
        finally:
            self.end(key)

    def __len__(self) -> int:
        return len(self._events)
