"""The second example and what is around it on a server: mails, a service that signs in, a Redis, its settings."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests
import time_machine

from commands import Process, command, eventually, run
from engine import App, create_app
from engine.app.client import Client
from forms_tools import KEY
from oidc_tools import ADA, CLIENT, SECRET, Issuer, running_issuer
from postgresql import postgres as postgres
from redis_tools import Server, needs_server
from schemathesis_tools import nothing_is_wrong
from test_members_site import PASSWORD, PRIVATE, SITE, post, sign_in, token
from test_members_site import ready as ready

JOIN = {"name": "Dee", "password": "a spade and a rake", "again": "a spade and a rake"}


@pytest.fixture
def opened(ready: Path, tmp_path: Path) -> Iterator[Callable[..., App]]:
    """Opens the site with the given settings."""
    root = tmp_path / "app"
    shutil.copytree(ready, root)
    apps = []

    def open_site(**settings: object) -> App:
        apps.append(create_app(root, **{"secret_key": KEY, "session__secure": False, **settings}))
        return apps[-1]

    yield open_site
    for app in apps:
        app.site.modules.close()


@pytest.fixture
def app(opened: Callable[..., App]) -> App:
    return opened()


def mail(app: App, subject: str) -> str:
    """The text of the last mail about `subject`."""
    kept = app.extensions["outbox"].kept
    eventually(lambda: any(it["Subject"] == subject for it in kept), "the mail is there")
    return next(str(it.get_content()) for it in kept if it["Subject"] == subject)


@pytest.mark.long
def test_who_is_invited_joins_by_the_link_of_a_mail(app: App) -> None:
    ben = sign_in(app, "ben")
    assert post(ben, "/account/invite/", email="Dee@ternlane.example").location == "/account/"
    text = mail(app, "Come to our noticeboard")
    assert text.startswith("Hello,\n\nBen asks you to our noticeboard")
    found = re.search(r"https://ternlane\.example(/register/\?invited=\S+)", text)
    assert found
    visitor = app.test_client()
    page = visitor.get(found[1]).text
    assert 'value="dee@ternlane.example"' in page and 'value="31"' in page
    assert visitor.get(found[1].replace("invited=", "invited=x")).location == "/register/"
    assert "This invitation is too old, or not ours." in visitor.get("/register/").text
    with time_machine.travel("2036-01-01"):
        assert app.test_client().get(found[1]).location == "/register/"
    assert post(visitor, "/register/", **JOIN, email="dee@ternlane.example", plot="31").location == "/"


@pytest.mark.long
def test_a_command_invites_and_another_writes_to_all(opened: Callable[..., App], tmp_path: Path) -> None:
    app = opened()
    invite = run("--site", app.root, "invite", "dee@ternlane.example", 9, ENGINE_SECRET_KEY=KEY)
    assert (invite.returncode, invite.stdout) == (0, "dee@ternlane.example is invited.\n"), invite.stderr
    assert "A mail to dee@ternlane.example would say:\nHello,\n\nThe committee asks you" in invite.stderr
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear {{ member.name }}, the hedge of plot {{ member.plot }} is high.\n", "utf-8")
    circular = run("--site", app.root, "circular", letter, "--subject", "Hedges")
    assert circular.stdout == "3 members were written to.\n", circular.stderr
    assert "Dear Cai, the hedge of plot 7 is high.\n" in circular.stderr


@pytest.mark.long
def test_a_command_before_there_are_tables_is_told_what_to_do(tmp_path: Path) -> None:
    root = shutil.copytree(SITE, tmp_path / "app", ignore=PRIVATE)
    done = run("--site", root, "make-admin", "ada@ternlane.example")
    said = "OperationalError: (sqlite3.OperationalError) no such table: member. The database lacks a table"
    assert (done.returncode, done.stderr.startswith(said)) == (1, True), done.stderr
    assert "Traceback" not in done.stderr


def test_mails_that_nobody_sends_are_shown_to_an_admin(app: App, opened: Callable[..., App]) -> None:
    ada, ben = sign_in(app, "ada"), sign_in(app, "ben")
    assert "None yet." in ada.get("/admin/mails/").text
    post(ben, "/account/invite/", email="dee@ternlane.example")
    mail(app, "Come to our noticeboard")
    page = ada.get("/admin/mails/").text
    assert "To dee@ternlane.example" in page and '<a href="https://ternlane.example/register/?' in page
    assert ben.get("/admin/mails/").status_code == 403
    sending = opened(app__mail_server="mail.example")
    assert sign_in(sending, "ada").get("/admin/mails/").status_code == 404


def test_who_would_like_a_plot_writes_to_the_committee(app: App) -> None:
    wish = {"name": "Dee", "reach": "dee@example.org", "size": "a whole plot", "why": "Leeks."}
    old = post(app.test_client(), "/waiting/", **wish, on_list="2015-05-01")
    assert (old.status_code, "The list was begun anew in 2019." in old.text) == (422, True)
    assert 'value="dee@example.org"' in old.text
    assert post(app.test_client(), "/waiting/", **wish, on_list="2024-05-01").location == "/"
    text = mail(app, "Somebody would like a plot")
    assert text == (
        "Dee would like a whole plot, and is on the list since 2024-05-01.\n\n"
        "To be reached by: dee@example.org\n\nLeeks.\n\n"
        "--\nTern Lane Allotments\nhttps://ternlane.example/\n"
    )


def test_what_a_visitor_has_read_is_not_new_even_when_the_browser_was_closed(app: App) -> None:
    visitor = app.test_client()
    assert ">new<" not in visitor.get("/").text
    answer = visitor.post("/seen/", data={"back": "/?page=1"})
    assert answer.location == "/?page=1"
    assert "Expires=" in answer.headers["Set-Cookie"]
    assert visitor.post("/seen/", data={"back": "https://elsewhere.example/"}).location == "/"
    written = post(sign_in(app, "ben"), "/posts/new/", title="Rhubarb", body="Ready.").location
    assert re.findall(r'<a href="(\S+)">.*</a> <small class="new">', visitor.get("/").text) == [written]
    fields = {"email": "cai@ternlane.example", "password": PASSWORD}
    assert post(visitor, "/login/", **fields).status_code == 303
    assert visitor.get("/").text.count(">new<") == 1, "a sign-in keeps what was read"


def test_a_feed_is_kept_until_a_notice_changes(app: App) -> None:
    def titles() -> list[str | None]:
        answer = app.test_client().get("/feed.xml")
        assert (answer.mimetype, answer.headers["Age"]) == ("application/atom+xml", "0")
        assert "Last-Modified" in answer.headers
        return [it.text for it in ET.fromstring(answer.data).findall("{*}entry/{*}title")]

    assert titles()[0] == "Foxes under the shed"
    ben = sign_in(app, "ben")
    written = post(ben, "/posts/new/", title="Rhubarb", body="Ready.").location
    assert titles()[0] == "Rhubarb"
    assert post(ben, f"{written}delete/").location == "/"
    assert titles()[0] == "Foxes under the shed"


def test_the_page_to_print_may_run_its_script(app: App) -> None:
    answer = app.test_client().get("/posts/all/")
    [nonce] = re.findall(r'<script nonce="(.+?)">', answer.text)
    assert f"script-src 'self' 'nonce-{nonce}'" in answer.headers["Content-Security-Policy"]
    assert "nonce" not in app.test_client().get("/").headers["Content-Security-Policy"]


def test_the_health_of_the_server_is_for_machines(app: App) -> None:
    answer = app.test_client().get("/health/")
    assert (answer.json, answer.headers["Cache-Control"]) == ({"status": "ok", "members": True}, "no-store")


def test_a_site_that_is_closed_says_why(opened: Callable[..., App]) -> None:
    visitor = opened(app__closed="We are back at noon.").test_client()
    answers = [visitor.get(path) for path in ("/", "/about/", "/nothing/", "/style.css")]
    assert {answer.status_code for answer in answers} == {503}
    assert "We are back at noon." in answers[0].text


@pytest.mark.long
def test_what_those_who_look_after_the_members_do_is_noted(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ternlane.admin")
    with sign_in(app, "ada").get("/admin/members.csv") as table:
        assert "cai@ternlane.example" in table.text
    assert "GET /admin/members.csv by member 1: done" in caplog.text


def test_a_photo_that_is_too_large_is_told_kindly(opened: Callable[..., App]) -> None:
    app = opened(limits__body=2000)
    answer = sign_in(app, "ben").post("/posts/new/", data={"body": "x" * 3000})
    assert (answer.status_code, "This is too large" in answer.text) == (413, True)


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def federated(opened: Callable[..., App], issuer: Issuer) -> App:
    app = opened(app__federation={"issuer": issuer.url, "client_id": CLIENT, "client_secret": SECRET})
    with app.context():
        issuer.client.back = app.url_for("/login/[service]/back", service="federation", _external=True)
    return app


def go(client: Client, path: str = "/login/federation/") -> str:
    """Begin to sign in, go to the service, and give the path that it sends the visitor back to."""
    begun = client.get(path)
    assert begun.status_code == 303, begun.text
    answer = requests.get(begun.location, allow_redirects=False, timeout=60)
    return answer.headers["Location"].removeprefix("https://ternlane.example")


def test_a_member_joins_another_service_and_signs_in_by_it_from_then_on(federated: App) -> None:
    stranger = federated.test_client()
    assert stranger.get(go(stranger)).location == "/login/"
    assert "knows you, and we do not yet" in stranger.get("/login/").text
    ben = sign_in(federated, "ben")
    assert "Sign in by it" in ben.get("/account/").text
    assert ben.get(go(ben)).location == "/account/"
    assert "Sign in by it" not in ben.get("/account/").text
    again = federated.test_client()
    assert again.get("/posts/new/").location == "/login/?next=%2Fposts%2Fnew%2F"
    assert "Sign in by the federation" in again.get("/login/?next=%2Fposts%2Fnew%2F").text
    assert again.get(go(again, "/login/federation/?next=%2Fposts%2Fnew%2F")).location == "/posts/new/"
    assert "ben@ternlane.example" in again.get("/account/").text
    cai = sign_in(federated, "cai")
    assert cai.get(go(cai)).status_code == 409


def test_a_service_that_fails_leads_back_to_the_login_page(federated: App, issuer: Issuer) -> None:
    visitor = federated.test_client()
    issuer.answer = {"error": "access_denied"}
    assert visitor.get(go(visitor)).location == "/login/"
    assert "The service did not sign you in." in visitor.get("/login/").text


def test_without_another_service_there_is_none(app: App) -> None:
    assert app.test_client().get("/login/federation/").status_code == 404
    assert "federation" not in app.test_client().get("/login/").text
    assert ADA["name"] == "Ada"


@pytest.mark.long
def test_its_tables_and_its_api_are_sound_in_a_postgresql(postgres: str, tmp_path: Path) -> None:
    root = tmp_path / "app"
    shutil.copytree(SITE, root, ignore=PRIVATE)
    environment = {
        "ENGINE_APP__DATABASE_URL": postgres,
        "ENGINE_SECRET_KEY": KEY,
        "ENGINE_SESSION__SECURE": "false",
    }
    for arguments in (("db", "upgrade"), ("demo", "--password", PASSWORD), ("db", "check")):
        done = run("--site", root, *arguments, **environment)
        assert done.returncode == 0, done.stderr
    app = create_app(root, secret_key=KEY, session__secure=False, app__database_url=postgres)
    ada = sign_in(app, "ada")
    shown = token(ada)
    with_nul = app.test_client().post("/api/posts/", json={"title": "a\0", "body": "\0"}, headers=shown)
    assert [it["pointer"] for it in with_nul.json["errors"]] == ["/title", "/body"]
    assert ada.get(post(ada, "/posts/new/", title="a\0b", body="c").location).status_code == 200
    assert {ada.get(f"/{path}/{'9' * 30}/").status_code for path in ("posts", "plots", "api/posts")} == {404}
    with app.context():
        db = app.extensions["sql"]
        db.session.get(db.models.Post, 1).created = datetime(2024, 5, 3)
        db.session.commit()
    assert 'href="/years/2024/"' in ada.get("/years/").text
    assert "The water is on again" in ada.get("/years/2024/").text
    app.site.modules.close()
    with Process(command("serve", root, "--port", "0"), **environment).ready("/about/") as server:
        nothing_is_wrong(server, shown["Authorization"], tmp_path)


@pytest.mark.long
def test_the_settings_of_the_server_are_sound(ready: Path) -> None:
    listed = run("config", ready, "--json", ENGINE_ENV="server")
    assert listed.returncode == 0, listed.stderr
    values = {it["name"]: it["value"] for it in json.loads(listed.stdout)}
    assert (values["session.store"], values["cache.prefix"]) == ("cache", "ternlane")


@needs_server
def test_two_processes_share_sessions_and_kept_answers_in_a_redis(
    opened: Callable[..., App], tmp_path_factory: pytest.TempPathFactory
) -> None:
    redis = Server(tmp_path_factory.mktemp("redis"))
    try:
        one, other = (opened(cache__store=redis.address, session__store="cache") for _ in range(2))
        ben = sign_in(one, "ben")
        [cookie] = [it for it in ben._cookies.values() if it.key == "session"]
        there = other.test_client()
        there.set_cookie("session", cookie.value)
        assert "ben@ternlane.example" in there.get("/account/").text
        plots = {"Accept": "application/json"}
        assert len(other.test_client().get("/plots/", headers=plots).json) == 3
        assert post(ben, "/account/", name="Benjamin", plot="32").status_code == 303
        names = [it["name"] for it in other.test_client().get("/plots/", headers=plots).json]
        assert names == ["Cai", "Ada", "Benjamin"]
        with one.context():
            Member = one.extensions["sql"].models.Member
            one.extensions["sql"].session.get(Member, 3).name = "Caitlin"
            one.extensions["sql"].session.commit()
        assert other.test_client().get("/plots/", headers=plots).json[0]["name"] == "Cai"
        purged = run("--site", one.root, "purge", ENGINE_CACHE__STORE=redis.address, ENGINE_SECRET_KEY=KEY)
        assert purged.stdout == "What was kept is gone.\n", purged.stderr
        assert other.test_client().get("/plots/", headers=plots).json[0]["name"] == "Caitlin"
        assert ben.post("/logout/").status_code == 303
        assert there.get("/account/").status_code == 303, "a copy of the cookie opens nothing"
    finally:
        redis.stop()
