"""A site with one form, and a visitor who fills it in as a browser would."""

from __future__ import annotations

import re
from typing import Any

from werkzeug.test import TestResponse

from doors import Files, Served

KEY = "a key for these tests"
SETUP = """
    from engine.ext import forms

    def setup(app):
        forms.init_app(app)
"""
TEMPLATE = """
    ---
    layout: false
    ---
    <form method="post" enctype="{{ form.enctype }}">{{ form_fields(form) }}<button>Join</button></form>
"""


def site_of(page: str, template: str = TEMPLATE, **more: str) -> Files:
    """A handler at /join/, and a template that shows its `form`."""
    return {"app.py": SETUP, "pages/join.py": page, "pages/join.html": template, **more}


class Visitor:
    """Fills in the form of a page as a browser would."""

    def __init__(self, door: Served, path: str = "/join/") -> None:
        self.client = door.app.test_client()
        self.path = path

    def see(self) -> str:
        return self.client.get(self.path).text

    def token(self) -> str:
        return token_of(self.see())

    def send(self, **fields: Any) -> TestResponse:
        headers = fields.pop("headers", None)
        return self.client.post(self.path, data=fields, headers=headers)


def token_of(html: str) -> str:
    found = re.search(r'name="(?:\w+-)?csrf_token"[^>]*value="([^"]+)"', html)
    assert found, html
    return found[1]
