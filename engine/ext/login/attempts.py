"""How often somebody may try: by address and account, by address alone, and by account alone.

The first stops whoever guesses the password of one account, the second who tries one password at many, the third
a swarm of addresses. The only module that imports limits.
"""

from __future__ import annotations

import logging
import math
import re
import time
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from threading import Lock

from limits import RateLimitItem, parse_many
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from werkzeug.exceptions import TooManyRequests

PORT = re.compile(r"(?:\[([^]]*)\]|([0-9.]+))(?::[0-9]+)?")
"""An address as some proxies write it, with the port behind it."""
LONGEST = 1000
"""Characters of an account that count."""
IGNORED = frozenset("MZC")
"""The categories of Unicode that tell no accounts apart: marks, spaces and controls."""
log = logging.getLogger("engine.login")


@dataclass(frozen=True, slots=True)
class Limits:
    """How often somebody may try, in the words of `limits`."""

    pair: str = "5 per minute; 20 per hour"
    address: str = "30 per minute; 300 per hour"
    account: str = "100 per hour"


class Attempts:
    """Counts attempts in the memory of this process, or in a Redis that several share (`redis://host:6379/1`).

    What it counts under begins with `prefix`. While Redis cannot be reached, each process counts for itself.
    """

    def __init__(
        self, store: str = "memory://", limits: Limits | None = None, *, prefix: str = "engine"
    ) -> None:
        limits = limits or Limits()
        self._limits = [
            (kind, parse_many(getattr(limits, kind)) if getattr(limits, kind) else [])
            for kind in ("address", "pair", "account")
        ]
        self._store = store
        self._prefix = prefix
        self._shared: SlidingWindowCounterRateLimiter | None = None
        self._own: SlidingWindowCounterRateLimiter | None = None
        self._lock = Lock()

    def count(self, action: str, address: str | None, account: str) -> None:
        """Count an attempt. Raises `TooManyRequests` with the seconds to wait where there were enough."""
        names = self._names(action, address, account)
        for kind, items in self._limits:
            for item in items:
                if wait := self._hit(item, names[kind]):
                    log.warning("too many attempts at %s from %s: %s", action, address, kind)
                    raise TooManyRequests("You have tried too often. Wait a while.", retry_after=wait)

    def forgive(self, action: str, address: str | None, account: str) -> None:
        """Forget the attempts of one address at one account: it was the right one.

        Those of the address stay: who has one account could reset them for guesses at others.
        """
        name = self._names(action, address, account)["pair"]
        for item in dict(self._limits)["pair"]:
            for limiter in filter(None, (self._shared, self._own)):
                try:
                    limiter.clear(item, name)
                except limiter.storage.base_exceptions:
                    continue

    def _hit(self, item: RateLimitItem, name: str) -> int:
        """Count, and give the seconds to wait, 0 for none."""
        limiter = self._limiter()
        try:
            return _hit(limiter, item, name)
        except limiter.storage.base_exceptions as error:
            if limiter is self._own:
                raise
            log.error(
                "attempts are counted by each process for itself, because %s fails: %s", self._store, error
            )
            return _hit(self._own_limiter(), item, name)

    def _names(self, action: str, address: str | None, account: str) -> dict[str, str]:
        """What is counted, by kind. An account is a digest: it is what a visitor typed, of any length."""
        place = _network(address)
        digest = sha256(_folded(account).encode()).hexdigest()[:32]
        start = f"{self._prefix}.login:{action}"
        return {
            "address": f"{start}:address:{place}",
            "pair": f"{start}:pair:{place}:{digest}",
            "account": f"{start}:account:{digest}",
        }

    def _limiter(self) -> SlidingWindowCounterRateLimiter:
        # Made when it is first needed: a site that is frozen opens no connection and starts no thread.
        with self._lock:
            if self._shared is None:
                self._shared = SlidingWindowCounterRateLimiter(storage_from_string(self._store))
            return self._shared

    def _own_limiter(self) -> SlidingWindowCounterRateLimiter:
        with self._lock:
            if self._own is None:
                self._own = SlidingWindowCounterRateLimiter(storage_from_string("memory://"))
            return self._own


def _hit(limiter: SlidingWindowCounterRateLimiter, item: RateLimitItem, name: str) -> int:
    if limiter.hit(item, name):
        return 0
    return max(1, math.ceil(limiter.get_window_stats(item, name).reset_time - time.time()))


def _folded(account: str) -> str:
    """What texts have in common that some database takes for one account.

    That leaves no case, no accents, no marks, no spaces and nothing that is not seen: collations of MySQL find `eve` by
    `Éve`, and with a soft hyphen in it. If two accounts are taken for one, they share their tries; if one is taken for
    several, each spelling of it is another try.
    """
    plain = unicodedata.normalize("NFKC", account[:LONGEST]).casefold()
    letters = unicodedata.normalize("NFKD", plain)
    return "".join(it for it in letters if unicodedata.category(it)[0] not in IGNORED)


def _network(address: str | None) -> str:
    """An address; of IPv6 the /64, of which a visitor has 2^64 addresses (RFC 6177)."""
    if with_port := PORT.fullmatch(address or ""):
        address = with_port[1] or with_port[2]
    try:
        ip = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
