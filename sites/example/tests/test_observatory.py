"""What visitors and keyholders find: pages that are frozen, and those of the server."""

import json
from urllib.request import urlopen

from engine import create_app, g


def test_the_journal_is_published_and_what_belongs_to_a_visitor_is_not(frozen_site):
    assert "A red lamp" in frozen_site.read("/blog/")
    assert "/years/2025/" in frozen_site.paths
    assert not {"/contact/", "/login/", "/members/", "/tonight/"} & set(frozen_site.paths)


def test_a_number_is_not_parted_from_its_unit(frozen_site):
    assert "15\N{NO-BREAK SPACE}cm" in frozen_site.read("/instruments/")


def test_the_open_nights_are_published_as_they_are_kept(frozen_site):
    assert "2026-03-21" in frozen_site.read("/api/nights.yaml")


def test_a_year_has_four_digits(client):
    assert [client.get(f"/years/{year}/").status_code for year in ("2025", "2001", "25")] == [200, 404, 404]


def test_a_keyholder_writes_into_the_log_book(keyholder):
    noted = {"day": "2026-03-21", "air": "4", "text": "Shutter stiff. <Oil>."}
    with keyholder:
        assert keyholder.post("/members/log/", data=noted).location == "/members/log/"
        assert g.logbook.closed, "with the request"
    page = keyholder.get("/members/log/").text
    assert "It is in the book." in page
    assert "<td>Ines</td><td>4</td><td>Shutter stiff. &lt;Oil&gt;.</td>" in page
    refused = keyholder.post("/members/log/", data={"text": "No date."})
    assert (refused.status_code, 'value="No date."' in refused.text) == (422, True)


def test_the_mast_and_the_dome_are_asked_and_one_may_be_silent(client):
    page = client.get("/tonight/").text
    assert "34\N{NO-BREAK SPACE}knots: the shutter stays closed" in page
    assert "<dt>The dome</dt><dd>does not answer</dd>" in page


def test_the_instruments_are_asked_once_for_all_who_look(client):
    first, second = client.get("/tonight/"), client.get("/tonight/")
    assert first.headers["Cache-Control"] == "max-age=10"
    assert second.text == first.text and "Age" in second.headers


def test_a_server_answers(live_server):
    with urlopen(f"{live_server.url}/api/nights.json") as answer:
        assert len(json.load(answer)["nights"]) == 6


def test_the_contact_form_works_in_a_frame_of_the_park(app):
    park = create_app(app.root, env="park", secret_key="a key for tests")
    client = park.test_client()
    wish = {"name": "Ada", "email": "ada@example.org", "subject": "visit", "text": "When is the hill open?"}
    in_frame = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"}
    answer = client.post("/contact/", data=wish, headers=in_frame)
    park.site.modules.close()
    assert "https://hopedale.example" in answer.headers["Content-Security-Policy"]
    assert {"Secure", "SameSite=None", "Partitioned"} <= set(answer.headers["Set-Cookie"].split("; "))
    assert "Thank you, Ada." in client.get("/contact/").text
