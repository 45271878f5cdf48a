"""Notices are read by everybody, and written by who has signed in."""

import pytest

from engine.ext.login import hash_password, sign_in_client


@pytest.fixture
def ada(db):
    member = db.models.Member(
        name="Ada", email="ada@ternlane.example", password_hash=hash_password("a spade")
    )
    member.posts.append(db.models.Post(title="The water is on", body="Turn it off *fully*."))
    db.session.add(member)
    db.session.commit()
    return member


def test_everybody_reads(client, ada):
    assert "The water is on" in client.get("/").text
    assert "<em>fully</em>" in client.get("/posts/1/").text


def test_a_stranger_is_sent_to_sign_in(client, ada):
    assert client.get("/posts/new/").location == "/login/?next=%2Fposts%2Fnew%2F"


def test_a_comment_is_sent_without_leaving_the_page(client, ada):
    sign_in_client(client, ada)
    token = client.get("/posts/1/").text.partition('name="csrf_token" ')[2].split('value="')[1].split('"')[0]
    answer = client.post(
        "/posts/1/", data={"body": "Done.", "csrf_token": token}, headers={"HX-Request": "true"}
    )
    assert "Done." in answer.text and "<html" not in answer.text


def test_programs_get_the_plots_as_json(client, db, ada):
    ada.plot = 12
    db.session.commit()
    [plot] = client.get("/plots/", headers={"Accept": "application/json"}).json
    assert (plot["number"], plot["name"]) == (12, "Ada")
    assert "<td>Ada</td>" in client.get("/plots/", headers={"Accept": "text/html"}).text
