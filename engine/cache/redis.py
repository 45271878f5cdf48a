"""Kept answers and sessions in Redis, which several processes share. The only module that imports redis.

An answer is under `PREFIX:answer:DIGEST`, the digests of those with a tag in the set `PREFIX:tag:TAG`. `PREFIX:purges`
counts the purges, and the set `PREFIX:needs:ROUTE` has what belongs to the keys of a route. A session is
under `PREFIX:session:ID`. While Redis cannot be reached, every answer counts as missing.
"""

from __future__ import annotations

import importlib
import json
import logging
import struct
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from secrets import token_hex
from time import monotonic
from typing import Any, TypeVar

from engine.cache.entry import Entry
from engine.cache.store import Key
from engine.http.ready import Ready

TIMEOUT = 1.0
"""Seconds that Redis may take to answer."""
REST = 5.0
"""Seconds for which Redis is not asked after it could not be reached: each attempt may take a visitor `TIMEOUT`."""
SILENCE = 60.0
"""Seconds between two lines in the log that say so."""
MEMORY = 7 * 24 * 3600
"""Seconds for which Redis knows what the keys of a route need."""
AT_ONCE = 500
HEAD = struct.Struct(">I")
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"

T = TypeVar("T")
log = logging.getLogger("engine")


class RedisStore:
    """Entries in the Redis at an `address` such as `redis://localhost:6379/0`. Its keys begin with `prefix`.

    Answers of another `version` of the site are not found. A purge reaches those of all versions.
    """

    def __init__(self, address: str, prefix: str, version: str = "") -> None:
        redis: Any = importlib.import_module("redis")
        self._error: type[Exception] = redis.RedisError
        self._raced: type[Exception] = redis.WatchError
        self._redis: Any = redis.Redis.from_url(
            address, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        )
        self._release: Any = self._redis.register_script(RELEASE)
        self._prefix = prefix
        self._version = version
        self._token = token_hex(8)
        self._asked_from = 0.0
        self._told = -SILENCE

    def get(self, key: Key) -> Entry | None:
        """The entry of a key."""
        packed = self._tried(lambda: self._redis.get(self._name("answer", self._digest(key))), None)
        return None if packed is None else unpacked(packed)

    def mark(self) -> int:
        """What another value stands for after every purge."""
        return self._tried(lambda: int(self._redis.get(self._name("purges")) or 0), -1)

    def set(self, key: Key, entry: Entry, mark: int) -> None:
        """Keep an entry, unless there was a purge since `mark`: it may be made of what was purged."""
        self._tried(lambda: self._set(self._digest(key), entry, mark), None)

    def purge(self, tags: Iterable[str] | None) -> None:
        """Drop the entries that have any of these tags; `None` drops all. Raises where Redis cannot be reached."""
        self._redis.incr(self._name("purges"))
        if tags is None:
            self._drop(self._redis.scan_iter(f"{_literal(self._prefix)}:answer:*", AT_ONCE))
            return
        for tag in tags:
            name = self._name("tag", tag)
            for members in _batches(self._redis.smembers(name)):
                # In this order, and no more of the set than these: what is kept meanwhile must stay in it.
                self._redis.srem(name, *members)
                self._drop(self._name("answer", member.decode()) for member in members)

    def needs(self, route: str) -> Iterable[str]:
        """What other processes have found to belong to the keys of a route."""
        found: Iterable[bytes] = self._tried(lambda: self._redis.smembers(self._name("needs", route)), ())
        return [need.decode() for need in found]

    def learn(self, route: str, needs: Iterable[str]) -> None:
        """Tell other processes of it."""
        self._tried(lambda: self._learn(self._name("needs", route), needs), None)

    def lock(self, key: Key, seconds: float) -> bool:
        """Take it upon this process to make an answer, for that long; false where another one has."""
        name, milliseconds = self._name("lock", self._digest(key)), int(seconds * 1000)
        return self._tried(lambda: bool(self._redis.set(name, self._token, nx=True, px=milliseconds)), True)

    def unlock(self, key: Key) -> None:
        """Let others make it, if this process still had it."""
        self._tried(
            lambda: self._release(keys=[self._name("lock", self._digest(key))], args=[self._token]), None
        )

    def _set(self, digest: str, entry: Entry, mark: int) -> None:
        seconds = max(1, int(entry.stale_until - entry.made))
        with self._redis.pipeline() as pipe:
            try:
                pipe.watch(self._name("purges"))
                if int(pipe.get(self._name("purges")) or 0) != mark:
                    return
                pipe.multi()
                pipe.set(self._name("answer", digest), packed(entry), ex=seconds)
                for tag in entry.tags:
                    name = self._name("tag", tag)
                    pipe.sadd(name, digest)
                    # The later of the two ends: a set without one counts as endless for the second.
                    pipe.expire(name, seconds, nx=True)
                    pipe.expire(name, seconds, gt=True)
                pipe.execute()
            except self._raced:
                return  # purged just now

    def read(self, id: str) -> tuple[bytes | None] | None:
        """The session of an id, if there is one; `None` where nobody knows."""
        return self._tried(lambda: (self._redis.get(self._name("session", id)),), None)

    def write(self, id: str, data: bytes, seconds: int, *, new: bool) -> bool:
        """Keep a session for so long, and say whether that was done. Unless it is `new`, it must still be there."""
        name = self._name("session", id)
        return self._tried(lambda: bool(self._redis.set(name, data, ex=seconds, xx=not new)), False)

    def delete(self, id: str) -> None:
        """Forget a session."""
        self._tried(lambda: self._redis.delete(self._name("session", id)), None)

    def _digest(self, key: Key) -> str:
        """A name for a key."""
        named = repr((self._version, key)).encode("utf-8", "surrogatepass")
        return blake2b(named, digest_size=20).hexdigest()

    def _learn(self, name: str, needs: Iterable[str]) -> None:
        self._redis.sadd(name, *needs)
        self._redis.expire(name, MEMORY)

    def _drop(self, names: Iterable[Any]) -> None:
        for some in _batches(names):
            self._redis.delete(*some)

    def _name(self, *parts: str) -> str:
        return ":".join((self._prefix, *parts))

    def _tried(self, ask: Callable[[], T], otherwise: T) -> T:
        """What Redis says, or `otherwise` while it cannot be reached."""
        now = monotonic()
        if now < self._asked_from:
            return otherwise
        try:
            return ask()
        except self._error as error:
            self._asked_from = now + REST
            if now - self._told >= SILENCE:
                self._told = now
                log.error("neither answers nor sessions are kept, because Redis fails: %s", error)
            return otherwise


def packed(entry: Entry) -> bytes:
    """An entry as bytes: the length of its head, the head in JSON, the body."""
    ready = entry.ready
    head = json.dumps([ready.status, ready.headers, *entry[1:]]).encode()
    return HEAD.pack(len(head)) + head + ready.body


def unpacked(data: bytes) -> Entry | None:
    """The entry that `packed` made these bytes of; `None` where another version of the engine did."""
    try:
        return _entry(data)
    except (ValueError, TypeError, struct.error):
        return None


def _entry(data: bytes) -> Entry:
    start = HEAD.size + HEAD.unpack_from(data)[0]
    status, headers, made, fresh_until, stale_until, tags = json.loads(data[HEAD.size : start])
    ready = Ready(data[start:], [(name, value) for name, value in headers], status=status)
    return Entry(ready, made, fresh_until, stale_until, tuple(tags))


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while some := list(islice(waiting, AT_ONCE)):
        yield some


def _literal(pattern: str) -> str:
    """A text as a pattern of Redis that means itself."""
    return "".join(f"\\{letter}" if letter in "*?[]^\\" else letter for letter in pattern)
