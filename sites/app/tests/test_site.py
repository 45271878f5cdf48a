"""What surrounds the pages: commands, mails, what is published, and a real server."""

import json
from urllib.request import urlopen


def test_a_command_makes_a_member_look_after_the_others(runner, db, ada):
    done = runner.invoke(args=["make-admin", "ADA@ternlane.example"])
    assert (done.exit_code, done.output) == (0, "Ada looks after the members now.\n")
    db.session.refresh(ada)
    assert ada.is_admin


def test_a_command_says_whom_it_does_not_know(runner, db):
    failed = runner.invoke(args=["make-admin", "eve@ternlane.example"])
    assert failed.exit_code == 1
    assert "there is no member eve@ternlane.example" in failed.output


def test_a_mail_of_a_request_is_sent_aside(app):
    outbox = app.extensions["outbox"]
    with app.test_request_context("/password/", method="POST"):
        outbox.send("ada@ternlane.example", "Beans", "Many.").result()
    assert (outbox.kept[0]["To"], outbox.kept[0]["Subject"]) == ("ada@ternlane.example", "Beans")


def test_only_what_is_the_same_for_all_is_published(frozen_site):
    assert [path for path in frozen_site.paths if path.endswith("/")] == ["/about/"]
    assert "Everybody may read it." in frozen_site.read("/about/")


def test_a_server_says_that_it_is_well(live_server):
    with urlopen(f"{live_server.url}/health/") as answer:
        assert json.load(answer)["status"] == "ok"
