"""Signed, dated tokens in the format of itsdangerous' `URLSafeTimedSerializer`. The only import of itsdangerous.

    base64url(payload) . base64url(seconds since 1970) . base64url(HMAC-SHA1 of all before)

A leading `.` says that the payload is compressed by zlib. The same tokens pass between this module,
itsdangerous and Flask (`key_derivation="hmac"`, SHA-1). itsdangerous signs; what it would work out again for each
token is kept, and its serializer, which costs six times as much, is left out (docs/decisions/0009).
"""

from __future__ import annotations

import hmac
import time
import zlib
from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from hashlib import sha1
from typing import TYPE_CHECKING, NamedTuple

import itsdangerous
from itsdangerous import BadSignature
from itsdangerous.signer import SigningAlgorithm

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

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
        self._signer = _Signer([hmac.digest(secret, salt, "sha1") for secret in reversed(secrets)])
        self._second = (0, b"")

    def dumps(self, payload: bytes) -> str:
        """A token for `payload`, dated now."""
        return self._signer.sign(self._packed(payload) + b"." + self._stamp()).decode()

    def loads(self, token: str, max_age: int) -> Opened:
        """The payload of a token not older than `max_age` seconds. Raises `BadToken`."""
        try:
            packed, _, stamp = self._signer.unsign(token).rpartition(b".")
            age = int(time.time()) - int.from_bytes(_unpacked(stamp), "big")
            if not -SKEW <= age <= max_age:
                raise BadToken("too old, or from the future")
            payload = zlib.decompress(_unpacked(packed[1:])) if packed[:1] == b"." else _unpacked(packed)
        except (BadSignature, ValueError, zlib.error) as error:
            raise BadToken(str(error)) from None
        return Opened(payload, age)

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


class _Signer(itsdangerous.Signer):
    """Signs with the last of the derived `keys`, and takes a signature in one spelling alone.

    base64 has four for the last letter, and its decoder skips what is no letter.
    """

    def __init__(self, keys: list[bytes]) -> None:
        super().__init__(keys, key_derivation="none", algorithm=_KeptHmac(keys))

    def get_signature(self, value: str | bytes) -> bytes:
        assert isinstance(value, bytes)
        return _encoded(self.algorithm.get_signature(self.secret_keys[-1], value))

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        assert isinstance(value, bytes)
        assert isinstance(sig, bytes)
        for key in reversed(self.secret_keys):
            if hmac.compare_digest(_encoded(self.algorithm.get_signature(key, value)), sig):
                return True
        return False


class _KeptHmac(SigningAlgorithm):
    """HMAC-SHA1 by keys that are shorter than a block (RFC 2104), with the keys taken in once (§4).

    Copying the two hashes costs a third of a new `hmac.HMAC`.
    """

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._states = {key: (_padded(key, 0x36), _padded(key, 0x5C)) for key in keys}

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        kept = self._states[key]
        inner, outer = kept[0].copy(), kept[1].copy()
        inner.update(value)
        outer.update(inner.digest())
        return outer.digest()


def _padded(key: bytes, pad: int) -> Hash:
    return sha1(bytes(byte ^ pad for byte in key.ljust(sha1().block_size, b"\0")))


def _encoded(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(TO_URLSAFE).rstrip(b"=")


def _unpacked(text: bytes) -> bytes:
    return a2b_base64(text.translate(FROM_URLSAFE) + b"=" * (-len(text) % 4))
