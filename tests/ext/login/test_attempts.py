"""Who guesses is stopped: at one account, at many accounts, from many addresses."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from doors import Served
from login_tools import KEY, MEMBERS, USERS, Member

NOW = "2026-11-28T12:00:00+00:00"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def member(served: Callable[..., Served]) -> Member:
    return Member(served(MEMBERS, secret_key=KEY))


def guess(member: Member, name: str = "ada", address: str = "192.0.2.1", password: str = "x") -> int:
    return member.sign_in(name, password, environ_base={"REMOTE_ADDR": address}).status_code


def test_who_guesses_at_one_account_has_to_wait_even_with_the_right_password(
    member: Member, clock: Any
) -> None:
    assert [guess(member) for _ in range(6)] == [422] * 5 + [429]
    answer = member.sign_in(environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert (answer.status_code, member.who) == (429, "nobody")
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    clock.shift(timedelta(minutes=2))
    assert guess(member, password="ada's password") == 303


def test_an_account_that_does_not_exist_is_counted_alike(member: Member) -> None:
    assert [guess(member, "nobody") for _ in range(6)] == [422] * 5 + [429]


@pytest.mark.parametrize(
    "other", ["ADA", " ada ", "\uff41da", "\u00e1da", "a\u0301da", "\u00c5da", "a\u00add\u200ba", "a da"]
)
def test_another_spelling_of_an_account_is_the_same_account(member: Member, other: str) -> None:
    assert [guess(member, other if turn % 2 else "ada") for turn in range(6)][-1] == 429


def test_a_user_who_was_found_is_one_account_however_they_are_spelt(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.login import count_attempt
        from users import USERS
        freeze = False
        def get(request):
            found = USERS[1] if request.args["name"] in ("ada", "\u00f8da", "Augusta") else None
            count_attempt(found or request.args["name"])
            return "counted"
    """
    client = served({**MEMBERS, "pages/count.py": page}, secret_key=KEY).app.test_client()
    names = ["ada", "\u00f8da", "Augusta"] * 2
    assert [client.get(f"/count/?name={name}").status_code for name in names] == [200] * 5 + [429]
    assert client.get("/count/?name=eve").status_code == 200


@pytest.mark.parametrize("address", ["192.0.2.1:{}", "[2001:db8::1]:{}"])
def test_the_port_that_a_proxy_tells_of_is_no_part_of_an_address(member: Member, address: str) -> None:
    assert [guess(member, address=address.format(port)) for port in range(6)][-1] == 429
    assert guess(member, address="192.0.2.2:1", password="ada's password") == 303


def test_another_visitor_of_the_account_need_not_wait(member: Member) -> None:
    for _ in range(6):
        guess(member)
    assert guess(member, address="192.0.2.2", password="ada's password") == 303


def test_who_tries_one_password_at_many_accounts_has_to_wait(member: Member) -> None:
    assert [guess(member, f"user{number}") for number in range(31)] == [422] * 30 + [429]


@pytest.mark.parametrize(
    ("addresses", "last"),
    [
        ([f"2001:db8::{number:x}" for number in range(1, 7)], 429),
        ([f"2001:db8:0:{number:x}::1" for number in range(1, 7)], 422),
        (["192.0.2.1", "::ffff:192.0.2.1"] * 3, 429),
        (["unix", ""] * 3, 429),
    ],
)
def test_addresses_of_one_network_are_one_visitor(member: Member, addresses: list[str], last: int) -> None:
    assert [guess(member, address=address) for address in addresses][-1] == last


def test_a_swarm_of_addresses_has_to_wait_at_one_account(member: Member) -> None:
    codes = [guess(member, address=f"198.51.{number}.1") for number in range(101)]
    assert codes == [422] * 100 + [429]


def test_a_sign_in_forgives_the_mistakes_before_it(member: Member) -> None:
    for _ in range(3):
        assert [guess(member) for _ in range(4)] == [422] * 4
        assert guess(member, password="ada's password") == 303


def test_who_has_an_account_does_not_reset_guesses_at_others(member: Member) -> None:
    codes = []
    for number in range(16):
        codes.append(guess(member, f"user{number}"))
        codes.append(guess(member, "eve", password="eve's password"))
    assert 429 in codes[-2:]


def test_a_sign_in_forgives_no_attempts_at_something_else(served: Callable[..., Served]) -> None:
    join = """
        from engine.ext.login import count_attempt, login_user
        from users import USERS
        freeze = False

        def post():
            count_attempt("everybody", "join")
            login_user(USERS[1])
            return "joined"
        """
    client = served({**MEMBERS, "pages/join.py": join}, secret_key=KEY).app.test_client()
    assert [client.post("/join/").status_code for _ in range(6)] == [200] * 5 + [429]


def test_actions_are_counted_apart(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.login import count_attempt
        freeze = False
        def get():
            count_attempt("ada", "reset")
            return "sent"
    """
    member = Member(served({**MEMBERS, "pages/reset.py": page}, secret_key=KEY))
    for _ in range(6):
        guess(member)
    assert [member.get("/reset/").status_code for _ in range(6)] == [200] * 5 + [429]


def test_a_site_says_how_often_one_may_try(served: Callable[..., Served]) -> None:
    users = USERS.replace("Login, Passwords", "Limits, Login, Passwords").replace(
        "Login(", 'Login(limits=Limits(pair="2 per day", address="", account=""), '
    )
    member = Member(served({**MEMBERS, "users.py": users}, secret_key=KEY))
    assert [guess(member) for _ in range(3)] == [422, 422, 429]


def test_behind_a_proxy_the_visitor_is_counted_and_not_the_proxy(served: Callable[..., Served]) -> None:
    door = served({**MEMBERS, "site.toml": "trusted_proxies = 1\n"}, secret_key=KEY)
    member = Member(door)

    def through(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return member.sign_in(password="x", headers=headers).status_code

    assert [through("192.0.2.1") for _ in range(6)][-1] == 429
    assert through("192.0.2.2") == 422


def test_without_trusted_proxies_nobody_chooses_their_address(member: Member) -> None:
    codes = [
        member.sign_in(password="x", headers={"X-Forwarded-For": f"192.0.2.{number}"}).status_code
        for number in range(6)
    ]
    assert codes[-1] == 429


def test_each_process_counts_for_itself_while_redis_is_away(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    users = USERS.replace("Login(", f'Login(store="redis://127.0.0.1:{port}/0", ')
    member = Member(served({**MEMBERS, "users.py": users}, secret_key=KEY))
    assert [guess(member) for _ in range(6)] == [422] * 5 + [429]
    assert "attempts are counted by each process for itself" in caplog.text
