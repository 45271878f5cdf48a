"""The quick generator renders what Jinja2 renders, and steps back where it cannot promise that."""

import sys
import traceback
from collections.abc import Iterator
from typing import Any

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from engine.rendering import jinja_compiler
from engine.rendering.jinja import Environment
from engine.rendering.jinja_compiler import QuickCodeGenerator, generator_for, get_attribute, unfit


class Thing:
    """An object with attributes, one of them failing."""

    name = "thing <b>"
    x = 1

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    def __str__(self) -> str:
        return "<thing>"


class Html:
    def __html__(self) -> str:
        return "<i>html</i>"


class Shout(str):
    """A subclass of str, which escaping must not take for one."""

    def __str__(self) -> str:
        return self.upper() + "<"


class Tag(Markup):
    """A subclass of Markup."""


class Failing:
    """Can be gone through once; asking for its length or its next item fails as a site's code may."""

    def __iter__(self) -> Iterator[int]:
        yield 1
        raise AttributeError("no more")

    def __len__(self) -> int:
        raise AttributeError("no length")


NAMES: dict[str, Any] = {
    "row": {"name": "a & b", "x": 1.5, "items": "own", "y": None, "inner": {"name": "<deep>"}},
    "rows": [{"name": "<&>", "x": 1}, {"name": Markup("<b>"), "x": True}, {"x": "'\""}],
    "thing": Thing(),
    "html": Html(),
    "shout": Shout("a"),
    "tag": Tag("<u>"),
    "safe": Markup("<hr>"),
    "text": "a<b",
    "none": None,
    "number": 3,
    "tree": [{"name": "1", "sub": [{"name": "1.1", "sub": []}]}, {"name": "2", "sub": []}],
    "failing": Failing(),
}

FILES = {
    "base.html": "<title>{% block title %}-{% endblock %}</title>{% block body %}base {{ row.name }}{% endblock %}|",
    "macros.html": "{% macro cell(v, w='<') %}[{{ v }}{{ w }}{{ caller() if caller }}]{% endmacro %}"
    "{% set loop = 7 %}{% macro outer(loop) %}{% for x in [1] %}{% with loop = 2 %}{{ loop }}{% endwith %}"
    "{{ loop.index }}{% endfor %}{% endmacro %}",
    "part.html": "part {{ row.name }} {{ loop }} {{ item.x }}",
}

TEMPLATES = [
    "{{ row.name }} {{ row.x }} {{ row.y }} {{ row.gone }} {{ row.inner.name }} {{ row['name'] }}",
    "{{ row.items is callable }}{{ row.keys()|list }}{{ row.__class__.__name__ }}{{ row.mro }}{{ row.get('x') }}",
    "{{ thing.name }}{{ thing.x }}{{ thing.broken }}{{ thing.gone }}{{ thing }}",
    "{{ html }}{{ shout }}{{ tag }}{{ safe }}{{ none }}{{ number }}{{ gone }}{{ true }}{{ [text] }}{{ 1.5e300 }}",
    "{{ gone.more }}",
    "{{ row.gone.more }}",
    "{{ row.x + row.name }}",
    "{% for row in rows %}{{ loop.index }}/{{ loop.length }} {{ loop.cycle('a', text) }} {{ row.name }}{% endfor %}",
    "{% for row in rows %}{{ loop.first }}{{ loop.last }}{{ loop.previtem.x }}{{ loop.nextitem.x }}"
    "{{ loop.revindex }}{{ loop.changed(row.x) }}{{ loop.depth }}{{ loop.gone }}{% else %}none{% endfor %}",
    "{% for row in rows %}{{ loop.cycle() }}{% endfor %}",
    "{% for row in rows %}{{ loop.cycle(*rows) }}{% endfor %}",
    "{% for r in rows if r.x %}{% for c in r.name %}{{ loop.index0 }}{{ c }}{% endfor %}{{ loop.index }}{% endfor %}",
    "{% for node in tree recursive %}({{ loop.depth }} {{ node.name }}{{ loop(node.sub) }}){% endfor %}",
    "{% for x in [1] %}{% macro loop() %}m{% endmacro %}{{ loop.index }}{{ loop.name }}{% endfor %}",
    "{% for x in [1] %}{% import 'macros.html' as loop %}{{ loop.index }}{{ loop.loop }}{% endfor %}",
    "{% for x in [1] %}{% from 'macros.html' import loop %}{{ loop.index }}{{ loop }}{% endfor %}",
    "{% for x in [1] %}{% with loop = 5 %}{{ loop.index }}{% endwith %}{{ loop.index }}{{ loop.first }}{% endfor %}",
    "{% import 'macros.html' as m %}{{ m.outer({'index': 'own'}) }}",
    "{% for x in failing %}{{ loop.index }}{{ loop.last }}{{ x }}{% endfor %}",
    "{% for x in failing %}{{ loop.length }}{{ loop.revindex0 }}{{ x }}{% endfor %}",
    "{% for x in failing %}{{ loop.nextitem }}{{ x }}{% endfor %}",
    "{% for item in rows %}{% include 'part.html' %}{% if loop.first %}{{ loop.index }}!{% endif %}{% endfor %}",
    "{% for x in rows %}{% set n = loop.index %}{{ n }}{% set b %}{{ loop.index }}<{% endset %}{{ b }}{% endfor %}",
    "{% from 'macros.html' import cell %}{{ cell(text) }}{% call cell(row.name, safe) %}{{ row.x }}<{% endcall %}",
    "{% set s %}{{ text }}<{% endset %}{{ s }}{{ s|length }}{% filter upper %}{{ text }}{{ safe }}{% endfilter %}",
    "{% autoescape false %}{{ text }}{{ safe ~ text }}{{ row.name }}{% endautoescape %}{{ text }}{{ safe ~ text }}",
    "{% autoescape number > 5 %}{{ text }}{{ row.name }}{{ html }}{% endautoescape %}",
    "{% extends 'base.html' %}{% block title %}{{ row.name }} {{ super() }}{% endblock %}",
    "{% extends 'base.html' %}x{{ text }}{% block body %}{% for r in rows %}{{ r.x }}{% endfor %}{% endblock %}",
    "{% if number %}{% extends 'base.html' %}{% endif %}{{ text }}{% block title %}{{ self.body() }}{% endblock %}",
    "{% block body scoped %}{{ text }}{{ row.x }}{% endblock %}{{ self.body() }}",
    "{% for x in rows %}{% block b scoped %}{{ loop.index }}{{ x.x }}{% endblock %}{% endfor %}",
    "{{ '%s <'|format(row.name) }}{{ row.name|upper|e }}{{ text|safe }}{{ rows|map(attribute='x')|join(',') }}",
    "{{ text if row.x else 5 }}{{ (text if false).x }}",
    "{% set ns = namespace(n=1) %}{% for r in rows %}{% set ns.n = loop.index %}{% endfor %}{{ ns.n }}{{ ns.gone }}",
    "{% macro m(a, b=a.name, c=d.x, d=row) %}{{ a.name }}{{ b }}{{ d.x }}{{ varargs }}{% endmacro %}{{ m(row) }}",
    "{% if 1 %}{% set row = {'name': 'inner'} %}{% endif %}{{ row.name }}{{ row['name'] }}",
    "",
    "{{ 'constant' }}{{ 1 + 1 }}text{{ '<' }}",
]


def stock(**options: Any) -> jinja2.Environment:
    return jinja2.Environment(loader=jinja2.DictLoader(FILES), **options)  # noqa: S701  the callers say


def quick(**options: Any) -> Environment:
    return Environment(loader=jinja2.DictLoader(FILES), **options)


def outcome(environment: jinja2.Environment, text: str, names: dict[str, Any]) -> str:
    """What `text` renders, or how it fails."""
    try:
        return environment.from_string(text).render(names)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("escaping", [True, False])
@pytest.mark.parametrize("text", TEMPLATES)
def test_every_construct_renders_as_with_jinja2(text: str, escaping: bool) -> None:
    expected = outcome(stock(autoescape=escaping), text, NAMES)
    assert outcome(quick(autoescape=escaping), text, NAMES) == expected


@pytest.mark.parametrize(
    "undefined", [jinja2.StrictUndefined, jinja2.ChainableUndefined, jinja2.DebugUndefined]
)
@pytest.mark.parametrize("text", TEMPLATES)
def test_every_kind_of_undefined_behaves_as_with_jinja2(text: str, undefined: type[jinja2.Undefined]) -> None:
    options: dict[str, Any] = {"autoescape": True, "undefined": undefined}
    assert outcome(quick(**options), text, NAMES) == outcome(stock(**options), text, NAMES)


@jinja2.pass_environment
def blank_none(environment: jinja2.Environment, value: Any) -> Any:
    return "" if value is None else value


@jinja2.pass_context
def name_none(context: Context, value: Any) -> Any:
    return context.resolve("text") if value is None else value


@pytest.mark.parametrize("finalize", [lambda value: [value], blank_none, name_none])
@pytest.mark.parametrize("text", TEMPLATES)
def test_a_finalize_function_is_called_as_by_jinja2(text: str, finalize: Any) -> None:
    options: dict[str, Any] = {"autoescape": True, "finalize": finalize}
    assert outcome(quick(**options), text, NAMES) == outcome(stock(**options), text, NAMES)


ATOMS = (
    "text safe number gone row row.name row.gone row.items rows item item.x item.name thing.name html shout none"
    " loop loop.index loop.first loop.last loop.gone loop.cycle('a',text) '<' m(text)"
)
EXPRESSIONS = st.recursive(
    st.sampled_from(ATOMS.split()),
    lambda inner: st.one_of(
        st.builds("({} ~ {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds(
            "({})|{}".format, inner, st.sampled_from(["upper", "e", "safe", "string", "default('d')", "list"])
        ),
        st.builds("({}).name".format, inner),
    ),
    max_leaves=4,
)
STATEMENTS = st.recursive(
    st.one_of(st.sampled_from(["<p>", "\n", "&"]), st.builds("{{{{ {} }}}}".format, EXPRESSIONS)),
    lambda inner: st.one_of(
        st.builds("{}{}".format, inner, inner),
        st.builds("{}{}{}".format, inner, inner, inner),
        st.builds("{{% if {} %}}{}{{% else %}}{}{{% endif %}}".format, EXPRESSIONS, inner, inner),
        st.builds("{{% for item in rows %}}{}{{% endfor %}}".format, inner),
        st.builds("{{% for item in {} %}}{}{{% else %}}{}{{% endfor %}}".format, EXPRESSIONS, inner, inner),
        st.builds("{{% set text = {} %}}{}".format, EXPRESSIONS, inner),
        st.builds("{{% set text %}}{}{{% endset %}}{}".format, inner, inner),
        st.builds("{{% with row = {} %}}{}{{% endwith %}}".format, EXPRESSIONS, inner),
        st.builds(
            "{{% autoescape {} %}}{}{{% endautoescape %}}".format,
            st.sampled_from(["false", "number", "gone"]),
            inner,
        ),
        st.builds("{{% macro m(row) %}}{}{{% endmacro %}}{}".format, inner, inner),
        st.builds("{{% macro loop(item) %}}{}{{% endmacro %}}{}".format, inner, inner),
        st.builds("{{% filter upper %}}{}{{% endfilter %}}".format, inner),
    ),
    max_leaves=12,
)


@pytest.mark.long
@settings(max_examples=300, deadline=None)
@given(text=STATEMENTS, escaping=st.booleans())
def test_any_template_renders_as_with_jinja2(text: str, escaping: bool) -> None:
    expected = outcome(stock(autoescape=escaping), text, NAMES)
    assert outcome(quick(autoescape=escaping), text, NAMES) == expected


def test_what_is_rendered_is_plain_text() -> None:
    assert type(quick().from_string("{{ safe }}").render(NAMES)) is str
    assert type(quick().from_string("{{ html }}").render(NAMES)) is str


def test_an_html_method_may_return_what_jinja2_lets_it_return() -> None:
    odd = type("Odd", (), {"__html__": lambda self: 5})()
    assert quick().from_string("{{ odd }}{{ odd }}").render(odd=odd) == "55"


def test_the_pieces_of_a_stream_make_the_page() -> None:
    template = quick().from_string("a{{ text }}b{% for row in rows %}{{ row.x }}-{{ row.name }}{% endfor %}")
    assert "".join(template.generate(NAMES)) == template.render(NAMES)
    assert len(list(template.generate(NAMES))) == 1 + len(NAMES["rows"])


def test_what_stands_before_a_call_is_sent_before_the_call_is_made() -> None:
    called: list[bool] = []
    pieces = quick().from_string("head {{ slow() }} tail").generate(slow=lambda: called.append(True))
    assert next(pieces) == "head "
    assert not called


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("one\n{% for row in rows %}\n{{ row.x }}\n  {{ row.x.gone.more }}\n{% endfor %}", 4),
        ("one\n{{ text }}\n{{ text }} {{ number.gone.more }}\n", 3),
        ("{% for row in rows %}\n{{ loop.index }}{{ loop.cycle('a', 1 // 0) }}\n{% endfor %}", 2),
        ("{% block a %}\n\n{{ thing.name }}{{ thing.x() }}{% endblock %}", 3),
        ("{% macro m(a) %}\n{{ a.x }}\n{{ a.gone.more }}{% endmacro %}\n{{ m(row) }}", 3),
    ],
)
def test_a_traceback_names_the_line_of_the_template(text: str, line: int) -> None:
    environment = Environment(
        loader=jinja2.FunctionLoader(lambda name: (text, "/site/pages/page.html", None))
    )
    with pytest.raises((jinja2.UndefinedError, TypeError, ZeroDivisionError)) as caught:
        environment.get_template("page.html").render(NAMES)
    frames = [frame for frame in traceback.extract_tb(caught.tb) if frame.filename == "/site/pages/page.html"]
    assert frames[-1].lineno == line


def test_a_running_template_knows_its_line() -> None:
    def here() -> int:
        frame = sys._getframe(1)
        while (template := frame.f_globals.get("__jinja_template__")) is None:
            assert frame.f_back is not None
            frame = frame.f_back
        return int(template.get_corresponding_lineno(frame.f_lineno))

    text = "\n{{ text }}\n{{ here() }}\n{% for row in rows %}\n{{ row.name }}\n\n{{ row.x }}{{ here() }}{% endfor %}"
    assert quick().from_string(text).render(NAMES | {"here": here}).split()[1] == "3"
    assert quick().from_string(text).render(NAMES | {"here": here}).endswith("7")


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """`unfit` forgets its answer before and after the test."""
    unfit.cache_clear()
    yield
    unfit.cache_clear()


@pytest.mark.usefixtures("asked_anew")
class TestUnfit:
    def test_the_quick_generator_is_used_with_what_is_installed(self) -> None:
        assert unfit() is None
        assert quick().code_generator_class is QuickCodeGenerator

    def test_another_series_of_jinja2_gets_its_own_generator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jinja2, "__version__", "4.0.0")
        assert "4.0.0" in str(unfit())
        assert quick().code_generator_class is CodeGenerator
        assert outcome(quick(), TEMPLATES[0], NAMES) == outcome(stock(autoescape=True), TEMPLATES[0], NAMES)

    def test_a_jinja2_that_does_not_tell_its_version_gets_its_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delattr(jinja2, "__version__")
        assert "unknown" in str(unfit())

    def test_another_markupsafe_gets_jinja2s_generator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(jinja_compiler, "_escape_inner", None)
        assert "MarkupSafe" in str(unfit())
        assert outcome(quick(), TEMPLATES[0], NAMES) == outcome(stock(autoescape=True), TEMPLATES[0], NAMES)

    def test_changed_internals_that_fail_are_noticed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delattr(CodeGenerator, "_output_child_pre")
        assert "AttributeError" in str(unfit())
        assert quick().code_generator_class is CodeGenerator

    def test_changed_internals_that_render_otherwise_are_noticed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(jinja_compiler, "_escape_inner", str.upper)
        assert "otherwise" in str(unfit())


class Sandboxed(SandboxedEnvironment):
    getattr = get_attribute


class OwnGetattr(Environment):
    def getattr(self, obj: Any, attribute: str) -> Any:
        return f"own {attribute}"


class OwnConcat(Environment):
    concat = staticmethod(lambda pieces: "+".join(map(str, pieces)))  # type: ignore[assignment]


class OwnContext(Environment):
    context_class = type("OwnContext", (Context,), {})


@pytest.mark.parametrize(
    "environment",
    [
        Sandboxed(),
        OwnGetattr(),
        OwnConcat(),
        OwnContext(),
        Environment(enable_async=True),
        jinja2.Environment(autoescape=True),
    ],
    ids=lambda environment: type(environment).__name__,
)
def test_an_environment_that_would_notice_gets_jinja2s_generator(environment: jinja2.Environment) -> None:
    assert generator_for(environment) is CodeGenerator


def test_an_environments_own_getattr_is_asked() -> None:
    assert OwnGetattr().from_string("{{ row.name }}").render(NAMES) == "own name"


def test_an_overlay_compiles_like_its_environment() -> None:
    overlay = quick().overlay(autoescape=False)
    assert overlay.code_generator_class is QuickCodeGenerator
    assert overlay.from_string("{{ text }}{{ row.name }}").render(NAMES) == "a<ba & b"
