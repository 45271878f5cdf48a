"""The kept answers of a site: found, made once for all who wait, made again in time, purged.

fresh → sent;  stale → sent, and one thread makes another;  missing → one makes it, the others wait
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from threading import Thread
from time import monotonic, sleep, time
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from engine.cache.cover import NOTHING, Needs, key_of
from engine.cache.entry import Entry
from engine.cache.flights import Flights
from engine.cache.rule import Rule
from engine.cache.store import Key, Store
from engine.http.conditional import Environ
from engine.http.prefix import without_prefix
from engine.http.ready import Ready
from engine.http.response import Response

PATIENCE = 10.0
"""Seconds that a request waits for the answer that another one makes; then it makes its own."""
PASS = 10.0
"""Seconds for which nobody waits for an answer that turned out not to be one to keep."""
POLL = 0.02
"""Seconds between two looks for an answer that another process makes."""
MOST_PASSES = 10_000
RENEWING = 8
"""Threads that make stale answers anew at the same time."""

log = logging.getLogger("engine")


class Asked(NamedTuple):
    """A GET or a HEAD for a page with a rule. `path` is that of the URL, below the site's prefix.

    A `guarded` page has hooks before it, so that its answer is for this server alone to keep.
    """

    environ: Environ
    path: str
    route: str
    rule: Rule
    guarded: bool


class Made(NamedTuple):
    """A new answer, and what must be part of its key; `None` where it cannot be kept."""

    response: Response
    needs: Needs | None


Make = Callable[[], Made]
Aside = Callable[[], Make]


class Answers:
    """The kept answers of one site. `base` is the prefix of its URLs."""

    def __init__(self, base: str, store: Store) -> None:
        self._base = base
        self._store = store
        self._flights = Flights()
        self._renewing = Flights()
        self._needs: dict[str, Needs] = {}  # by route; they only grow
        self._passes: dict[Key, float] = {}

    def purge(self, *, tag: str | None = None, path: str | None = None, everything: bool = False) -> None:
        """Forget the answers that have a tag, those of a URL path with any query, or all.

        `path` may be whatever `url_for` gives: a host or a query in it does not count. Raises `TypeError` unless one of
        the three is given, and what the store raises that cannot be reached.
        """
        if (tag is not None) + (path is not None) + everything != 1:
            raise TypeError("purge() needs one of tag=…, path=… and everything=True")
        if everything:
            self._store.purge(None)
        elif tag is not None:
            self._store.purge([_tag(tag)])
        else:
            assert path is not None
            raw = unquote(urlsplit(path).path).encode().decode("latin-1")  # as servers hand it on (PEP 3333)
            self._store.purge([_path(without_prefix(raw, self._base))])

    def fresh(self, environ: Environ, route: str, rule: Rule) -> Entry | None:
        """The answer that can be sent without further ado; the arguments are those of an `Asked`."""
        entry = self._store.get(key_of(environ, rule, self._needs.get(route, NOTHING)))
        return entry if entry is not None and time() < entry.fresh_until else None

    def answer(self, asked: Asked, make: Make, aside: Aside | None) -> Entry | Response:
        """The answer: a kept one, else what `make` gives, which is kept if it may be.

        What `aside` gives makes one in a thread of its own. Where there is none, one visitor waits for a stale answer
        to be made anew, while others get it. Raises what `make` raises.
        """
        until = monotonic() + PATIENCE
        while True:
            key = self._key(asked)
            entry = self._store.get(key)
            now = time()
            if entry is not None and now < entry.fresh_until:
                return entry
            if entry is not None and now < entry.stale_until:
                return self._stale(asked, key, entry, make, aside)
            if self._has_learnt(asked.route):
                continue
            if asked.environ["REQUEST_METHOD"] == "HEAD":
                return make().response
            if self._passes.get(key, 0) > now:
                return self._kept(asked, key, make)
            if (flight := self._flights.begin(key)) is None:
                with self._flights.ending(key):
                    # The one before may have ended since we looked.
                    return self._fresh(asked) or self._locked(asked, key, make, until)
            if not flight.wait(max(0.0, until - monotonic())):
                return make().response

    def _has_learnt(self, route: str) -> bool:
        """Whether another process knows of more that belongs to the keys of a route; now this one does too."""
        known = self._needs.get(route, NOTHING)
        together = known.union(self._store.needs(route))
        self._needs[route] = together
        return together > known

    def _locked(self, asked: Asked, key: Key, make: Make, until: float) -> Entry | Response:
        """The answer that another process makes, or our own where none does, or it takes too long."""
        while not self._store.lock(key, PATIENCE):
            if (entry := self._fresh(asked)) is not None:
                return entry
            if monotonic() >= until:
                return self._kept(asked, key, make)
            sleep(POLL)
        try:
            self._has_learnt(asked.route)  # from the process that had the lock before
            return self._fresh(asked) or self._kept(asked, key, make)
        finally:
            self._store.unlock(key)

    def _fresh(self, asked: Asked) -> Entry | None:
        return self.fresh(asked.environ, asked.route, asked.rule)

    def _key(self, asked: Asked) -> Key:
        return key_of(asked.environ, asked.rule, self._needs.get(asked.route, NOTHING))

    def _stale(
        self, asked: Asked, key: Key, entry: Entry, make: Make, aside: Aside | None
    ) -> Entry | Response:
        """The answer where there is only a stale one: that, unless this request is to make another."""
        if self._passes.get(key, 0) > time() or len(self._renewing) >= RENEWING:
            return entry
        if aside is None and asked.environ["REQUEST_METHOD"] == "HEAD":
            return entry
        if self._renewing.begin(key) is not None:
            return entry
        if aside is not None:
            # Of the request itself nothing may be left once it is answered.
            args = (asked._replace(environ=dict(asked.environ)), key, aside())
            Thread(target=self._renew, args=args, daemon=True, name="engine-renew").start()
            return entry
        with self._renewing.ending(key):
            answer = self._fresh(asked) or self._kept(asked, key, make)
        failed = isinstance(answer, Response) and answer.status_code >= 500
        return entry if failed else answer

    def _renew(self, asked: Asked, key: Key, make: Make) -> None:
        with self._renewing.ending(key):
            try:
                if self._fresh(asked) is None and self._store.lock(key, PATIENCE):
                    try:
                        self._kept(asked, key, make)
                    finally:
                        self._store.unlock(key)
            except Exception:
                log.exception("%s could not be made anew", asked.path)

    def _kept(self, asked: Asked, key: Key, make: Make) -> Entry | Response:
        """What `make` gives, kept if it may be."""
        mark = self._store.mark()
        response, needs = make()
        if needs is None:
            self._pass(key)
            return response
        known = self._needs.get(asked.route, NOTHING)
        entry = _entry(asked, response)
        self._store.set(key_of(asked.environ, asked.rule, known | needs), entry, mark)
        if not needs <= known:
            # Afterwards: who looks under the longer key must find the answer.
            self._needs[asked.route] = known | needs
            self._store.learn(asked.route, needs)
        self._passes.pop(key, None)
        return entry

    def _pass(self, key: Key) -> None:
        if len(self._passes) >= MOST_PASSES:
            self._passes = {}
        self._passes[key] = time() + PASS


def _entry(asked: Asked, response: Response) -> Entry:
    rule, now = asked.rule, time()
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = _control(rule, guarded=asked.guarded)
    for header in rule.vary:
        response.vary.add(header)
    tags = (*map(_tag, (*rule.tags, *_own_tags(response))), _path(asked.path))
    fresh_until = now + rule.ttl
    return Entry(Ready.of(response), now, fresh_until, fresh_until + rule.stale, tags)


def _control(rule: Rule, *, guarded: bool) -> str:
    if guarded:
        return "private, no-cache"
    stale = f", stale-while-revalidate={rule.stale}" if rule.stale else ""  # RFC 5861 §3
    return f"max-age={rule.ttl}{stale}"


def _own_tags(response: Response) -> Iterable[str]:
    """The tags that an answer has given itself, in the header that content delivery networks read."""
    return _split(response.headers.getlist("Cache-Tag"))


def _split(values: Iterable[str]) -> Iterator[str]:
    return (tag.strip() for value in values for tag in value.split(",") if tag.strip())


def _tag(name: str) -> str:
    return f"tag:{name}"


def _path(path: str) -> str:
    # Of the two spellings of a URL one is a redirect: who purges need not know which.
    return f"path:{path.rstrip('/')}"
