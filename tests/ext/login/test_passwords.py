"""Passwords: what is stored of them, and what their check betrays."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher

from engine.ext.login import Passwords, hash_password, is_outdated, verify_password

WEAK = {"time_cost": 1, "memory_cost": 8, "parallelism": 1}


class Counting(PasswordHasher):
    """A hasher that notes how often it has made a hash, and by which parameters it has checked something."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.checked: list[str] = []
        self.made = 0

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.made += 1
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Any:
        self.checked.append(str(hash).rpartition("$")[0].rpartition("$")[0])
        return super().verify(hash, password)


@pytest.mark.long
def test_a_password_is_stored_as_argon2id_with_a_salt() -> None:
    first, second = hash_password("rye"), hash_password("rye")
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$") and first != second
    assert verify_password(first, "rye") and not verify_password(first, "Rye")


@pytest.mark.parametrize("hash", [None, "", "!", "sha1$abc"])
def test_an_account_without_a_password_costs_as_much_and_takes_none(hash: str | None) -> None:
    hasher = Counting(**WEAK)
    passwords = Passwords(hasher)
    known = passwords.hash("rye")
    for password in ("rye", "", "the password of nobody"):
        hasher.checked.clear()
        assert not passwords.verify(hash, password)
        assert hasher.checked[-1] == known.rpartition("$")[0].rpartition("$")[0]


@pytest.mark.parametrize("hash", [PasswordHasher(**WEAK).hash("rye"), None], ids=["known", "unknown"])
def test_the_first_sign_in_of_a_process_costs_as_much_whether_or_not_there_is_an_account(
    hash: str | None,
) -> None:
    hasher = Counting(**WEAK)
    Passwords(hasher).verify(hash, "oat")
    assert (hasher.made, len(hasher.checked)) == (1, 1)


def test_a_hash_by_other_parameters_is_outdated() -> None:
    weak = Passwords(PasswordHasher(**WEAK))
    assert is_outdated(weak.hash("rye")) and not weak.is_outdated(weak.hash("rye"))
    assert verify_password(weak.hash("rye"), "rye")


def test_a_password_is_the_same_from_every_keyboard() -> None:
    passwords = Passwords(PasswordHasher(**WEAK))
    assert passwords.verify(passwords.hash("cafe\u0301"), "caf\u00e9")


def test_a_password_without_end_is_none() -> None:
    passwords = Passwords(PasswordHasher(**WEAK))
    long = "x" * 4097
    with pytest.raises(ValueError, match="at most 4096 characters"):
        passwords.hash(long)
    assert not passwords.verify(passwords.hash(""), long)
    assert passwords.verify(passwords.hash(long[1:]), long[1:])
