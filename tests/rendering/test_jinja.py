"""Templates as sites use them: what escapes, which filters there are, how undefined names behave."""

import datetime as dt
from pathlib import Path

import jinja2
import pytest
from markupsafe import Markup

from engine.rendering.jinja import Environment, escapes

NOON = dt.datetime(2026, 1, 31, 12, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def render(text: str, **names: object) -> str:
    return Environment().from_string(text).render(names)


@pytest.mark.parametrize(
    "name",
    [
        None,
        "x.html",
        "x.htm",
        "x.HTML",
        "x.html.jinja",
        "feed.xml.jinja",
        "icon.svg.jinja",
        "x.xhtml",
        "x.jinja",
        "[slug].jinja",
        "[...path].jinja",
        "Rust-1.88.0.jinja",
        "x.md",
        "x.markdown",
        "X.HTML.JINJA",
        "pages/v1.beta/x",
    ],
)
def test_a_template_escapes_where_its_output_is_markup(name: str | None) -> None:
    assert escapes(name)


@pytest.mark.parametrize(
    "name",
    [
        "x.txt.jinja",
        "x.css.jinja",
        "x.js.jinja",
        "x.json.jinja",
        "x.txt",
        "llms.md.jinja",
        "[a].ics.jinja",
        "x.TXT.JINJA",
    ],
)
def test_a_template_does_not_escape_where_its_output_is_other_text(name: str) -> None:
    assert not escapes(name)


def test_the_name_of_a_template_decides_what_it_prints() -> None:
    loader = jinja2.DictLoader({"a.html": "{{ '<' ~ x }}", "a.txt.jinja": "{{ '<' ~ x }}"})
    environment = Environment(loader=loader)
    assert environment.get_template("a.html").render(x="&") == "&lt;&amp;"
    assert environment.get_template("a.txt.jinja").render(x="&") == "<&"


def test_an_undefined_name_prints_nothing_and_fails_when_asked_for_more() -> None:
    assert render("[{{ gone }}{{ site.gone }}]", site={}) == "[]"
    with pytest.raises(jinja2.UndefinedError, match="'gone' is undefined"):
        render("{{ gone.title }}")


def test_a_compiled_template_does_not_look_at_the_disk_again(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("one")
    environment = Environment(loader=jinja2.FileSystemLoader(tmp_path))
    assert environment.get_template("a.html").render() == "one"
    (tmp_path / "a.html").unlink()
    assert environment.get_template("a.html").render() == "one"


def test_options_of_jinja2_can_be_given() -> None:
    environment = Environment(undefined=jinja2.StrictUndefined, autoescape=False)
    assert environment.from_string("{{ '<' }}").render() == "<"
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ gone }}").render()


@pytest.mark.parametrize(
    ("expression", "value", "written"),
    [
        ("v|date", dt.date(2026, 1, 31), "2026-01-31"),
        ("v|date", NOON, "2026-01-31"),
        ("v|date('%d.%m.%Y')", dt.date(2026, 1, 31), "31.01.2026"),
        ("v|date(format='%H:%M')", NOON, "12:00"),
        ("v|date", "2026-01-31", "2026-01-31"),
        ("v|date('%H')", "2026-01-31T07:00:00", "07"),
        ("v|isoformat", dt.date(2026, 1, 31), "2026-01-31"),
        ("v|isoformat", "2026-01-31", "2026-01-31"),
        ("v|isoformat", NOON, "2026-01-31T12:00:05+02:00"),
        ("v|rfc822", dt.date(2026, 1, 31), "Sat, 31 Jan 2026 00:00:00 +0000"),
        ("v|rfc822", NOON, "Sat, 31 Jan 2026 12:00:05 +0200"),
        ("v|rfc822", dt.datetime(2026, 1, 31, 12), "Sat, 31 Jan 2026 12:00:00 +0000"),
        ("v|rfc3339", dt.date(2026, 1, 31), "2026-01-31T00:00:00+00:00"),
        ("v|rfc3339", NOON, "2026-01-31T12:00:05+02:00"),
        ("v|date", None, ""),
        ("v|rfc822", "", ""),
        ("gone|isoformat", None, ""),
        ("v|slugify", "Hello, World!", "hello-world"),
        ("v|slugify", "Größe_2 & more", "größe_2--more"),
        ("v|slugify", 12, "12"),
        ("v|slugify", Markup("A &amp; B"), "a-amp-b"),
    ],
)
def test_filters_write_dates_and_slugs(expression: str, value: object, written: str) -> None:
    assert render("{{ " + expression + " }}", v=value) == written


@pytest.mark.parametrize("value", [12, ["2026-01-31"], "tomorrow", "2026-02-31"])
@pytest.mark.parametrize("name", ["date", "isoformat", "rfc822", "rfc3339"])
def test_what_is_no_date_is_an_error_that_names_the_filter_and_the_value(name: str, value: object) -> None:
    with pytest.raises(jinja2.TemplateRuntimeError) as caught:
        render("{{ v|" + name + " }}", v=value)
    assert f"{name!r}" in str(caught.value)
    assert f"{value!r}" in str(caught.value)
