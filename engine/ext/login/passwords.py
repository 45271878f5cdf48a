"""Passwords as argon2id hashes. The only module that imports argon2.

The parameters are those of RFC 9106 for little memory, as argon2-cffi has them, unless a site says otherwise.
"""

from __future__ import annotations

import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LONGEST = 4096
"""Characters. No one types more, and what is sent shall not be hashed without end."""


class Passwords:
    """Hashes passwords by one set of parameters, and knows which hashes have others."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hash(self, password: str) -> str:
        """What to store of a password. Raises `ValueError` for one of more than 4096 characters."""
        if len(password) > LONGEST:
            raise ValueError(f"A password has at most {LONGEST} characters.")
        return self._hasher.hash(_normal(password))

    def verify(self, hash: str | None, password: str) -> bool:
        """Whether a password is that of `hash`.

        Where there is no hash, as of an account that does not exist, the answer takes as long.
        """
        too_long = len(password) > LONGEST
        nobody = self._nobody  # the first time that takes as long again, whoever is asked for
        try:
            known = self._hasher.verify(hash or nobody, "" if too_long else _normal(password))
        except InvalidHashError:  # that of an account that signs in elsewhere
            return self.verify(None, password)
        except VerificationError:
            return False
        return known and bool(hash) and not too_long

    def is_outdated(self, hash: str) -> bool:
        """Whether a hash was made with other parameters, so that the password should be hashed anew."""
        return self._hasher.check_needs_rehash(hash)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")


def _normal(password: str) -> str:
    """The same text for the same keys, whichever device sends it (NIST SP 800-63B, §3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


_usual = Passwords()
hash_password = _usual.hash
verify_password = _usual.verify
is_outdated = _usual.is_outdated
