"""A block of a template is rendered alone, for a page that swaps parts of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Served
from engine import before_render_template

PAGE = """
    from engine import render_block, render_template

    def get(request):
        names = {"loaves": ["rye", "<oat>"]}
        if "HX-Request" in request.headers:
            return render_block("shop.html", BLOCK, **names)
        return render_template("shop.html", **names)
"""
SHOP = """
    {% extends "base.html" %}
    {% block list %}<ul>
      {%- for loaf in loaves %}{% block loaf scoped %}<li>{{ loaf }} {{ shift }}</li>{% endblock %}{% endfor -%}
    </ul>{% endblock %}
    {% block broken %}{{ nobody.x }}{% endblock %}
"""
BASE = "<title>All</title>{% block list %}{% endblock %}{% block foot %}foot{% endblock %}"


def files(block: str) -> dict[str, str]:
    return {
        "pages/a.py": PAGE.replace("BLOCK", repr(block)),
        "pages/_hooks.py": "def context():\n    return {'shift': 'early'}\n",
        "templates/shop.html": SHOP,
        "templates/base.html": BASE,
    }


def swap(door: Served) -> str:
    return door.get("/a/", headers={"HX-Request": "true"}).text


def test_a_block_is_rendered_without_what_is_around_it(served: Callable[..., Served]) -> None:
    door = served(files("list"))
    assert swap(door) == "<ul><li>rye early</li><li>&lt;oat&gt; early</li></ul>"
    assert swap(door) in door.get("/a/").text


def test_a_block_that_is_not_there_is_told_with_the_nearest(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    door = served(files("lisst"))
    assert door.get("/a/", headers={"HX-Request": "true"}).status == 500
    assert "templates/shop.html: the template has no block 'lisst'. Did you mean 'list'?" in caplog.text


def test_a_fault_in_a_block_is_told_with_its_line(
    served: Callable[..., Served], caplog: pytest.LogCaptureFixture
) -> None:
    assert served(files("broken")).get("/a/", headers={"HX-Request": "true"}).status == 500
    assert "templates/shop.html:5: " in caplog.text


def test_signals_are_sent_for_a_block_too(served: Callable[..., Served]) -> None:
    seen = []

    def note(sender: object, template: object, context: object) -> None:
        seen.append(template.name)  # type: ignore[attr-defined]

    door = served(files("list"))
    with before_render_template.connected_to(note):
        swap(door)
    assert seen == ["templates/shop.html"]
