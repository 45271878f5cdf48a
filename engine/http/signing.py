"""Signed, dated tokens: itsdangerous' `URLSafeTimedSerializer` format, with the derived keys kept.

    base64url(payload) . base64url(seconds since 1970) . base64url(HMAC-SHA1 of all before)

A leading `.` says that the payload is compressed by zlib. The same tokens pass between this module,
itsdangerous and Flask (`key_derivation="hmac"`, SHA-1).
"""

from __future__ import annotations

import hmac
import time
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from typing import NamedTuple

COMPRESS = 256  # bytes; shorter payloads gain too little for the 10 µs that it takes
SKEW = 10  # seconds by which the clock of another server may be ahead of ours


class BadToken(ValueError):
    """A token that was not signed by us, was changed, or is too old."""


class Opened(NamedTuple):
    """A payload and the age of its token in seconds."""

    payload: bytes
    age: int


class Signer:
    """Makes tokens with the first of `keys`, and reads those made with any of them.

    `salt` keeps tokens for one purpose from being taken for another's.
    """

    def __init__(self, keys: Iterable[str | bytes], salt: bytes) -> None:
        secrets = [key.encode() if isinstance(key, str) else key for key in keys]
        derived = [hmac.digest(secret, salt, "sha1") for secret in secrets]
        # Copied for each token: a copy of a keyed HMAC costs half of a new one.
        self._keyed = [hmac.new(key, digestmod="sha1") for key in derived]
        self._second = (0, b"")

    def dumps(self, payload: bytes) -> str:
        """A token for `payload`, dated now."""
        head = self._packed(payload) + b"." + self._stamp()
        return (head + b"." + _signature(self._keyed[0], head)).decode()

    def loads(self, token: str, max_age: int) -> Opened:
        """The payload of a token not older than `max_age` seconds. Raises `BadToken`."""
        head = self._verified(token)
        packed, _, stamp = head.rpartition(b".")
        try:
            age = int(time.time()) - int.from_bytes(_unpacked(stamp), "big")
            if not -SKEW <= age <= max_age:
                raise BadToken("too old, or from the future")
            payload = zlib.decompress(_unpacked(packed[1:])) if packed[:1] == b"." else _unpacked(packed)
        except (ValueError, zlib.error) as error:
            raise BadToken(str(error)) from None
        return Opened(payload, age)

    def _verified(self, token: str) -> bytes:
        if token.isascii():
            head, _, signature = token.encode().rpartition(b".")
            for keyed in self._keyed:
                if hmac.compare_digest(_signature(keyed, head), signature):
                    return head
        raise BadToken("not signed by us")

    @staticmethod
    def _packed(payload: bytes) -> bytes:
        if len(payload) > COMPRESS:
            small = zlib.compress(payload)
            if len(small) < len(payload) - 1:
                return b"." + _encoded(small)
        return _encoded(payload)

    def _stamp(self) -> bytes:
        now = int(time.time())
        second, stamp = self._second
        if second != now:
            stamp = _encoded(now.to_bytes(8, "big").lstrip(b"\0"))
            self._second = (now, stamp)
        return stamp


def _signature(keyed: hmac.HMAC, head: bytes) -> bytes:
    code = keyed.copy()
    code.update(head)
    return _encoded(code.digest())


def _encoded(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _unpacked(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))
