"""A form in a browser: what went wrong has the focus, and leads to the fields."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from doors import Served
from forms_tools import KEY, TEMPLATE, site_of

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed; name one in $CHROMIUM"),
]
PAGE = """
    from wtforms import EmailField, RadioField, StringField
    from wtforms.validators import DataRequired, InputRequired
    from engine.ext.forms import Form

    freeze = False

    class JoinForm(Form):
        name = StringField("Your name", [DataRequired()], description="As we shall call you")
        email = EmailField("E-mail", [DataRequired()])
        bread = RadioField("Bread", [InputRequired()], choices={"rye": "Rye", "oat": "Oat"})

    def get():
        return {"form": JoinForm()}

    def post():
        form = JoinForm()
        return str(form.data) if form.validate_on_submit() else ({"form": form}, 422)
"""


@pytest.fixture
def page(served: Callable[..., Served]) -> Iterator[Any]:
    # Without the browser's own checks, which would keep the form from being sent.
    files = site_of(PAGE, TEMPLATE.replace("<form", "<form novalidate"))
    server = make_server("127.0.0.1", 0, served(files, secret_key=KEY, session__secure=False).app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"http://127.0.0.1:{server.server_port}/join/")
        yield page
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_sends_a_wrong_form_is_led_to_what_is_wrong(page: Any) -> None:
    focused = "document.activeElement.id || document.activeElement.className"
    page.get_by_label("E-mail").fill("ada@site.example")
    page.get_by_role("button", name="Join").click()
    page.wait_for_selector(".form-errors")
    assert page.evaluate(focused) == "form-errors"
    for link, control in (("Your name: This field is required.", "name"), ("Bread: ", "bread-0")):
        page.get_by_role("link", name=link).click()
        assert page.evaluate(focused) == control
    tree = page.locator("form").aria_snapshot()
    for part in (
        'textbox "Your name" [invalid]',
        'textbox "E-mail": ada@site.example',
        'group "Bread"',
        'radio "Rye"',
    ):
        assert part in tree
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Rye").check()
    page.get_by_role("button", name="Join").click()
    page.wait_for_selector("text=ada@site.example")
    assert page.text_content("body") == "{'name': 'Ada', 'email': 'ada@site.example', 'bread': 'rye'}"
