"""Signed, dated tokens: itsdangerous' `URLSafeTimedSerializer` format, with the derived keys kept.

    base64url(payload) . base64url(seconds since 1970) . base64url(HMAC-SHA1 of all before)

A leading `.` says that the payload is compressed by zlib. The same tokens pass between this module,
itsdangerous and Flask (`key_derivation="hmac"`, SHA-1).
"""

from __future__ import annotations

import hmac
import time
import zlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from hashlib import sha1
from typing import NamedTuple

# `base64`'s own words for the URL-safe alphabet take twice as long on a token.
TO_URLSAFE, FROM_URLSAFE = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
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
        self._keys = [_Key(hmac.digest(secret, salt, "sha1")) for secret in secrets]
        self._second = (0, b"")

    def dumps(self, payload: bytes) -> str:
        """A token for `payload`, dated now."""
        head = self._packed(payload) + b"." + self._stamp()
        return (head + b"." + self._keys[0].signature(head)).decode()

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
            for key in self._keys:
                if hmac.compare_digest(key.signature(head), signature):
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


class _Key:
    """A derived key, which is shorter than a block, as HMAC-SHA1 needs it for every message (RFC 2104, §4).

    The two hashes have taken the key in already. Copying them costs a third of a copy of `hmac.HMAC`.
    """

    def __init__(self, key: bytes) -> None:
        block = key.ljust(sha1().block_size, b"\0")
        self._inner = sha1(bytes(byte ^ 0x36 for byte in block))
        self._outer = sha1(bytes(byte ^ 0x5C for byte in block))

    def signature(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return _encoded(outer.digest())


def _encoded(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(TO_URLSAFE).rstrip(b"=")


def _unpacked(text: bytes) -> bytes:
    return a2b_base64(text.translate(FROM_URLSAFE) + b"=" * (-len(text) % 4))
