"""Templates find each other by name, see the names of the site, and are blamed at their line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import Client

from doors import Files, Served
from engine import SiteError, create_app
from engine.rendering.site_environment import candidates

OPEN = "---\nlayout: false\n---\n"


def text_of(served: Callable[..., Served], files: Files, path: str = "/a/") -> str:
    return served(files).get(path).text


@pytest.mark.parametrize(
    ("name", "user", "order"),
    [
        (
            "nav.html",
            "pages/a/b.html",
            ["nav.html", "templates/nav.html", "pages/a/nav.html", "pages/nav.html"],
        ),
        ("./nav.html", "pages/a/b.html", ["pages/a/nav.html"]),
        ("../nav.html", "pages/a/b.html", ["pages/nav.html"]),
        ("../../templates/x", "pages/a/b.html", ["templates/x"]),
        ("nav.html", "templates/base.html", ["nav.html", "templates/nav.html", "templates/nav.html"]),
        ("nav.html", "", ["nav.html", "templates/nav.html"]),
    ],
)
def test_where_a_name_is_looked_for(name: str, user: str, order: list[str]) -> None:
    assert list(candidates(name, user)) == order


def test_templates_come_before_what_is_beside_and_that_before_what_is_above(
    served: Callable[..., Served],
) -> None:
    page = (
        OPEN
        + "{% include 'one.html' %} {% include '_two.html' %} {% include '_three.html' %} {% include './_one.html' %}"
    )
    files = {
        "templates/one.html": "shared",
        "pages/a/_two.html": "beside",
        "pages/_two.html": "above",
        "pages/_three.html": "above",
        "pages/a/_one.html": "relative",
        "pages/a/index.html": page,
    }
    assert text_of(served, files) == "shared beside above relative"


def test_a_layout_finds_its_own_neighbours_not_those_of_the_page(served: Callable[..., Served]) -> None:
    files = {
        "pages/_layout.html": "{% include '_nav.html' %} {{ content }}",
        "pages/_nav.html": "root",
        "pages/deep/_nav.html": "deep",
        "pages/deep/a.html": "{% include '_nav.html' %}",
    }
    assert text_of(served, files, "/deep/a/") == "root deep"


def test_a_template_cannot_leave_the_site(served: Callable[..., Served], tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    for name in (
        "../../secret.html",
        f"{tmp_path}/secret.html",
        "../site.toml",
        "/etc/passwd",
        "pages/code.py",
    ):
        files = {
            "pages/a.html": OPEN + "{% include '" + name + "' %}",
            "pages/code.py": "def get():\n    return ''\n",
        }
        answer = served(files).get("/a/")
        assert (answer.status, "secret" in answer.text) == (500, False)


def test_macros_and_blocks_and_filters_of_jinja_work(served: Callable[..., Served]) -> None:
    files = {
        "templates/macros.html": "{% macro field(name) %}<i>{{ name }}{{ caller() if caller }}</i>{% endmacro %}",
        "pages/a.html": OPEN
        + "{% import 'macros.html' as m %}{{ m.field('<x>') }}{% call m.field('y') %}!{% endcall %}"
        + "{% set ns = namespace(n=0) %}{% for x in range(3) %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}",
    }
    assert text_of(served, files) == "<i>&lt;x&gt;</i><i>y!</i>3"


def test_what_is_printed_is_escaped_where_the_output_is_markup(served: Callable[..., Served]) -> None:
    door = served(
        {
            "pages/a.html": OPEN + "{{ '<' }}",
            "pages/b.xml.jinja": "{{ '<' }}",
            "pages/c.txt.jinja": "{{ '<' }}",
            "pages/d.md": OPEN.replace("---\n\n", "") .replace("false\n", "false\nrender: jinja\n") + "{{ '<' }}",
            "pages/e.py": (
                "from engine import render_template_string\n\n\ndef get():\n    return render_template_string('{{ "
                "x }}', x='<')\n"
            ),
        }
    )  # fmt: skip
    assert [door.get(path).text.strip() for path in ("/a/", "/b.xml", "/c.txt", "/d/", "/e/")] == [
        *("&lt;", "&lt;", "<", "<p>&lt;</p>", "&lt;"),
    ]


def test_the_names_of_the_site_are_there(served: Callable[..., Served]) -> None:
    names = "site config pages data request url_for get_flashed_messages highlight_css page params g"
    checks = " ".join(f"{{{{ '{name}' if {name} is not defined }}}}" for name in names.split())
    assert text_of(served, {"pages/a.html": OPEN + checks}).split() == []


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ({"pages/a.html": OPEN + "<p>\n{{ x.y.z }}"}, "pages/a.html:5: 'x' is undefined."),
        ({"pages/a.html": OPEN + "{% include 'no.html' %}"}, "pages/a.html:4: the template 'no.html' does not exist."),
        (
            {"pages/a.html": "x", "pages/_layout.html": "<p>\n\n{{ x.y }}"},
            "pages/_layout.html:3: 'x' is undefined.",
        ),
        (
            {"pages/a.html": OPEN + "{% from 'm.html' import f %}\n{{ f() }}", "templates/m.html": (
                "\n{% macro f() %}\n{{ x.y }}{% "
                "endmacro %}"
            )},
            "templates/m.html:2: 'x' is undefined.",
        ),
        ({"pages/a.html": OPEN + "{{ 1 | nothing }}"}, "pages/a.html:4: No filter named 'nothing'."),
        ({"pages/a.md": (
            "---\nrender: jinja\n---\ntext\n\n```\n{{\n}}\n```\n\n{{ "
            "x.y }}"
        )}, "pages/a.md:11: 'x' is undefined."),
        ({"pages/a.md": "---\nrender: jinja\n---\n{{ 1 + }}"}, "pages/a.md:4: "),
        ({"pages/a.md": "---\nrender: jinja\n---\n\n{% include 'no.html' %}"}, (
            "pages/a.md:5: the template 'no.html' does not "
            "exist."
        )),
        (
            {"pages/a.html": OPEN + "{% include 'b.html' %}", "templates/b.html": "{% include 'b.html' %}"},
            "pages/a.html:4: includes or extends itself without end. Break the circle.",
        ),
        (
            {"pages/a.html": OPEN + "{{ page.words }}"},
            "pages/a.html:4: asks for the text of pages/a.html while that is made.",
        ),
        (
            {"pages/a.md": "---\nrender: jinja\n---\n{{ page.summary }}"},
            "pages/a.md:4: asks for the text of pages/a.md while that is made.",
        ),
        (
            {
                "pages/a.html": OPEN + "{{ pages.get('/b/').content }}",
                "pages/b.html": "\n{{ pages.get('/a/').content }}",
            },
            "pages/a.html:4: asks for the text of pages/b.html while that is made.",
        ),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_the_line_of_the_template(
    site: Callable[[Files], Path], files: Files, fault: str
) -> None:
    app = create_app(site(files), dev=True)
    with pytest.raises(SiteError) as caught:
        Client(app).get("/a/")
    assert str(caught.value).startswith(fault)


def test_jinja_in_markdown_finds_templates_like_any_other(served: Callable[..., Served]) -> None:
    files = {
        "templates/shared.html": "shared",
        "pages/_beside.html": "beside",
        "pages/a.md": (
            "---\nlayout: false\nrender: jinja\n---\n{% include 'shared.html' %} {% include '_beside.html' %}"
        ),
    }
    assert text_of(served, files) == "<p>shared beside</p>\n"


def test_jinja_in_markdown_knows_its_page_wherever_its_text_is_shown(served: Callable[..., Served]) -> None:
    files = {
        "pages/a.html": "---\nlayout: false\n---\n{{ pages.get('/b/').content }}",
        "pages/b.md": "---\ntitle: B\nrender: jinja\n---\nThis is {{ page.title }}.",
    }
    assert text_of(served, files) == "<p>This is B.</p>\n"


def test_front_matter_of_a_template_is_no_part_of_it(served: Callable[..., Served]) -> None:
    files = {
        "pages/a.html": "---\nlayout: false\ntitle: '{{ x }} {# #}'\n---\n{{ page.title }}",
        "pages/b.html": "---\nlayout: false\n---\n\n---\ntitle: no\n---\n",
        "pages/c.txt.jinja": "---\ntitle: T\n---\n{{ page.title }}",
    }
    door = served(files)
    assert door.get("/a/").text == "{{ x }} {# #}"
    assert door.get("/b/").text == "\n---\ntitle: no\n---"
    assert door.get("/c.txt").text == "T"


def test_a_template_that_is_served_once_is_read_once(served: Callable[..., Served]) -> None:
    door = served(
        {
            "templates/x.html": "old",
            "pages/a.py": "from engine import render_template\n\n\ndef get():\n    return render_template('x.html')\n",
        }
    )
    assert door.get("/a/").text == "old"
    Path(door.app.config.root, "templates/x.html").write_text("new")
    assert door.get("/a/").text == "old"


def test_what_an_imported_template_keeps_for_all_is_made_of_no_visitor(served: Callable[..., Served]) -> None:
    who = "request.headers.get('X-Who')"
    macros = f"{{% set who = {who} %}}{{% macro me() %}}{{{{ {who} }}}}{{% endmacro %}}"
    page = "---\nlayout: false\n---\n{% import 'm.html' as m %}{{ m.me() }}"
    door = served({"pages/a.html": page, "templates/m.html": macros})
    assert door.get("/a/", headers={"X-Who": "ada"}).status == 500
    door = served({"pages/a.html": page, "templates/m.html": macros.partition("%}")[2]})
    assert [door.get("/a/", headers={"X-Who": who}).text for who in ("ada", "eve")] == ["ada", "eve"]


@pytest.mark.parametrize("fill", ["render_template", "stream_template"])
def test_of_a_list_of_templates_the_first_that_is_there_is_filled(
    served: Callable[..., Served], fill: str
) -> None:
    page = f"from engine import {fill}\n\n\ndef get():\n    return {fill}(['own.html', 'common.html'], x=1)\n"
    files = {"pages/a.py": page, "templates/common.html": "common {{ x }}"}
    assert served(files).get("/a/").text == "common 1"
    own = {**files, "templates/own.html": "own {{ x }}"}
    assert served(own).get("/a/").text == "own 1"


def test_where_none_of_a_list_is_there_all_are_named(served: Callable[..., Served]) -> None:
    page = "from engine import render_template\n\n\ndef get():\n    return render_template(['a.html', 'b.html'])\n"
    with pytest.raises(SiteError, match=r"pages/a.py: there is none of the templates 'a.html', 'b.html'\."):
        served({"pages/a.py": page}).app.test_client().get("/a/")
