"""What surrounds the pages: commands, mails, what is published, and a real server."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from urllib.request import urlopen

from engine import create_app, request_started


def test_a_command_makes_a_member_look_after_the_others(runner, db, ada):
    done = runner.invoke(args=["make-admin", "ADA@ternlane.example"])
    assert (done.exit_code, done.output) == (0, "Ada looks after the members now.\n")
    db.session.refresh(ada)
    assert ada.is_admin


def test_a_command_says_whom_it_does_not_know(runner, db):
    failed = runner.invoke(args=["make-admin", "eve@ternlane.example"])
    assert failed.exit_code == 1
    assert "there is no member eve@ternlane.example" in failed.output


def test_what_is_kept_is_made_anew_by_a_command_where_processes_share_it(runner):
    failed = runner.invoke(args=["purge"])
    assert (failed.exit_code, "each process keeps its own answers" in failed.output) == (1, True)


def test_a_page_that_does_not_answer_sends_no_mail(app, outbox):
    with app.test_request_context("/password/", method="POST"):
        outbox.send("ada@ternlane.example", "Beans", "Many.")
    outbox.wait()
    assert not outbox.kept


def test_a_wish_for_a_plot_is_sent_to_the_committee(client, outbox):
    page = client.get("/waiting/").text
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    wish = {"csrf_token": token, "name": "Dee", "reach": "dee@dee.example", "size": "half a plot"}
    assert client.post("/waiting/", data={**wish, "name": ""}).status_code == 422
    outbox.wait()
    assert not outbox.kept
    answer = client.post("/waiting/", data=wish, follow_redirects=True)
    assert (answer.request.path, [step.status_code for step in answer.history]) == ("/", [303])
    assert "We write to you as soon as a plot is free." in answer.text
    outbox.wait()
    [mail] = outbox.kept
    assert mail["To"] == "committee@ternlane.example"
    assert mail.get_content().startswith("Dee would like half a plot.\n")
    assert mail.get_content().endswith("--\nTern Lane Allotments\nhttps://ternlane.example/\n")


def test_an_answer_that_takes_long_is_told_with_its_templates(app, db, ada, caplog):
    watched = create_app(app.root, secret_key="a key for tests", app__slow=1e-9)
    client = watched.test_client()
    assert client.get("/plots/12/").headers["Age"] == "0", "kept all the same"
    watched.site.modules.close()
    assert "GET /plots/12/ took 0." in caplog.text
    assert "s: pages/plots/[number=int].html 0." in caplog.text


def test_a_command_that_takes_long_is_told_with_the_templates_it_filled(runner, db, caplog):
    slow = {"ENGINE_APP__SLOW": "1e-9", "ENGINE_SECRET_KEY": "a key for tests"}
    done = runner.invoke(args=["invite", "dee@dee.example", "14"], env=slow)
    assert done.output == "dee@dee.example is invited.\n"
    assert "engine invite took 0." in caplog.text
    assert "s: templates/mails/invitation.txt 0." in caplog.text


def test_what_each_author_sets_is_there_to_be_set(runner):
    lines = (Path(__file__).parents[1] / ".env.example").read_text("utf-8").splitlines()
    lines = [line.removeprefix("# ") for line in lines]
    variables = dict(line.split("=", 1) for line in lines if line.startswith("ENGINE_"))
    shown = runner.invoke(args=["config"], env=variables)
    assert shown.exit_code == 0, shown.output
    assert [name for name in variables if name not in shown.output] == []


def test_the_handbook_is_a_site_below_the_site(client):
    page = client.get("/about/").text
    assert 'href="/handbook/"' in page
    assert 'href="/handbook/water/"' in client.get("/handbook/").text
    assert "Back to Handbook of Tern Lane" in client.get("/handbook/no-such-page/").text


def test_a_page_of_the_handbook_is_a_request_of_both_sites(client):
    asked = []

    def hear(sender):
        asked.append(sender.config.title)

    with request_started.connected_to(hear):
        client.get("/handbook/shed/")
    assert asked == ["Tern Lane Allotments", "Handbook of Tern Lane"]


def test_every_page_says_whom_to_write_to(client):
    for path in ("/", "/about/", "/login/", "/no-such-page/"):
        assert 'href="mailto:committee@ternlane.example"' in client.get(path).text, path


def test_search_engines_find_every_notice(client, ada):
    found = ET.fromstring(client.get("/sitemap.xml").data).findall(".//{*}loc")
    assert [it.text for it in found] == ["https://ternlane.example/posts/1/"]
    assert "Sitemap: https://ternlane.example/sitemap.xml" in client.get("/robots.txt").text


def test_only_what_is_the_same_for_all_is_published(frozen_site):
    assert [path for path in frozen_site.paths if path.endswith("/")] == ["/about/", "/years/"]
    assert "Everybody may read it." in frozen_site.read("/about/")


def test_a_server_says_that_it_is_well(live_server):
    with urlopen(f"{live_server.url}/health/") as answer:
        assert json.load(answer)["status"] == "ok"
