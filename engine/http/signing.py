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
        self._keys = [hmac.digest(secret, salt, "sha1") for secret in secrets]
        self._second = (0, b"")

    def dumps(self, payload: bytes) -> str:
        """A token for `payload`, dated now."""
        head = self._packed(payload) + b"." + self._stamp()
        return (head + b"." + self._signature(self._keys[0], head)).decode()

    def loads(self, token: str, max_age: float) -> Opened:
        """The payload of a token not older than `max_age` seconds. Raises `BadToken`."""
        if not token.isascii():
            raise BadToken("not ASCII")
        head, _, signature = token.encode().rpartition(b".")
        if not any(hmac.compare_digest(self._signature(key, head), signature) for key in self._keys):
            raise BadToken("bad signature")
        packed, _, stamp = head.rpartition(b".")
        try:
            age = int(time.time()) - int.from_bytes(_unpacked(stamp), "big")
            if not -SKEW <= age <= max_age:
                raise BadToken("too old, or from the future")
            payload = zlib.decompress(_unpacked(packed[1:])) if packed[:1] == b"." else _unpacked(packed)
        except (ValueError, zlib.error) as error:
            raise BadToken(str(error)) from None
        return Opened(payload, age)

    @staticmethod
    def _signature(key: bytes, head: bytes) -> bytes:
        return urlsafe_b64encode(hmac.digest(key, head, "sha1")).rstrip(b"=")

    @staticmethod
    def _packed(payload: bytes) -> bytes:
        if len(payload) > COMPRESS:
            small = zlib.compress(payload)
            if len(small) < len(payload) - 1:
                return b"." + urlsafe_b64encode(small).rstrip(b"=")
        return urlsafe_b64encode(payload).rstrip(b"=")

    def _stamp(self) -> bytes:
        now = int(time.time())
        second, stamp = self._second
        if second != now:
            stamp = urlsafe_b64encode(now.to_bytes(8, "big").lstrip(b"\0")).rstrip(b"=")
            self._second = (now, stamp)
        return stamp


def _unpacked(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))
