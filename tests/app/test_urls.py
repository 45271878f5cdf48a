"""What `url_for` makes of what it is given beside the parameters of a route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from doors import Served


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
