"""What `url_for` makes of what it is given beside the parameters of a route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from doors import Served
from engine import EngineError


@pytest.mark.parametrize(
    ("query", "url"),
    [
        ({"page": 2, "q": "a b&c"}, "/?page=2&q=a%20b%26c"),
        ({"tag": ["rye", "oat"], "page": 1}, "/?tag=rye&tag=oat&page=1"),
        ({"page": None, "q": ""}, "/?q="),
        ({"page": None, "tag": []}, "/"),
        ({}, "/"),
    ],
)
def test_the_query_has_what_has_a_value(
    served: Callable[..., Served], query: dict[str, Any], url: str
) -> None:
    app = served({"pages/index.md": "Start"}).app
    with app.context():
        assert app.url_for("/", _query=query) == url


def test_a_whole_url_has_the_host_of_the_request_or_of_the_settings(served: Callable[..., Served]) -> None:
    app = served({"pages/index.md": "Start"}).app
    with app.test_request_context("/", base_url="http://crust.example"):
        assert app.url_for("/", _external=True) == "http://crust.example/"
    wanted = r"A whole URL is wanted while no request is handled. Say `base_url` in site.toml."
    with pytest.raises(EngineError, match=wanted):
        app.url_for("/", _external=True)
    with app.context(), pytest.raises(EngineError, match=wanted):
        app.url_for("/", _external=True)
    app = served({"pages/index.md": "Start"}, base_url="https://crust.example/shop").app
    assert app.url_for("/", _external=True) == "https://crust.example/shop/"
