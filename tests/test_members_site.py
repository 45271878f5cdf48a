"""The second example: members register, sign in, write, comment and bring photos, in a browser and by an API."""

from __future__ import annotations

import io
import os
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from threading import Barrier
from typing import Any
from zipfile import ZipFile

import pytest
import time_machine
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from commands import Process, command, eventually, run
from doors import freeze_site
from engine import App, create_app
from engine.app.client import Client
from forms_tools import KEY
from pytest_tools import run_pytest
from schemathesis_tools import nothing_is_wrong

SITE = Path(__file__).parents[1] / "sites" / "app"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PASSWORD = "three green words"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PRIVATE = shutil.ignore_patterns("instance", ".engine", "dist", "deploy", "__pycache__")


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with its tables and the three members of the command `demo`."""
    root = tmp_path_factory.mktemp("members") / "app"
    shutil.copytree(SITE, root, ignore=PRIVATE)
    for arguments in (("db", "upgrade"), ("demo", "--password", PASSWORD)):
        done = run("--site", root, *arguments)
        assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def app(ready: Path, tmp_path: Path) -> Iterator[App]:
    root = tmp_path / "app"
    shutil.copytree(ready, root)
    app = create_app(root, secret_key=KEY, session__secure=False)
    yield app
    app.site.modules.close()


@pytest.fixture
def visitor(app: App) -> Client:
    return app.test_client()


def post(client: Client, path: str, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    """Send the form of a page, with the token that the page shows."""
    hidden = dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]*)"', client.get(path).text))
    assert "csrf_token" in hidden, path
    return client.post(path, data={**hidden, **fields}, headers=headers)


def sign_in(app: App, name: str) -> Client:
    client = app.test_client()
    answer = post(client, "/login/", email=f"{name}@ternlane.example", password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return client


def token(client: Client) -> dict[str, str]:
    """What a program sends for a member."""
    shown = re.search("<code>(.+?)</code>", post(client, "/account/token/").text)
    assert shown
    return {"Authorization": f"Bearer {shown[1]}"}


@pytest.mark.long
def test_the_migrations_make_what_the_models_have(ready: Path) -> None:
    done = run("--site", ready, "db", "check")
    assert done.stdout == "The migrations make all that the models have.\n", done.stderr


def test_who_registers_is_signed_in_and_may_write(visitor: Client) -> None:
    join = {"name": "Dee", "email": "dee@ternlane.example", "plot": "9", "password": "a spade and a rake"}
    refused = post(visitor, "/register/", **join, again="a spade")
    assert (refused.status_code, "The two are not the same." in refused.text) == (422, True)
    assert 'value="dee@ternlane.example"' in refused.text
    assert post(visitor, "/register/", **join, again=join["password"]).location == "/"
    assert "Welcome, Dee." in visitor.get("/").text
    written = post(visitor, "/posts/new/", title="Rhubarb", body="It is **ready**.")
    assert "It is <strong>ready</strong>." in visitor.get(written.location).text
    taken = post(visitor, "/register/", **join, again=join["password"])
    assert "There is an account with this address." in taken.text


def test_a_key_is_replaced_as_the_readme_says_without_signing_anybody_out(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = sign_in(app, "ben").get_cookie("session")
    said = re.search("`ENGINE_SECRET_KEY_FALLBACKS=(.+)`", (SITE / "README.md").read_text())
    assert cookie and said
    monkeypatch.setenv("ENGINE_SECRET_KEY_FALLBACKS", said[1].replace("…", KEY))
    renewed = create_app(app.root, secret_key="another key", session__secure=False)
    visitor = renewed.test_client()
    visitor.set_cookie("session", cookie.value)
    assert visitor.get("/account/").status_code == 200
    renewed.site.modules.close()


def test_who_is_not_signed_in_may_read_and_no_more(visitor: Client) -> None:
    assert "Too many courgettes" in visitor.get("/").text
    assert "Sign in</a> to comment" in visitor.get("/posts/2/").text
    for path in ("/posts/new/", "/posts/1/edit/", "/account/", "/admin/"):
        assert visitor.get(path).location.startswith("/login/?next="), path
    assert visitor.post("/posts/1/", data={"body": "me"}).location.startswith("/login/")


def test_a_photo_is_kept_under_a_name_of_the_site_and_goes_with_its_post(app: App) -> None:
    ben = sign_in(app, "ben")
    fields = {"title": "A marrow", "body": "Look.", "alt": "A marrow on a chair"}
    wrong = post(ben, "/posts/new/", **fields, photo=(io.BytesIO(b"<script>"), "marrow.png"))
    assert wrong.status_code == 422
    page = post(ben, "/posts/new/", **fields, photo=(io.BytesIO(PNG), "../../marrow.png")).location
    shown = re.search('<img src="([^"]+)" alt="A marrow on a chair">', ben.get(page).text)
    assert shown and "marrow" not in shown[1]
    with app.test_client().get(shown[1]) as photo:
        assert (photo.data, photo.headers["Content-Type"]) == (PNG, "image/png")
    assert post(ben, f"{page}delete/").location == "/"
    assert [ben.get(page).status_code, ben.get(shown[1]).status_code] == [404, 404]


def test_a_comment_of_a_stranger_is_text(app: App) -> None:
    cai = sign_in(app, "cai")
    assert post(cai, "/posts/1/", body="<script>alert(1)</script> *hello*").status_code == 303
    page = cai.get("/posts/1/").text
    assert "<script>alert" not in page and "<em>hello</em>" in page


def test_a_comment_can_be_sent_without_leaving_the_page(app: App) -> None:
    cai, swap = sign_in(app, "cai"), {"HX-Request": "true"}
    answer = post(cai, "/posts/1/", swap, body="Shall I bring a spanner?")
    assert answer.status_code == 200
    assert (
        "Shall I bring a spanner?" in answer.text and "Shall I bring a spanner?" in cai.get("/posts/1/").text
    )
    refused = post(cai, "/posts/1/", swap, body="")
    assert (refused.status_code, "This field is required." in refused.text) == (422, True)
    assert "<html" not in answer.text + refused.text


def test_the_plots_are_kept_until_a_member_changes(app: App, visitor: Client) -> None:
    def plots() -> dict[int, str]:
        answer = visitor.get("/plots/", headers={"Accept": "application/json"})
        assert (answer.headers["Vary"], answer.headers["Age"]) == ("Accept", "0")
        assert all(plot["since"].endswith("Z") for plot in answer.json)
        return {plot["number"]: plot["name"] for plot in answer.json}

    assert plots() == {7: "Cai", 12: "Ada", 31: "Ben"}
    assert '<th scope="row"><a href="/plots/31/">31</a></th><td>Ben</td>' in visitor.get("/plots/").text
    assert post(sign_in(app, "ben"), "/account/", name="Benjamin", plot="32").status_code == 303
    assert plots() == {7: "Cai", 12: "Ada", 32: "Benjamin"}


def test_a_member_takes_their_notices_along(app: App) -> None:
    answer = sign_in(app, "ben").get("/account/notices.zip")
    assert answer.headers["Content-Disposition"] == "attachment; filename=notices.zip"
    with ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.namelist() == ["2.md", "3.md"]
        assert archive.read("2.md").startswith(b"# Too many courgettes\n\nA crate stands")


def test_an_admin_gets_a_table_of_the_members_and_hears_of_new_notices(app: App) -> None:
    ada, ben = sign_in(app, "ada"), sign_in(app, "ben")
    table = ada.get("/admin/members.csv")
    assert (table.content_type, table.text.splitlines()[1]) == (
        "text/csv; charset=utf-8",
        "Ada,12,ada@ternlane.example",
    )
    app.site.views["/admin/news"].module.PAUSE = 0.01
    with ada.get("/admin/news/", headers={"Last-Event-ID": "3"}, buffered=False) as news:
        heard = iter(news.response)
        assert b"Foxes under the shed" in next(heard)
        assert post(ben, "/posts/new/", title="Rhubarb", body="Ready.").status_code == 303
        assert next(heard) == b'id: 5\ndata: {"title":"Rhubarb","by":"Ben","url":"/posts/5/"}\n\n'
    assert [ben.get(path).status_code for path in ("/admin/members.csv", "/admin/news/")] == [403, 403]


def test_the_whole_board_is_one_page(visitor: Client) -> None:
    titles = ["Foxes under the shed", "Seed swap on Saturday", "Too many courgettes", "The water is on again"]
    with visitor.get("/posts/all/", buffered=False) as answer:
        assert answer.is_streamed
        assert re.findall("<h2>(.+?)</h2>", answer.text) == titles


def test_links_to_the_board_before_lead_on(visitor: Client) -> None:
    moved = visitor.get("/board/show.php?id=3")
    assert (moved.status_code, moved.location) == (301, "/posts/3/")
    assert visitor.get("/board/archive.php").status_code == 410


def test_a_page_that_fails_is_told(app: App, caplog: pytest.LogCaptureFixture) -> None:
    with app.extensions["sql"].engine.begin() as connection:
        connection.execute(text("DROP TABLE comment"))
    answer = app.test_client(propagate=False).get("/posts/1/")
    assert (answer.status_code, "somebody has been told" in answer.text) == (500, True)
    assert "A mail would say: /posts/1/ failed: OperationalError" in caplog.text


def test_only_its_author_and_an_admin_may_change_a_post(app: App) -> None:
    ada, ben, cai = (sign_in(app, name) for name in ("ada", "ben", "cai"))
    assert cai.get("/posts/2/edit/").status_code == 403
    assert cai.get("/posts/2/delete/").status_code == 403
    assert "Take down" not in cai.get("/posts/2/").text
    for client in (ben, ada):
        assert post(client, "/posts/2/edit/", title="Courgettes", body="Gone.").location == "/posts/2/"
    assert "Courgettes" in cai.get("/posts/2/").text


def test_who_changes_a_post_that_another_has_changed_meanwhile_is_told(app: App) -> None:
    ada, ben = (sign_in(app, name) for name in ("ada", "ben"))
    sent = dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]*)"', ben.get("/posts/2/edit/").text))
    assert post(ada, "/posts/2/edit/", title="Beans", body="More.").status_code == 303
    late = ben.post("/posts/2/edit/", data={**sent, "title": "Peas", "body": "Less."})
    assert (late.status_code, "Somebody has changed this notice" in late.text) == (409, True)
    assert "Beans" in ben.get("/posts/2/").text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/", {"name": "Ben", "plot": "9" * 20}),
        ("/account/password/", {"password": "x" * 5000}),
        ("/posts/new/", {"title": "A", "body": "x" * 20_001}),
        ("/posts/new/", {"title": "A", "body": "b", "photo": (io.BytesIO(b"<script>WEBPVP8 "), "a.webp")}),
        ("/posts/1/", {"body": "x" * 20_001}),
    ],
)
def test_what_cannot_be_kept_is_refused(app: App, path: str, fields: dict[str, Any]) -> None:
    assert post(sign_in(app, "ben"), path, **fields).status_code == 422
    assert app.test_client().get("/api/posts/").status_code == 200


def test_an_address_is_one_account_however_it_is_written(app: App) -> None:
    join = {"name": "Eve", "plot": "", "password": PASSWORD, "again": PASSWORD}
    assert post(app.test_client(), "/register/", email="\u00c4va@ternlane.example", **join).status_code == 303
    again = post(app.test_client(), "/register/", email="\u00e4VA@ternlane.example", **join)
    assert again.status_code == 422 and "There is an account" in again.text
    signed = post(app.test_client(), "/login/", email="\u00c4va@ternlane.example", password=PASSWORD)
    assert signed.status_code == 303


@pytest.mark.long
def test_failures_of_signing_in_look_alike_and_are_limited(app: App) -> None:
    texts = set()
    with time_machine.travel("2026-06-01T12:00:30Z", tick=False):  # no minute ends meanwhile
        for email in ("ada@ternlane.example", "nobody@ternlane.example"):
            client = app.test_client()
            answers = [post(client, "/login/", email=email, password="wrong") for _ in range(5)]
            assert {answer.status_code for answer in answers} == {422}
            texts.add(re.sub('value="[^"]+"', "", answers[0].text))
            assert post(client, "/login/", email=email, password=PASSWORD).status_code == 429
    assert len(texts) == 1


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    client, signed_in = app.test_client(), sign_in(app, "ben")
    assert post(client, "/password/", email="BEN@ternlane.example").location == "/login/"
    eventually(lambda: "/password/" in caplog.text, "the mail is there")
    found = re.search(r"https://ternlane\.example(/password/\S+)", caplog.text)
    assert found and "Dear Ben," in caplog.text
    assert post(client, found[1], password="four green words now").location == "/login/"
    assert client.get(found[1]).status_code == 404
    assert signed_in.get("/account/").status_code == 303, "the old sessions are over"
    answer = post(client, "/login/", email="ben@ternlane.example", password="four green words now")
    assert answer.location == "/"


def test_an_admin_locks_a_member_out(app: App) -> None:
    ada, cai = sign_in(app, "ada"), sign_in(app, "cai")
    assert cai.get("/admin/").status_code == 403
    shown = re.search('name="csrf_token" .*?value="([^"]+)"', ada.get("/admin/").text)
    assert shown
    assert ada.post("/admin/members/3/", data={"csrf_token": shown[1]}).location == "/admin/"
    assert "Cai is locked out." in ada.get("/admin/").text
    assert cai.get("/account/").status_code == 303
    refused = post(cai, "/login/", email="cai@ternlane.example", password=PASSWORD)
    assert "The address or the password is wrong." in refused.text
    assert ada.post("/admin/members/1/", data={"csrf_token": shown[1]}).status_code == 400


def test_the_api_writes_for_who_has_a_token(app: App) -> None:
    program, ben, cai = app.test_client(), token(sign_in(app, "ben")), token(sign_in(app, "cai"))
    notice = {"title": "From a script", "body": "Beep."}
    stranger = program.post("/api/posts/", json=notice)
    assert (stranger.status_code, stranger.headers["WWW-Authenticate"]) == (401, "Bearer")
    forged = program.post("/api/posts/", json=notice, headers={"Authorization": "Bearer x"})
    assert (forged.status_code, forged.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    made = program.post("/api/posts/", json=notice, headers=ben)
    assert (made.status_code, made.json["author"]["name"]) == (201, "Ben")
    path, tag = made.location, made.headers["ETag"]
    assert program.get("/api/posts/").json["items"][0]["title"] == "From a script"
    assert program.put(path, json=notice, headers=ben).status_code == 428
    assert program.put(path, json=notice, headers={**cai, "If-Match": tag}).status_code == 403
    changed = program.put(path, json={**notice, "body": "Boop."}, headers={**ben, "If-Match": tag})
    assert changed.json["body"] == "Boop."
    assert program.put(path, json=notice, headers={**ben, "If-Match": tag}).status_code == 412
    assert {made.headers["Cache-Control"], changed.headers["Cache-Control"]} == {"private, no-cache"}
    wrong = program.put(path, json={"title": ""}, headers={**ben, "If-Match": tag})
    assert [error["pointer"] for error in wrong.json["errors"]] == ["/title", "/body"]
    assert program.delete(path, headers=ben).status_code == 204
    gone = program.get(path)
    assert (gone.status_code, gone.content_type) == (404, "application/problem+json")


def test_the_token_of_a_program_outlives_the_next_sign_in(app: App) -> None:
    bearer = token(sign_in(app, "ben"))
    with time_machine.travel(time.time() + 60):
        sign_in(app, "ben")
    made = app.test_client().post("/api/posts/", json={"title": "A", "body": "b"}, headers=bearer)
    assert made.status_code == 201


def test_of_two_programs_that_change_a_notice_at_once_one_is_told(app: App) -> None:
    program, ben = app.test_client(), token(sign_in(app, "ben"))
    tag = program.get("/api/posts/2/").headers["ETag"]

    meanwhile(app, "UPDATE post SET version = version + 1 WHERE id = 2")
    notice = {"title": "Courgettes", "body": "Gone."}
    answer = program.put("/api/posts/2/", json=notice, headers={**ben, "If-Match": tag})
    assert (answer.status_code, answer.json["title"]) == (412, "Precondition Failed")
    assert answer.json["detail"].startswith("Somebody has changed or deleted this meanwhile.")


def meanwhile(app: App, statement: str) -> None:
    """Have somebody else do this before the next request writes."""

    def change(*about: object) -> None:
        with app.extensions["sql"].engine.begin() as other:
            other.execute(text(statement))

    event.listen(Session, "before_flush", change, once=True)


def test_of_two_who_register_one_address_at_once_one_has_an_account_and_one_is_told(app: App) -> None:
    join = {"name": "Dee", "email": "dee@ternlane.example", "password": "a spade and a rake"}
    both_are_valid = Barrier(2, timeout=120)

    def wait(*about: object) -> None:
        both_are_valid.wait()

    def register(number: int) -> tuple[int, str]:
        answer = post(app.test_client(), "/register/", **join, again=join["password"], plot=str(number))
        return answer.status_code, answer.text

    event.listen(Session, "before_flush", wait)
    try:
        with ThreadPoolExecutor(2) as pool:
            (good, _), (bad, told) = sorted(pool.map(register, (8, 9)))
    finally:
        event.remove(Session, "before_flush", wait)
    assert (good, bad) == (303, 422)
    assert "There is an account with this address." in told and 'value="Dee"' in told


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_comment_on_a_notice_that_was_taken_down_meanwhile_is_not_found(
    app: App, headers: dict[str, str]
) -> None:
    cai = sign_in(app, "cai")
    hidden = dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]*)"', cai.get("/posts/2/").text))
    meanwhile(app, "DELETE FROM post WHERE id = 2")
    assert cai.post("/posts/2/", data={**hidden, "body": "Yes."}, headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["/posts/2/edit/", "/posts/2/delete/"])
def test_what_is_done_to_a_notice_that_was_taken_down_meanwhile_is_a_conflict(app: App, path: str) -> None:
    ben, fields = sign_in(app, "ben"), {"title": "Peas", "body": "Less."}
    hidden = dict(re.findall(r'name="(\w+)" type="hidden" value="([^"]*)"', ben.get(path).text))
    meanwhile(app, "DELETE FROM post WHERE id = 2")
    answer = ben.post(path, data={**hidden, **fields})
    assert (answer.status_code, "Somebody has changed or deleted this" in answer.text) == (409, True)


@pytest.mark.parametrize("statement", ["UPDATE post SET version = 7", "DELETE FROM post"])
def test_a_program_that_deletes_what_another_has_changed_is_told(app: App, statement: str) -> None:
    program, ben = app.test_client(), token(sign_in(app, "ben"))
    meanwhile(app, f"{statement} WHERE id = 2")
    answer = program.delete("/api/posts/2/", headers=ben)
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")


@pytest.mark.long
def test_its_own_tests_pass(ready: Path, tmp_path: Path) -> None:
    ended = run_pytest(ready / "tests", "-c", "/dev/null", "-k", "not .::", "--site", ready, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout


def test_the_pages_of_the_server_are_left_to_it(ready: Path, tmp_path: Path) -> None:
    report = freeze_site(ready, tmp_path / "dist", hybrid=True, secret_key=KEY)
    assert report.faults == ()
    found = {path.relative_to(tmp_path / "dist").as_posix() for path in (tmp_path / "dist").rglob("*.*")}
    assets = {"comments.js", "icon.svg", "news.js", "style.css"}
    pages = {"404.html", "about/index.html", "years/index.html"}
    assert found == {".engine.json", "robots.txt", *pages, *assets}


def test_the_years_that_are_over_are_published_as_the_database_has_them(app: App, tmp_path: Path) -> None:
    with app.context():
        db = app.extensions["sql"]
        db.session.get(db.models.Post, 1).created = datetime(2024, 5, 3)
        db.session.commit()
    report = freeze_site(app.root, tmp_path / "dist", hybrid=True, secret_key=KEY)
    assert report.faults == ()
    assert "2024" in (tmp_path / "dist/years/index.html").read_text()
    assert "The water is on again" in (tmp_path / "dist/years/2024/index.html").read_text()


@pytest.fixture
def server(ready: Path, tmp_path: Path) -> Iterator[Process]:
    root = tmp_path / "app"
    shutil.copytree(ready, root)
    arguments = command("serve", root, "--port", "0")
    environment = {"ENGINE_SECRET_KEY": KEY, "ENGINE_SESSION__SECURE": "false"}
    with Process(arguments, **environment).ready("/about/") as process:
        yield process


@pytest.mark.long
def test_every_page_is_sound(ready: Path, tmp_path: Path) -> None:
    ended = run_pytest("--site", ready, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout
    assert " failed" not in ended.stdout


@pytest.mark.long
def test_schemathesis_finds_nothing_wrong_with_the_api(server: Process, tmp_path: Path) -> None:
    app = create_app(tmp_path / "app", secret_key=KEY, session__secure=False)
    nothing_is_wrong(server, token(sign_in(app, "ada"))["Authorization"], tmp_path)


@pytest.mark.long
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed; name one in $CHROMIUM")
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_member_finds_their_way_on_any_screen(server: Process, width: int, tmp_path: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    photo = tmp_path / "photo.png"
    photo.write_bytes(PNG)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        said: list[str] = []
        page.on("console", lambda message: said.append(f"{message.location['url']}: {message.text}"))

        def look() -> None:
            assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), page.url

        page.goto(f"{server.origin}/posts/new/")
        page.get_by_label("E-mail").fill("ada@ternlane.example")
        page.get_by_label("Password").fill(PASSWORD)
        look()
        page.get_by_role("button", name="Sign in").click()
        assert page.url == f"{server.origin}/posts/new/"
        page.get_by_label("Title").fill("A" * 60)
        page.get_by_label("Text").fill("A *photo*.")
        page.get_by_label("Photo", exact=True).set_input_files(photo)
        page.get_by_label("What the photo shows").fill("Nothing much")
        look()
        page.get_by_role("button", name="Pin it up").click()
        page.get_by_label("Your comment").fill("b" * 90)
        page.get_by_role("button", name="Comment").click()
        page.get_by_text("b" * 90).wait_for()
        look()
        assert page.url.endswith("/posts/5/"), "the comment came without another page"
        for path in (
            *("/", "/plots/", "/account/", "/account/token/"),
            *("/admin/", "/about/", "/register/", "/api/"),
        ):
            page.goto(server.origin + path)
            look()
        assert said == []
        browser.close()
