"""Every page of the site answers."""

from pathlib import Path

import pytest
from werkzeug.test import Client

from engine import create_app

app = create_app(Path(__file__).parents[1], dev=True, secret_key="only for tests")


@pytest.mark.parametrize("path", [page.path for page in app.site.pages])
def test_a_page_answers(path: str) -> None:
    assert Client(app).get(path).status_code == 200
