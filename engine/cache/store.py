"""Where kept answers are: what a store does, and the one in the memory of a process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Protocol

from engine.cache.entry import Entry

BUDGET = 64 * 1024 * 1024
"""Bytes that are kept; beyond that what was used least recently goes."""

Key = tuple[str | None, ...]


class Store(Protocol):
    """Keeps entries by their keys. All but `purge` answer as if there was nothing where the store cannot be reached."""

    def get(self, key: Key) -> Entry | None:
        """The entry of a key, which now counts as used."""

    def mark(self) -> int:
        """What another value stands for after every purge."""

    def set(self, key: Key, entry: Entry, mark: int) -> None:
        """Keep an entry, unless there was a purge since `mark`: it may be made of what was purged."""

    def purge(self, tags: Iterable[str] | None) -> None:
        """Drop the entries that have any of these tags; `None` drops all."""

    def needs(self, route: str) -> Iterable[str]:
        """What other processes have found to belong to the keys of a route."""

    def learn(self, route: str, needs: Iterable[str]) -> None:
        """Tell other processes of it."""

    def lock(self, key: Key, seconds: float) -> bool:
        """Take it upon this process to make an answer, for that long; false where another one has."""

    def unlock(self, key: Key) -> None:
        """Let others make it."""


class MemoryStore:
    """Entries of one process, at most `budget` bytes of them."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._keys: dict[str, set[Key]] = {}  # by tag
        self._budget = self._left = budget
        self._purges = 0
        self._lock = Lock()

    def get(self, key: Key) -> Entry | None:
        """The entry of a key, which now counts as used."""
        entry = self._entries.get(key)
        if entry is not None:
            try:
                self._entries.move_to_end(key)
            except KeyError:  # another thread has dropped it
                return None
        return entry

    def mark(self) -> int:
        """What another value stands for after every purge."""
        return self._purges

    def set(self, key: Key, entry: Entry, mark: int) -> None:
        """Keep an entry, unless there was a purge since `mark`: it may be made of what was purged."""
        with self._lock:
            size = _size(key, entry)
            if mark == self._purges and size <= self._budget:
                self._drop(key)
                self._entries[key] = entry
                self._left -= size
                for tag in entry.tags:
                    self._keys.setdefault(tag, set()).add(key)
                while self._left < 0:
                    self._drop(next(iter(self._entries)))

    def purge(self, tags: Iterable[str] | None) -> None:
        """Drop the entries that have any of these tags; `None` drops all."""
        with self._lock:
            self._purges += 1
            keys = (
                list(self._entries)
                if tags is None
                else [key for tag in tags for key in self._keys.get(tag, ())]
            )
            for key in keys:
                self._drop(key)

    def needs(self, route: str) -> Iterable[str]:
        """Nobody else can see what this process keeps."""
        return ()

    def learn(self, route: str, needs: Iterable[str]) -> None:
        """There is nobody to tell."""

    def lock(self, key: Key, seconds: float) -> bool:
        """Nobody else can see what this process keeps."""
        return True

    def unlock(self, key: Key) -> None:
        """There is no lock."""

    def _drop(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._left += _size(key, entry)
        for tag in entry.tags:
            keys = self._keys[tag]
            keys.discard(key)
            if not keys:
                del self._keys[tag]


def _size(key: Key, entry: Entry) -> int:
    """Bytes that an entry takes under a key, which holds a query and headers of any length."""
    return entry.size + sum(len(part) for part in key if part)
