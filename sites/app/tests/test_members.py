"""Who signs in, and what programs write for them."""

from io import BytesIO

from engine import appcontext_popped
from engine.ext.login import is_outdated


def test_a_password_that_is_stored_too_simply_is_stored_anew_at_the_next_sign_in(client, db, ada):
    assert is_outdated(ada.password_hash)
    client.post("/login/", data={**token_of(client, "/login/"), "email": ada.email, "password": "a spade"})
    db.session.refresh(ada)
    assert not is_outdated(ada.password_hash)


def token_of(client, path):
    page = client.get(path).text
    return {"csrf_token": page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]}


def test_one_address_may_sign_in_sixty_times_a_minute(client, db):
    statuses = []
    sent = token_of(client, "/login/")
    for number in range(61):
        guess = {**sent, "email": f"{number}@ternlane.example", "password": ""}
        statuses.append(client.post("/login/", data=guess).status_code)
    assert statuses == [422] * 61


def test_a_program_finds_notices_by_words(client, ada):
    titles = [it["title"] for it in client.get("/api/posts/?words=water").json["items"]]
    assert (titles, client.get("/api/posts/?words=beans").json["items"]) == (["The water is on"], [])
    assert client.get(f"/api/posts/?words={'x' * 201}").json["errors"][0]["in"] == "query"


def test_a_program_that_sends_a_notice_again_pins_it_up_once(client, db, program):
    notice = {"title": "Beans", "body": "Many."}
    headers = {**program, "Idempotency-Key": "a-1"}
    first, again = (client.post("/api/posts/", json=notice, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.location) == (201, 201, first.location)
    other = client.post("/api/posts/", json={**notice, "title": "Peas"}, headers=headers)
    assert (other.status_code, other.content_type) == (409, "application/problem+json")
    unnamed = [client.post("/api/posts/", json=notice, headers=program).location for _ in range(2)]
    assert unnamed[0] != unnamed[1]


def test_a_text_that_links_to_a_notice_that_is_not_there_is_refused(client, ada, program):
    notice = {"title": "See there", "body": "As [Ada](/posts/1/) and [Ben](/posts/7/) say."}
    [error] = client.post("/api/posts/", json=notice, headers=program).json["errors"]
    assert (error["pointer"], error["detail"]) == ("/body", "It links to the notice 7, which is not there")
    right = {**notice, "body": "As [Ada](/posts/1/) says."}
    assert client.post("/api/posts/", json=right, headers=program).status_code == 201


def test_an_invitation_that_does_not_hold_leads_to_joining_without_one(client, db):
    assert client.get("/register/?invited=x").location == "/register/"
    assert "This invitation is too old, or not ours." in client.get("/register/").text


def test_the_lists_of_the_committee_are_invited_together_or_not_at_all(signed_in, db, ada, outbox):
    ada.is_admin = True
    db.session.commit()
    sent = {"csrf_token": signed_in.token("/admin/invite/")}
    right, wrong = b"dee@dee.example,14\n\n", b"eli@eli.example, 15\n16"
    lists = {"lists": [(BytesIO(right), "a.csv"), (BytesIO(wrong), "b.csv")]}
    refused = signed_in.post("/admin/invite/", data={**sent, **lists})
    assert (refused.status_code, "b.csv, line 2: this is no address" in refused.text) == (422, True)
    assert "This field is required." in signed_in.post("/admin/invite/", data=sent).text
    outbox.wait()
    assert not outbox.kept
    lists = {"lists": [(BytesIO(right), "a.csv"), (BytesIO(wrong[:-2]), "b.csv")]}
    assert signed_in.post("/admin/invite/", data={**sent, **lists}).location == "/admin/"
    outbox.wait()
    assert {mail["To"] for mail in outbox.kept} == {"dee@dee.example", "eli@eli.example"}


def test_a_member_is_locked_out_by_a_button_of_the_page_alone(signed_in, db, ada):
    ada.is_admin = True
    db.session.add(db.models.Member(name="Ben", email="ben@ternlane.example", password_hash=""))
    db.session.commit()
    assert signed_in.post("/admin/members/2/").status_code == 403
    sent = {"csrf_token": signed_in.token("/admin/")}
    assert signed_in.post("/admin/members/2/", data=sent).location == "/admin/"


def test_the_table_of_members_keeps_the_database_until_it_is_sent(signed_in, db, ada, app):
    ada.is_admin = True
    db.session.commit()
    ended = []
    with appcontext_popped.connected_to(ended.append, app):
        with signed_in.get("/admin/members.csv", buffered=False) as answer:
            assert not ended
            assert b"Ada,12" in b"".join(answer.response)
        assert ended == [app]
