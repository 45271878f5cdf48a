"""Who is signed in: what begins it, what ends it, and what an attacker does not get by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from doors import Files, Served, freeze_site, write_site
from engine.ext.login import sign_in_client
from login_tools import KEY, MEMBERS, USERS, Member

NOW = "2026-11-28T12:00:00+00:00"


@pytest.fixture
def door(served: Callable[..., Served]) -> Served:
    return served(MEMBERS, secret_key=KEY)


@pytest.fixture
def member(door: Served) -> Member:
    return Member(door)


def changed(door: Served, **values: Any) -> None:
    """Change the user ada, as a handler elsewhere would."""
    with door.app.context():
        user = door.app.extensions["login"].load("1")
        for name, value in values.items():
            setattr(user, name, value)


# Signing in and out


def test_a_visitor_signs_in_and_out(member: Member) -> None:
    assert member.who == "nobody"
    assert (member.sign_in().status_code, member.who) == (303, "ada")
    member.sign_out()
    assert (member.who, member.cookie()) == ("nobody", None)


def test_a_wrong_password_and_a_wrong_name_look_the_same(member: Member) -> None:
    wrong, unknown = member.sign_in(password="x"), member.sign_in("nobody")
    assert (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text) == (422, "wrong")
    assert member.who == "nobody"


def test_a_user_that_is_not_active_cannot_sign_in_and_is_signed_out(door: Served) -> None:
    member = Member(door)
    member.sign_in()
    changed(door, is_active=False)
    assert member.who == "nobody"
    assert (member.sign_in().status_code, member.who) == (403, "nobody")


def test_a_user_that_is_gone_is_signed_out(served: Callable[..., Served]) -> None:
    files = {
        **MEMBERS,
        "users.py": USERS.replace("USERS.get(int(id))", "USERS.get(int(id)) if STANDS else None").replace(
            "USERS = {", "STANDS = [True]\n    USERS = {"
        ),
        "pages/drop.py": "from users import STANDS\nfreeze = False\ndef get():\n    STANDS.clear()\n    return ''\n",
    }
    member = Member(served(files, secret_key=KEY))
    member.sign_in()
    member.get("/drop/")
    assert (member.who, member.cookie()) == ("nobody", None)


def test_the_current_user_is_known_in_handlers_and_elsewhere_by_flasks_words(
    served: Callable[..., Served],
) -> None:
    page = """
        from engine.ext.login import current_user
        freeze = False
        def get():
            return [bool(current_user), current_user.is_authenticated, current_user.is_active, current_user.id]
    """
    shown = "{% if not current_user.is_anonymous %}For members.{% endif %}"
    member = Member(served({**MEMBERS, "pages/a.py": page, "pages/b.html": shown}, secret_key=KEY))
    assert member.get("/a/").json == [False, False, False, None]
    assert "For members." not in member.get("/b/").text
    member.sign_in()
    assert member.get("/a/").json == [True, True, True, 1]
    assert "For members." in member.get("/b/").text


# Sessions that an attacker has chosen


def test_a_sign_in_drops_what_was_in_the_session_but_for_what_the_site_keeps(member: Member) -> None:
    with member.client.session_transaction() as session:
        session.update(cart=["rye"], colour="red", _csrf="known to Eve", _user="2")
    member.sign_in()
    with member.client.session_transaction() as session:
        assert (session["cart"], session["_user"]) == (["rye"], "1")
        assert not {"colour", "_csrf"} & set(session)


def test_who_signs_in_again_keeps_what_is_theirs_but_for_the_secret_of_forms(member: Member) -> None:
    member.sign_in()
    with member.client.session_transaction() as session:
        session.update(colour="red", _csrf="old")
    member.sign_in()
    with member.client.session_transaction() as session:
        assert (session["colour"], session.get("_csrf")) == ("red", None)


def test_who_signs_in_as_another_gets_nothing_of_the_first(member: Member) -> None:
    member.sign_in("ada")
    with member.client.session_transaction() as session:
        session["colour"] = "red"
    member.sign_in("eve")
    with member.client.session_transaction() as session:
        assert (session.get("colour"), session["_user"]) == (None, "2")


def test_the_session_of_before_the_sign_in_stays_what_it_was(door: Served) -> None:
    member, eve = Member(door), Member(door)
    with member.client.session_transaction() as session:
        session["cart"] = []
    eve.bring(member.cookie() or "")
    member.sign_in()
    assert (member.who, eve.who) == ("ada", "nobody")


def test_a_session_that_the_server_keeps_gets_another_id(served: Callable[..., Served]) -> None:
    page = """
        from engine import session
        from engine.ext.login import login_user, logout_user
        from users import USERS
        freeze = False
        def get():
            turned = []
            vars(session._get_current_object())["rotate"] = lambda: turned.append(session.get("_user"))
            login_user(USERS[1])
            logout_user()
            return turned
    """
    member = Member(served({**MEMBERS, "pages/a.py": page}, secret_key=KEY))
    assert member.get("/a/").json == [None, None]


@pytest.mark.parametrize(
    "entry", [{"_user": "1"}, {"_user": "1", "_proof": ""}, {"_user": "1", "_proof": "é"}]
)
def test_an_id_without_its_proof_is_nobody(member: Member, entry: dict[str, str]) -> None:
    with member.client.session_transaction() as session:
        session.update(entry)
    assert member.who == "nobody"


def test_the_proof_of_another_user_is_none(member: Member) -> None:
    member.sign_in("eve")
    with member.client.session_transaction() as session:
        session["_user"] = "1"
    assert member.who == "nobody"


def test_the_proof_of_a_user_without_a_password_is_that_of_no_other(door: Served) -> None:
    changed(door, password_hash=None)
    with door.app.context():
        load = door.app.extensions["login"].load
        load("2").password_hash = None
        eve = load("2")
    member = Member(door)
    sign_in_client(member.client, eve)
    assert member.who == "eve"
    with member.client.session_transaction() as session:
        session["_user"] = "1"
    assert member.who == "nobody"


def test_another_password_ends_every_session_and_every_remembering(door: Served) -> None:
    here, there = Member(door), Member(door)
    here.sign_in(data={"remember": "y"})
    there.sign_in(data={"remember": "y"})
    changed(door, password_hash="another")
    assert (here.who, there.who) == ("nobody", "nobody")
    assert there.cookie("remember") is None


def test_a_key_that_was_replaced_signs_nobody_out(site: Callable[[Files], Path]) -> None:
    root = site({**MEMBERS, "users.py": USERS.replace('passwords.hash(f"{name}\'s password")', "name")})
    root.joinpath("pages/in.py").write_text(
        "from engine.ext.login import login_user\nfrom users import USERS\nfreeze = False\n"
        "def get():\n    login_user(USERS[1], remember=True)\n    return ''\n"
    )
    before = Member(Served(root, secret_key="old"))
    before.get("/in/")
    for name in ("session", "remember"):
        after = Member(Served(root, secret_key="new", secret_key_fallbacks=("old",)))
        after.bring(before.cookie(name) or "", name)
        assert after.who == "ada"


def test_who_changes_the_password_stays_signed_in_here_alone(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.login import current_user, login_user
        freeze = False
        def post():
            current_user.password_hash = "another"
            login_user(current_user)
            return current_user.name
    """
    door = served({**MEMBERS, "pages/change.py": page}, secret_key=KEY)
    here, there = Member(door), Member(door)
    here.sign_in()
    there.sign_in()
    assert here.client.post("/change/").text == "ada"
    assert (here.who, there.who) == ("ada", "nobody")


def test_a_test_signs_its_client_in(door: Served) -> None:
    member = Member(door)
    with door.app.context():
        user = door.app.extensions["login"].load("1")
    sign_in_client(member.client, user)
    assert (member.who, member.get("/danger/").text) == ("ada", "done")


# Being remembered


def test_a_visitor_is_remembered_once_the_session_is_over(member: Member) -> None:
    answer = member.sign_in(data={"remember": "y"})
    [cookie] = [it for it in answer.headers.getlist("Set-Cookie") if it.startswith("remember=")]
    for attribute in ("HttpOnly", "Secure", "SameSite=Lax", "Max-Age=2592000", "Path=/"):
        assert attribute in cookie
    member.client.delete_cookie("session")
    assert member.who == "ada"


def test_a_visitor_is_not_remembered_for_longer_than_the_site_says(door: Served) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        member = Member(door)
        member.sign_in(data={"remember": "y"})
        token = member.cookie("remember") or ""
        for days, who in ((29, "ada"), (31, "nobody")):
            clock.move_to(NOW)
            clock.shift(timedelta(days=days))
            later = Member(door)
            later.bring(token, "remember")
            assert later.who == who


@pytest.mark.parametrize("token", ["x", "a.b.c", "W10.aaaa.bbbb"])
def test_a_remembering_that_is_not_ours_is_taken_away(member: Member, token: str) -> None:
    member.bring(token, "remember")
    assert (member.who, member.cookie("remember")) == ("nobody", None)


def test_a_session_is_no_remembering(member: Member) -> None:
    member.sign_in()
    session = member.cookie() or ""
    member.client.delete_cookie("session")
    member.bring(session, "remember")
    assert member.who == "nobody"


def test_signing_out_forgets(member: Member) -> None:
    member.sign_in(data={"remember": "y"})
    member.sign_out()
    assert (member.who, member.cookie("remember")) == ("nobody", None)


def test_who_signs_in_without_being_remembered_is_not_remembered_as_another(member: Member) -> None:
    member.sign_in("eve", data={"remember": "y"})
    member.sign_in("ada")
    assert member.cookie("remember") is None


def test_a_remembered_visitor_gets_a_session_that_nobody_has_chosen(member: Member) -> None:
    member.sign_in(data={"remember": "y"})
    member.client.delete_cookie("session")
    with member.client.session_transaction() as session:
        session.update(_csrf="known to Eve", colour="red")
    assert member.who == "ada"
    with member.client.session_transaction() as session:
        assert set(session) == {"_user", "_proof"}


# Guards


@pytest.mark.parametrize(
    "path", ["/members/", "/members/plan.txt", "/members/no-such-page/", "/danger/", "/staff/"]
)
def test_a_browser_is_sent_to_the_login_page_and_back(member: Member, path: str) -> None:
    sent = member.get(path)
    assert (sent.status_code, sent.headers["Cache-Control"]) == (303, "private, no-store")
    back = member.sign_in(path=sent.location)
    assert (back.status_code, back.location) == (303, path)
    assert member.get(path).status_code == (404 if "no-such" in path else 200)


def test_the_query_and_every_letter_of_a_path_come_back(member: Member) -> None:
    sent = member.get("/members/caf%C3%A9%20x/?a=1&b=%2F")
    assert sent.location == "/login/?next=%2Fmembers%2Fcaf%25C3%25A9%2520x%2F%3Fa%3D1%26b%3D%252F"
    assert member.sign_in(path=sent.location).location == "/members/caf%C3%A9%20x/?a=1&b=%2F"


def test_a_query_that_nobody_has_escaped_comes_back_too(member: Member) -> None:
    environ = {"QUERY_STRING": 'q=\xc3\xa9 "[1]'}  # as a server hands on what is no URI
    sent = member.client.get("/members/", environ_overrides=environ)
    assert member.sign_in(path=sent.location).location == "/members/?q=%C3%A9%20%22%5B1%5D"


def test_what_was_sent_is_not_asked_for_again_by_a_redirect(member: Member) -> None:
    assert member.client.post("/danger/").location == "/login/"


def test_a_program_gets_401_in_json(member: Member) -> None:
    answer = member.get("/members/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.json is not None and answer.json["detail"] == "Sign in first."
    assert answer.headers["WWW-Authenticate"] == 'Cookie form-action="/login/", cookie-name="session"'


def test_a_part_of_a_page_takes_the_whole_page_to_the_login(member: Member) -> None:
    answer = member.get("/members/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login/")
    assert answer.headers["WWW-Authenticate"].startswith("Cookie ")


def test_a_guard_lets_the_public_pages_through(member: Member) -> None:
    assert member.get("/members/open/").status_code == 200


def test_a_guard_of_the_whole_site_leaves_the_login_page_open(served: Callable[..., Served]) -> None:
    hooks = {
        "pages/_hooks.py": "from engine.ext.login import login_required\nbefore_request = login_required\n"
    }
    member = Member(served({**MEMBERS, **hooks}, secret_key=KEY))
    assert member.get("/who/").location == "/login/?next=%2Fwho%2F"
    assert member.get("/login/").text == "please sign in"


def test_a_guard_may_want_more_of_a_user(member: Member) -> None:
    member.sign_in("eve")
    assert member.get("/staff/").status_code == 403
    member.sign_in("ada")
    assert member.get("/staff/").text == "staff"


def test_what_is_dangerous_wants_a_sign_in_of_just_now(door: Served) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        member = Member(door)
        member.sign_in(data={"remember": "y"})
        assert member.get("/danger/").text == "done"
        clock.shift(timedelta(minutes=16))
        assert member.who == "ada"
        assert member.get("/danger/").location == "/login/?next=%2Fdanger%2F"
        member.sign_in()
        assert member.get("/danger/").text == "done"


def test_a_remembered_visitor_has_not_signed_in_just_now(member: Member) -> None:
    member.sign_in(data={"remember": "y"})
    member.client.delete_cookie("session")
    assert (member.who, member.get("/danger/").status_code) == ("ada", 303)


HANDLERS = {
    "coroutine": "@login_required\nasync def get(x):\n    return x\n",
    "stream": "@login_required\ndef get(x):\n    yield x\n",
    "method": "class A(MethodView):\n    @login_required\n    def get(self, x):\n        return x\nhandler = A\n",
    "class": "class A(MethodView):\n    decorators = [login_required]\n    def get(self, x):\n        return x\n"
    "handler = A\n",
    "every method": "@login_required\ndef handler(x):\n    return x\n",
}


@pytest.mark.parametrize("kind", HANDLERS)
def test_a_guard_surrounds_every_kind_of_handler(served: Callable[..., Served], kind: str) -> None:
    head = "from engine import MethodView\nfrom engine.ext.login import login_required\nfreeze = False\n"
    member = Member(served({**MEMBERS, "pages/a/[x].py": head + HANDLERS[kind]}, secret_key=KEY))
    assert member.get("/a/y/").status_code == 303
    member.sign_in()
    assert member.get("/a/y/").text == "y"


def test_a_guard_that_is_called_by_mistake_lets_nobody_in(faults: Callable[..., list[str]]) -> None:
    page = "from engine.ext.login import login_required\n@login_required()\ndef get():\n    return 'x'\n"
    [fault] = faults({"pages/a.py": page})
    assert fault.startswith("pages/a.py:2: ")
    assert fault.endswith("write @login_required, without parentheses.")


# Where to go on

ELSEWHERE = [
    *("//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example/", "http:evil.example"),
    *("javascript:alert(1)", "/\t/evil.example", "/\n/evil.example", " //evil.example", "///evil.example"),
    *("evil.example", "", "/a b", "/\x00", "https:/evil.example", "/\u2028evil", "%2F%2Fevil.example"),
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
@pytest.mark.parametrize("place", ["query", "form"])
def test_a_sign_in_leads_nowhere_else(member: Member, wanted: str, place: str) -> None:
    if place == "query":
        answer = member.sign_in(query_string={"next": wanted})
    else:
        answer = member.sign_in(data={"next": wanted})
    assert answer.status_code == 303
    assert answer.location in ("/members/", "/%E2%80%A8evil")


def test_a_site_below_a_path_comes_back_to_it(served: Callable[..., Served]) -> None:
    member = Member(served(MEMBERS, secret_key=KEY, base_url="https://site.example/club"))
    for path in ("/members/", "/club/members/"):
        sent = member.get(path)
        assert sent.location == "/club/login/?next=%2Fclub%2Fmembers%2F"


# At both doors


def test_pages_with_a_user_are_private(member: Member) -> None:
    answer = member.get("/who/")
    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Cookie", "private, no-cache")
    member.sign_in()
    for path in ("/members/", "/members/plan.txt", "/danger/"):
        answer = member.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
        assert "Cookie" in answer.headers["Vary"]


def test_a_page_with_a_user_is_kept_for_nobody(served: Callable[..., Served]) -> None:
    page = """
        from engine.ext.login import current_user, login_required
        cache = "10m"
        freeze = False
        def get():
            return {"name": current_user.name if current_user else "nobody"}
    """
    guarded = page.replace("def get", "@login_required\n        def get")
    member = Member(served({**MEMBERS, "pages/a.py": page, "pages/b.py": guarded}, secret_key=KEY))
    for name in ("ada", "eve"):
        member.sign_in(name)
        assert [member.get(path).json for path in ("/a/", "/b/")] == [{"name": name}] * 2
    member.sign_out()
    assert (member.get("/a/").json, member.get("/b/").status_code) == ({"name": "nobody"}, 303)


def test_a_page_with_a_user_is_no_page_of_a_frozen_site(tmp_path: Path) -> None:
    files = {**MEMBERS, "pages/who.html": "---\nlayout: false\n---\nHello, {{ current_user.name }}"}
    files["pages/members/_data.yaml"] = ""
    root = write_site(tmp_path / "site", files)
    faults = {str(it) for it in freeze_site(root, tmp_path / "dist", secret_key=KEY).faults}
    so = "so that it would differ from visitor to visitor. Say `freeze = False` to leave the page to the server."
    assert f"pages/who.html:4: /who/ reads the session, {so}" in faults
    assert f"pages/members/index.md: /members/ reads the session, {so}" in faults
    assert f"pages/members/plan.txt: /members/plan.txt reads the session, {so}" in faults
    assert not (tmp_path / "dist").exists()


def test_two_sites_of_one_process_have_users_of_their_own(tmp_path: Path) -> None:
    one = Served(write_site(tmp_path / "a", MEMBERS), secret_key=KEY)
    two = Served(write_site(tmp_path / "b", MEMBERS), secret_key="another key")
    here, there = Member(one), Member(two)
    here.sign_in()
    there.bring(here.cookie() or "")
    assert (here.who, there.who) == ("ada", "nobody")


def test_a_site_that_has_no_login_is_told_so(served: Callable[..., Served]) -> None:
    door = served(
        {"pages/a.py": "from engine.ext.login import login_required\nget = login_required(lambda: '')\n"},
        secret_key=KEY,
    )
    with pytest.raises(Exception, match=r"Call login\.init_app"):
        door.app.test_client().get("/a/")


def test_a_site_has_one_login(faults: Callable[..., list[str]]) -> None:
    setup = "from engine.ext.login import Login\ndef setup(app):\n" + "    Login().init_app(app)\n" * 2
    assert "has a login already" in faults({"app.py": setup, "pages/login.md": "a"})[0]


def test_a_page_that_the_login_names_must_be_there(faults: Callable[..., list[str]]) -> None:
    users = USERS.replace("/members/open", "/members/opem").replace("Login(", "Login('/sign-in', ")
    public, page = faults({**MEMBERS, "users.py": users})
    missing = "app.py: the login names the page {!r}, which is not there. "
    assert public == missing.format("/members/opem") + "Correct Login(public=[…])."
    assert page == missing.format("/sign-in") + "Make pages/sign-in.py, or write Login(page=…)."
