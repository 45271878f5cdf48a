"""Sign-in by a service that speaks OpenID Connect or OAuth 2, against a real issuer on a socket."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from werkzeug.test import TestResponse

from doors import Files, Served
from login_tools import KEY, MEMBERS, USERS, Member
from oidc_tools import ADA, CLIENT, SECRET, Issuer, running_issuer

START = """
    from engine import url_for
    from users import login
    freeze = False
    def get(service):
        return login.oauth.start(service, url_for("/login/[service]/back", service=service, _external=True))
"""
BACK = """
    from engine import redirect
    from engine.ext.login import login_user, next_url
    from users import USERS, User, login
    freeze = False
    def get(service):
        who = login.oauth.finish(service)
        user = USERS.setdefault(3, User(3, who.claims.get("name")))
        user.identity = [who.service, who.subject, who.email]
        login_user(user)
        return redirect(next_url("/members/"))
"""
SEEN = """
    from engine.ext.login import current_user
    freeze = False
    def get():
        return current_user.identity
"""


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with running_issuer() as issuer:
        yield issuer


def site(register: str) -> Files:
    known = f"client_id={CLIENT!r}, client_secret={SECRET!r}"
    return {
        **MEMBERS,
        "users.py": USERS
        + f"\n    login.oauth.register('acme', {known}, {register})"
        + f"\n    login.oauth.register('same', {known}, {register})\n",
        "pages/login/[service]/index.py": START,
        "pages/login/[service]/back.py": BACK,
        "pages/seen.py": SEEN,
    }


@pytest.fixture
def door(served: Callable[..., Served], issuer: Issuer) -> Served:
    return served(site(f"issuer={issuer.url!r}"), secret_key=KEY)


@pytest.fixture
def member(door: Served) -> Member:
    return Member(door)


def go(member: Member, path: str = "/login/acme/") -> str:
    """Begin to sign in, go to the issuer, and give the address that it sends the visitor back to."""
    begun = member.get(path)
    assert begun.status_code == 303, begun.text
    answer = requests.get(begun.location, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def come_back(member: Member, address: str) -> TestResponse:
    return member.get(address.removeprefix("https://localhost"))


def is_refused(member: Member, address: str) -> bool:
    answer = come_back(member, address)
    return answer.status_code == 400 and member.who == "nobody"


def test_a_visitor_signs_in_by_an_issuer_and_goes_on(member: Member, issuer: Issuer) -> None:
    back = come_back(member, go(member, "/login/acme/?next=/members/plan.txt"))
    assert (back.status_code, back.location) == (303, "/members/plan.txt")
    assert member.get("/seen/").json == ["acme", "ada-1815", "ada@id.example"]
    assert issuer.asked == ["/.well-known/openid-configuration", "/authorize", "/token", "/keys", "/userinfo"]


def test_the_issuer_is_asked_for_its_addresses_and_keys_once(member: Member, issuer: Issuer) -> None:
    for _ in range(2):
        come_back(member, go(member))
    assert issuer.asked.count("/keys") == issuer.asked.count("/.well-known/openid-configuration") == 1


def test_what_goes_to_the_issuer_says_how_it_can_be_known_again(member: Member) -> None:
    first, second = (parse_qs(urlsplit(member.get("/login/acme/").location).query) for _ in range(2))
    assert (first["response_type"], first["client_id"]) == (["code"], [CLIENT])
    assert first["redirect_uri"] == ["https://localhost/login/acme/back/"]
    assert (first["code_challenge_method"], first["scope"]) == (["S256"], ["openid email profile"])
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 20 and first[name] != second[name]


def test_a_session_of_before_the_sign_in_is_not_that_of_after(member: Member) -> None:
    address = go(member)
    with member.client.session_transaction() as session:
        session["colour"] = "red"
    come_back(member, address)
    with member.client.session_transaction() as session:
        assert set(session) == {"_user", "_proof", "_signed_in"}


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_a_sign_in_leads_nowhere_else(member: Member, wanted: str) -> None:
    back = come_back(member, go(member, f"/login/acme/?next={wanted}"))
    assert back.location == "/members/"


# Whose sign-in it is


def test_nobody_ends_what_somebody_else_has_begun(member: Member, door: Served) -> None:
    eve = Member(door)
    address = go(eve)
    assert is_refused(member, address)
    assert come_back(eve, address).status_code == 303


def test_a_sign_in_ends_once(member: Member, issuer: Issuer) -> None:
    address = go(member)
    codes = dict(issuer.codes)
    issuer.answers = False
    assert is_refused(member, address)
    issuer.answers = True
    issuer.codes.update(codes)
    assert is_refused(member, address)


def test_a_sign_in_by_one_service_is_none_by_another(door: Served, issuer: Issuer) -> None:
    member = Member(door)
    address = go(member)
    assert is_refused(member, address.replace("/acme/", "/same/"))


def test_an_address_to_go_on_to_is_not_kept_without_end(member: Member) -> None:
    for _ in range(4):
        back = come_back(member, go(member, f"/login/acme/?next=/{'x' * 4000}"))
        assert (back.status_code, back.location) == (303, "/members/")


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied"])
def test_who_comes_back_without_having_gone_is_refused(member: Member, query: str) -> None:
    assert is_refused(member, f"/login/acme/back/{query}")


def test_a_code_of_another_sign_in_is_none_of_this(member: Member) -> None:
    one, two = go(member), go(member)
    code = parse_qs(urlsplit(two).query)["code"][0]
    state = parse_qs(urlsplit(one).query)["state"][0]
    assert is_refused(member, f"/login/acme/back/?code={code}&state={state}")


def test_of_many_that_were_begun_the_last_can_be_ended(member: Member) -> None:
    addresses = [go(member) for _ in range(12)]
    assert is_refused(member, addresses[0])
    assert come_back(member, addresses[-1]).status_code == 303


def test_who_says_no_to_the_issuer_is_told_so(member: Member, issuer: Issuer) -> None:
    issuer.answer = {"error": "access_denied"}
    answer = come_back(member, go(member))
    assert (answer.status_code, member.who) == (400, "nobody")
    assert "The service did not sign you in." in answer.text


def test_an_answer_of_another_issuer_is_none(member: Member) -> None:
    address = go(member)
    assert is_refused(member, f"{address}&iss=https://evil.example")


def test_an_answer_must_say_whose_it_is_where_the_issuer_says_so(member: Member, issuer: Issuer) -> None:
    issuer.metadata = {"authorization_response_iss_parameter_supported": True}
    address = go(member)
    assert is_refused(member, address)
    assert come_back(member, f"{go(member)}&iss={issuer.url}").status_code == 303


def test_an_answer_may_say_whose_it_is(member: Member, issuer: Issuer) -> None:
    assert come_back(member, f"{go(member)}&iss={issuer.url}").status_code == 303


def test_a_service_that_is_not_there_is_not_found(member: Member) -> None:
    assert [member.get(path).status_code for path in ("/login/other/", "/login/other/back/")] == [404, 404]


# What the issuer says


@pytest.mark.parametrize(
    "lies",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"aud": "another site"},
        {"aud": "another site", "azp": CLIENT},
        {"aud": [CLIENT, "another site"], "azp": "another site"},
        {"exp": 1},
        {"iat": int(time.time()) + 86400},
        {"sub": "eve"},
        {"at_hash": "another"},
    ],
    ids="-".join,
)
def test_a_token_that_says_the_wrong_thing_is_refused(
    member: Member, issuer: Issuer, lies: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    issuer.lies = lies
    assert is_refused(member, go(member))
    assert "signing in by acme failed" in caplog.text


@pytest.mark.parametrize("alg", ["RS256", "HS256", "none"])
def test_a_token_that_the_issuer_has_not_signed_is_refused(member: Member, issuer: Issuer, alg: str) -> None:
    issuer.forge(alg=alg)
    assert is_refused(member, go(member))


def test_a_key_that_is_new_is_asked_for(member: Member, issuer: Issuer) -> None:
    come_back(member, go(member))
    issuer.rotate("second")
    assert come_back(member, go(member)).status_code == 303
    assert issuer.asked.count("/keys") == 2


def test_an_issuer_that_calls_itself_otherwise_is_none(member: Member, issuer: Issuer) -> None:
    issuer.metadata = {"issuer": "https://evil.example"}
    assert member.get("/login/acme/").status_code == 400
    issuer.metadata = {}
    assert come_back(member, go(member)).status_code == 303


@pytest.mark.parametrize("verified", [False, None, "false", "true", 1])
def test_a_mail_address_that_nobody_has_checked_is_none(
    member: Member, issuer: Issuer, verified: Any
) -> None:
    issuer.user = issuer.details = {**ADA, "email_verified": verified}
    come_back(member, go(member))
    assert member.get("/seen/").json == ["acme", "ada-1815", None]


def test_a_mail_address_is_not_made_sure_by_what_is_said_of_another(member: Member, issuer: Issuer) -> None:
    issuer.user = {"sub": ADA["sub"], "email": "eve@id.example"}
    come_back(member, go(member))
    assert member.get("/seen/").json == ["acme", "ada-1815", None]


def test_an_issuer_that_does_not_answer_is_no_error_of_the_site(served: Callable[..., Served]) -> None:
    member = Member(served(site("issuer='http://127.0.0.1:9'"), secret_key=KEY))
    answer = member.get("/login/acme/")
    assert (answer.status_code, "127.0.0.1" in answer.text) == (400, False)


# OAuth 2 alone


def test_a_service_of_oauth_2_is_asked_who_the_visitor_is(
    served: Callable[..., Served], issuer: Issuer
) -> None:
    paths = {"authorize_url": "authorize", "token_url": "token", "userinfo_url": "userinfo"}
    urls = "".join(f"{name}='{issuer.url}/{path}', " for name, path in paths.items())
    member = Member(served(site(f"{urls}scope='user'"), secret_key=KEY))
    issuer.details = {"id": 1815, "name": "Ada", "email": "ada@id.example"}
    assert come_back(member, go(member)).location == "/members/"
    assert member.get("/seen/").json == ["acme", "1815", None]


@pytest.mark.parametrize(
    "register",
    [
        "",
        "issuer='http://id.example'",
        "authorize_url='https://id.example'",
        "issuer='https://id.example', scope='email'",
    ],
)
def test_a_service_that_nobody_could_trust_is_an_error_of_the_site(
    faults: Callable[..., list[str]], register: str
) -> None:
    assert any(it.startswith("users.py:") for it in faults(site(register)))
