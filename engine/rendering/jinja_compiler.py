"""Jinja2's code generator with five shortcuts. With `jinja` the only module that touches Jinja2's internals.

What a template renders is what stock Jinja2 renders, character for character. The shortcuts, and why they may:

    getattr   on a plain mapping, a name that no dict has as attribute is looked up as a key at once
    in place  the same for a variable that is one, without the call
    escape    output is escaped to text rather than to `Markup`, for it is only joined; a string without a call
    join      neighbouring outputs are one piece, so that a page is fewer steps of a generator
    loop      `loop.index` and its like, and `loop.cycle(…)`, are asked of the loop itself

Only the pieces of a stream (`Template.generate`) differ: `join` makes them fewer. What stands before a call
is still sent before the call is made. Environments that are asynchronous or sandboxed, or have their own
`getattr`, `concat` or context class, get Jinja2's own generator, as do all where `unfit` says why.
"""

from __future__ import annotations

from functools import cache
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import jinja2
import markupsafe
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context
from markupsafe import Markup, escape

from engine.outside import changing
from engine.source.frozen import FrozenDict
from engine.trace import depend, is_collecting

if TYPE_CHECKING:
    from jinja2.compiler import Frame

VERSIONS = ("3.1.",)
"""The series of Jinja2 whose test-suite passes with this generator (`tools/jinja_suite.py`)."""

DICT_ATTRIBUTES = frozenset[str]().union(*(vars(kind) for kind in dict.__mro__))
"""The names that `getattr` finds on every dict."""

PLAIN = frozenset((dict, FrozenDict))
"""The types of mappings on which no attribute is found that is not one of every dict."""

CALLED = frozenset((BuiltinFunctionType, FunctionType, MethodType))
"""The types of what libraries offer to be called."""

LOOP_ATTRIBUTES = frozenset({"index", "index0", "first", "depth", "depth0"})
"""Those of a loop that run no code of the site, whose AttributeError Jinja2 would take for "undefined"."""

_escape_inner = getattr(markupsafe, "_escape_inner", None)


def escape_text(value: Any) -> str:
    """What `markupsafe.escape` gives, as text to be joined: `Markup` or a plain string."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)  # type: ignore[misc,no-any-return]
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    if kind is int or kind is float:
        return str(value)
    return escape(value)


class Joined:
    """Stands for the list that collects a macro's output: `yield Joined.extend((a, b))` is one piece."""

    append = str
    extend = "".join


def get_attribute(environment: jinja2.Environment, obj: Any, attribute: str) -> Any:
    """`Environment.getattr`: the attribute, else the item, else undefined; of a plain mapping, the item at once.

    It is noted where the attribute is a clock, or the like, of a module or class that the site has given to templates.
    """
    if type(obj) not in PLAIN or attribute in DICT_ATTRIBUTES:
        try:
            value = getattr(obj, attribute)
        except AttributeError:
            pass
        else:
            if type(value) in CALLED and is_collecting() and (what := changing(value)):
                depend("changing", what)
            return value
    try:
        return obj[attribute]
    except (TypeError, LookupError, AttributeError):
        return environment.undefined(obj=obj, name=attribute)


class QuickCodeGenerator(CodeGenerator):
    """Writes quicker Python for a template than its base class, to the same effect."""

    join = True
    _loop_is_rebound = False

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        self._loop_is_rebound = _rebinds(node, "loop")
        self.writeline(f"from {__name__} import Joined, PLAIN, _escape_inner as escape_string, escape_text")
        super().visit_Template(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        if self._is_loop(node.node, frame) and node.attr in LOOP_ATTRIBUTES:
            self.write(f"{frame.symbols.ref('loop')}.{node.attr}")
        elif isinstance(node.node, nodes.Name) and node.attr not in DICT_ATTRIBUTES:
            ref, key = frame.symbols.ref(node.node.name), repr(node.attr)
            self.write(f"({ref}[{key}] if type({ref}) in PLAIN and {key} in {ref} else ")
            super().visit_Getattr(node, frame)
            self.write(")")
        else:
            super().visit_Getattr(node, frame)

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:
        if forward_caller or not self._is_cycle(node, frame):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write(f"{frame.symbols.ref('loop')}.cycle(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        if not self._may_join(node, frame):
            super().visit_Output(node, frame)
            return
        frame.buffer = "yield Joined"
        try:
            super().visit_Output(node, frame)
        finally:
            frame.buffer = None

    def _output_child_pre(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if self._is_escaped(frame):
            self.write(f"(escape_string(t_out) if type(t_out := {finalize.src or ''}")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(
        self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo
    ) -> None:
        if self._is_escaped(frame):
            self.write(f"{')' if finalize.src else ''}) is str else escape_text(t_out))")
        else:
            super()._output_child_post(node, frame, finalize)

    @staticmethod
    def _is_escaped(frame: Frame) -> bool:
        return bool(frame.eval_ctx.autoescape) and not frame.eval_ctx.volatile

    def _may_join(self, node: nodes.Output, frame: Frame) -> bool:
        calls = (call for call in node.find_all(nodes.Call) if not self._is_cycle(call, frame))
        return self.join and frame.buffer is None and len(node.nodes) > 1 and next(calls, None) is None

    def _is_cycle(self, node: nodes.Call, frame: Frame) -> bool:
        """Whether this is `loop.cycle(a, b)`, its values written out."""
        call = node.node
        plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs)
        return (
            plain
            and isinstance(call, nodes.Getattr)
            and call.attr == "cycle"
            and self._is_loop(call.node, frame)
        )

    def _is_loop(self, node: nodes.Expr, frame: Frame) -> bool:
        """Whether this is the name of the innermost loop, used in its own body."""
        named = isinstance(node, nodes.Name) and node.name == "loop"
        return named and frame.loop_frame and not self._loop_is_rebound


def _rebinds(tree: nodes.Template, name: str) -> bool:
    """Whether anything but a loop takes `name`; Jinja2 lets macros, imports and arguments be called `loop`."""
    taken: set[str | None] = {macro.name for macro in tree.find_all(nodes.Macro)}
    taken.update(imported.target for imported in tree.find_all(nodes.Import))
    taken.update(target.name for target in tree.find_all(nodes.Name) if target.ctx != "load")
    for imports in tree.find_all(nodes.FromImport):
        taken.update(alias if isinstance(alias, str) else alias[1] for alias in imports.names)
    return name in taken


def generator_for(environment: jinja2.Environment) -> type[CodeGenerator]:
    """The generator for the templates of `environment`: the quick one, or Jinja2's where that could show."""
    return QuickCodeGenerator if _is_plain(environment) and unfit() is None else CodeGenerator


def _is_plain(environment: jinja2.Environment) -> bool:
    return (
        not (environment.is_async or environment.sandboxed)
        and getattr(environment.getattr, "__func__", None) is get_attribute
        and environment.concat is jinja2.Environment.concat
        and environment.context_class is Context
    )


class _Quick(jinja2.Environment):
    code_generator_class = QuickCodeGenerator
    getattr = get_attribute


PROBE = """{% for row in rows -%}
{{ loop.index }}{{ loop.cycle('a', text) }}-{{ row.x }}{{ row.y }}{{ text }}{{ safe }}{% endfor %}"""
PROBED = {"rows": [{"x": 1}, {"x": "<"}], "text": "&", "safe": Markup("<i>")}


@cache
def unfit() -> str | None:
    """Why the quick generator is not used; `None` where it is. Found out at the first template, in 5 ms."""
    version = vars(jinja2).get("__version__", "of an unknown version")
    if not version.startswith(VERSIONS):
        return f"Jinja2 {version} is not of a series that it was tested with ({', '.join(VERSIONS)})"
    if _escape_inner is None:
        return "MarkupSafe has no _escape_inner"
    try:
        environments = jinja2.Environment(autoescape=True), _Quick(autoescape=True)
        wanted, got = (environment.from_string(PROBE).render(PROBED) for environment in environments)
    except Exception as error:  # whatever another version raises, the site must be served
        return f"a template compiled by it fails: {error!r}"
    return None if got == wanted else "a template compiled by it renders otherwise"
