"""Which layout a page has: its own word, else the nearest directory's, else the built-in one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from doors import Served

FILES = {
    "templates/named.html": "named({% block content %}{{ content }}{% endblock %})",
    "pages/_layout.html": "root({% block content %}{{ content }}{% endblock %})",
    "pages/a/_layout.html": (
        "{% extends parent_layout %}{% block content %}a({% block inner %}{{ content }}{% endblock %}){% "
        "endblock %}"
    ),
    "pages/a/b/_layout.html": "{%- extends parent_layout -%}{% block inner %}b({{ content }}){% endblock %}",
    "pages/alone/_layout.html": "alone({{ content }})",
    "pages/alone/below/_layout.html": "{% extends parent_layout %}",
    "pages/none/_data.yaml": "layout: false",
    "pages/none/own/_layout.html": "own({{ content }})",
    "pages/none/child/_layout.html": "child({{ content }})",
    "pages/says/_data.yaml": "layout: named.html",
    "pages/says/_layout.html": "never({{ content }})",
    "pages/says/deep/x.html": "x",
    "pages/(group)/_layout.html": "group({{ content }})",
}


@pytest.mark.parametrize(
    ("path", "text", "shown"),
    [
        ("x.html", "x", "root(x)"),
        ("a/x.html", "x", "root(a(x))"),
        ("a/b/x.html", "x", "root(a(b(x)))"),
        ("a/b/c/x.html", "x", "root(a(b(x)))"),
        ("alone/x.html", "x", "alone(x)"),
        ("alone/below/x.html", "x", "alone(x)"),
        ("none/x.html", "x", "x"),
        ("none/deep/x.html", "x", "x"),
        ("none/own/x.html", "x", "own(x)"),
        ("says/x.html", "x", "named(x)"),
        ("says/deep/y.html", "x", "named(x)"),
        ("(group)/x.html", "x", "group(x)"),
        ("x.html", "---\nlayout: false\n---\nx", "x"),
        ("x.html", "---\nlayout: named.html\n---\nx", "named(x)"),
        ("a/b/x.html", "---\nlayout: ../_layout.html\n---\nx", "root(a(x))"),
        ("a/b/x.html", "---\nlayout: templates/named.html\n---\nx", "named(x)"),
        ("a/b/x.html", "{% block inner %}filled{% endblock %}", "root(a(filled))"),
        ("a/b/x.html", "{% block content %}filled{% endblock %}", "root(filled)"),
        ("a/x.html", "{% block content %}[{{ super() }}]{% endblock %}", "root([a()])"),
        (
            "a/x.html",
            "---\nlayout: named.html\n---\n{% block content %}filled{% endblock %}",
            "named(filled)",
        ),
        ("a/x.html", "---\nlayout: false\n---\n{% block content %}filled{% endblock %}", "filled"),
        ("a/x.html", "{% extends 'named.html' %}{% block content %}filled{% endblock %}", "named(filled)"),
        ("a/x.html", "{% extends parent_layout %}{% block inner %}filled{% endblock %}", "root(a(filled))"),
        ("none/x.html", "{% block content %}filled{% endblock %}", "filled"),
        ("x.txt.jinja", "x", "x"),
        ("x.txt.jinja", "{% extends 'named.html' %}{% block content %}x{% endblock %}", "named(x)"),
        ("x.md", "x", "root(<p>x</p>\n)"),
        ("x.md", "---\nlayout: false\n---\nx", "<p>x</p>\n"),
    ],
)
def test_the_layout_of_a_page(served: Callable[..., Served], path: str, text: str, shown: str) -> None:
    stem = path.removeprefix("(group)/").removesuffix(".jinja").removesuffix(".html").removesuffix(".md")
    door = served({**FILES, f"pages/{path}": text})
    assert door.get(f"/{stem}" + ("" if "." in stem else "/")).text == shown


def test_a_site_without_layouts_has_the_built_in_one(served: Callable[..., Served]) -> None:
    text = served({"pages/x.md": "text"}).get("/x/").text
    assert text.startswith("<!doctype html>")
    assert "<p>text</p>" in text


def test_the_root_layout_may_extend_the_built_in_one(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/_layout.html": "{% extends parent_layout %}{% block head %}<meta name=x>{% endblock %}",
            "pages/x.md": "text",
        }
    )
    text = door.get("/x/").text
    assert "<meta name=x>" in text
    assert "<p>text</p>" in text


def test_a_page_that_fills_blocks_of_the_built_in_layout(served: Callable[..., Served]) -> None:
    door = served(
        {"pages/x.html": "{% block title %}T{% endblock %}{% block content %}<h1>H</h1>{% endblock %}"}
    )
    text = door.get("/x/").text
    assert "<title>T</title>" in text
    assert "<h1>H</h1>" in text


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"pages/x.md": "---\ntitle: T\nlayout: nmaed.html\n---\n"}, "pages/x.md:3"),
        ({"pages/x/_data.yaml": "a: 1\nlayout: no.html\n", "pages/x/y.md": ""}, "pages/x/_data.yaml:2"),
    ],
)
def test_a_layout_that_does_not_exist_is_a_fault_where_it_is_named(
    faults: Callable[..., list[str]], files: dict[str, str], fault: str
) -> None:
    [found] = faults({**FILES, **files})
    assert found.startswith(f"{fault}: the layout `")
    assert "does not exist" in found


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("---\ntitle: T\n---\n<!-- a\nnote -->\n<h1>H</h1>{% block rows %}r{% endblock %}", 6),
        ("{% block content %}c{% endblock %}\n{% if page %}\n{{ page.title }}{% endif %}", 3),
    ],
)
def test_what_a_page_with_blocks_says_outside_of_them_is_a_fault(
    faults: Callable[..., list[str]], page: str, line: int
) -> None:
    hint = "A page with blocks fills those of its layout: put it into one, such as {% block content %}."
    what = f"pages/x.html:{line}: what stands here, outside of the blocks, is never shown. {hint}"
    assert faults({"pages/x.html": page}) == [what]


def test_a_page_with_blocks_may_have_what_prints_nothing_beside_them(served: Callable[..., Served]) -> None:
    page = """
        <!-- a note -->
        {% set word = "loaf" %}
        {% macro two() %}two{% endmacro %}
        {% block content %}{{ two() }} of {{ word }}{% endblock %}
        """
    assert "two of loaf" in served({"pages/x.html": page}).get("/x/").text


def test_a_page_without_layout_shows_its_blocks_and_what_is_beside_them(
    served: Callable[..., Served],
) -> None:
    page = "---\nlayout: false\n---\n<main>{% block rows %}r{% endblock %}</main>"
    assert "<main>r</main>" in served({"pages/x.html": page}).get("/x/").text
