"""What Jinja2 finds wrong is told with the way out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client

from doors import Files
from engine import SiteError, create_app


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{{ 1|uper }}", "No filter named 'uper'. Did you mean `upper`?"),
        ("{{ 1|qqqq }}", "No filter named 'qqqq'. The site adds its own in setup() of app.py."),
        ("{{ 1 is evn }}", "No test named 'evn'. Did you mean `even`?"),
        ("{% inclde 'x' %}", "Encountered unknown tag 'inclde'. Did you mean `include`?"),
        (
            "{% endif %}",
            "Encountered unknown tag 'endif'. Remove it: nothing is open that it could belong to.",
        ),
        (
            "{% if x %}{% for y in x %}{% endfor %}",
            "Unexpected end of template. Jinja was looking for the following tags: 'elif' or 'else' or 'endif'. "
            "The innermost block that needs to be closed is 'if'. Write {% endif %} where it ends.",
        ),
        ("{{ x }", "unexpected '}'. Close every brace, bracket and parenthesis with its own kind."),
        (
            "{% if %}{% endif %}",
            "Expected an expression, got 'end of statement block'. Something is missing before the braces close.",
        ),
        (
            "{{ a b }}",
            "expected token 'end of print statement', got 'b'. "
            "Close the braces before it, or say by an operator or a filter what it is for.",
        ),
        ("{{ pagess.x.y }}", "'pagess' is undefined. Did you mean `pages`?"),
        ("{{ qqqq.x.y }}", "'qqqq' is undefined. Ask with `is defined` where it may be missing."),
        (
            "{{ page.nothing.more }}",
            "a Page has no attribute 'nothing'. Ask with `is defined` where it may be missing.",
        ),
    ],
)
def test_a_mistake_is_told_with_the_way_out(site: Callable[[Files], Path], text: str, fault: str) -> None:
    root = site({"pages/a.html": text})
    with pytest.raises(SiteError) as caught:
        Client(create_app(root, dev=True)).get("/a/")
    assert str(caught.value) == f"pages/a.html:1: {fault}"


def test_an_object_of_a_class_of_the_page_itself_is_called_as_its_class(
    site: Callable[[Files], Path],
) -> None:
    page = "class Order:\n    pass\n\n\ndef get():\n    return {'order': Order()}\n"
    root = site({"pages/(shop)/a.py": page, "pages/(shop)/a.html": "{{ order.nme.first }}"})
    with pytest.raises(SiteError) as caught:
        Client(create_app(root, dev=True)).get("/a/")
    assert "1: an Order has no attribute 'nme'." in str(caught.value)
