"""Notices are read by everybody, and written by who has signed in."""

from datetime import datetime
from io import BytesIO

from engine import message_flashed, session, template_rendered

FROG = b"\x89PNG\r\n\x1a\n and so on"


def test_everybody_reads(client, ada):
    assert "The water is on" in client.get("/").text
    assert "<em>fully</em>" in client.get("/posts/1/").text


def test_a_stranger_is_sent_to_sign_in(client, ada):
    assert client.get("/posts/new/").location == "/login/?next=%2Fposts%2Fnew%2F"


def test_a_comment_is_sent_without_leaving_the_page(signed_in):
    sent = {"body": "Done.", "csrf_token": signed_in.token("/posts/1/")}
    answer = signed_in.post("/posts/1/", data=sent, headers={"HX-Request": "true"})
    assert "Done." in answer.text and "<html" not in answer.text


def test_who_takes_a_notice_down_is_told(signed_in):
    said = []

    def hear(sender, message, category):
        said.append(message)

    with message_flashed.connected_to(hear):
        signed_in.post("/posts/1/delete/", data={"csrf_token": signed_in.token("/posts/1/delete/")})
    assert said == ["“The water is on” is gone."]


def test_the_newest_notice_stands_first(client, db, ada):
    ada.posts.append(db.models.Post(title="Beans", body="Many."))
    db.session.commit()
    filled = {}

    def hear(sender, template, context):
        filled.update(context)

    with template_rendered.connected_to(hear):
        client.get("/")
    assert [post.title for post in filled["posts"]] == ["Beans", "The water is on"]


def test_a_browser_remembers_what_was_read(client, db, ada):
    with client:
        client.post("/seen/")
        assert (session["seen"], session.permanent) == (1, True)
    assert "I have read these" not in client.get("/").text


def test_what_is_newer_than_the_last_visit_is_marked(client, ada):
    with client.session_transaction() as kept:
        kept["seen"] = 0
    assert '<small class="new">new</small>' in client.get("/").text


def test_words_find_a_notice(client, ada):
    assert "The water is on" in client.get("/?words=FULLY+water").text
    assert "No notice has these words." in client.get("/?words=water+100%25").text


def test_a_photo_is_there_as_long_as_a_notice_shows_it(signed_in, db, ada):
    sent = {"title": "A frog", "body": "By the tap.", "csrf_token": signed_in.token("/posts/new/")}
    signed_in.post("/posts/new/", data={**sent, "photo": (BytesIO(FROG), "frog.png")})
    [photo] = [f"/photos/{post.photo}/" for post in ada.posts if post.photo]
    with signed_in.get(photo) as answer:
        assert answer.data == FROG
    signed_in.post("/posts/2/delete/", data={"csrf_token": signed_in.token("/posts/2/delete/")})
    assert signed_in.get(photo).status_code == 404


def test_the_page_of_a_plot_is_kept_until_its_member_pins_something_up(signed_in, db):
    assert "The water is on" in signed_in.get("/plots/12/").text
    sent = {"title": "Beans", "body": "Many.", "csrf_token": signed_in.token("/posts/new/")}
    signed_in.post("/posts/new/", data=sent)
    assert "Beans" in signed_in.get("/plots/12/").text
    assert signed_in.get("/plots/13/").status_code == 404


def test_a_year_that_is_over_stays_to_be_read(client, db, ada):
    ada.posts.append(db.models.Post(title="Frost", body="In May.", created=datetime(2024, 5, 3)))
    db.session.commit()
    assert 'href="/years/2024/"' in client.get("/years/").text
    page = client.get("/years/2024/").text
    assert "Frost" in page and "The water is on" not in page
    this_year = ada.posts[0].created.year
    assert {client.get(f"/years/{year}/").status_code for year in (2023, this_year, "9" * 30)} == {404}


def test_programs_get_the_plots_as_json(client, ada):
    [plot] = client.get("/plots/", headers={"Accept": "application/json"}).json
    assert (plot["number"], plot["name"]) == (12, "Ada")
    assert "<td>Ada</td>" in client.get("/plots/", headers={"Accept": "text/html"}).text
