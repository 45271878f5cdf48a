"""A login where several processes share a Redis: sessions that the server keeps, attempts that all of them count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine

from doors import Files, Served, write_site
from login_tools import KEY, MEMBERS, USERS, Member
from redis_tools import Server, needs_server

pytestmark = needs_server
redis = pytest.importorskip("redis")
Opened = Callable[[Files], list[Served]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def doors(server: Server, tmp_path: Path) -> Iterator[Opened]:
    """Opens a site twice, as two processes would, whose sessions are in one Redis."""
    opened: list[Served] = []

    def open_sites(files: Files) -> list[Served]:
        root = write_site(tmp_path / "site", files)
        settings = {"secret_key": KEY, "cache__store": server.address, "session__store": "cache"}
        opened.extend(Served(root, **settings) for _ in range(2))
        return opened

    yield open_sites
    with redis.Redis.from_url(server.address) as client:
        client.flushall()
    for door in opened:
        for store in (door.app.cache._store, door.app.session_store._shelf):  # type: ignore[attr-defined]
            store._redis.close()


def copied(member: Member, door: Served, name: str = "session") -> Member:
    """Somebody who has a copy of a cookie."""
    other = Member(door)
    other.bring(member.cookie(name) or "", name)
    return other


def test_the_session_that_somebody_has_chosen_is_not_that_of_the_user(doors: Opened) -> None:
    one = doors(MEMBERS)[0]
    member = Member(one)
    with member.client.session_transaction() as session:
        session["cart"] = ["rye"]
    eve = copied(member, one)
    member.sign_in()
    assert (member.who, eve.who) == ("ada", "nobody")
    with member.client.session_transaction() as session:
        assert session["cart"] == ["rye"]


def test_the_session_of_before_a_remembering_is_not_that_of_the_user(doors: Opened) -> None:
    one = doors(MEMBERS)[0]
    member = Member(one)
    member.sign_in(data={"remember": "y"})
    member.client.delete_cookie("session")
    with member.client.session_transaction() as session:
        session["cart"] = ["rye"]
    eve = copied(member, one)
    assert (member.who, eve.who) == ("ada", "nobody")


def test_who_signs_out_ends_copies_of_the_session(doors: Opened) -> None:
    one = doors(MEMBERS)[0]
    member = Member(one)
    member.sign_in()
    eve = copied(member, one)  # the other process has hashed the passwords by another salt
    assert eve.who == "ada"
    member.sign_out()
    assert (member.who, eve.who) == ("nobody", "nobody")


@pytest.mark.parametrize("named", [True, False])
def test_two_processes_count_together(doors: Opened, server: Server, named: bool) -> None:
    users = USERS.replace("Login(", f'Login(store="redis+{server.address}", ') if named else USERS
    one, two = map(Member, doors({**MEMBERS, "users.py": users}))
    with time_machine.travel("2026-11-28T12:00:00+00:00", tick=False):
        turns = [(one, two)[turn % 2].sign_in(password="x").status_code for turn in range(6)]
        assert turns == [422] * 5 + [429]
