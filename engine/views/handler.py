"""Pages with code: a Python module whose functions are named after the methods that they answer."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial
from types import ModuleType
from typing import Any

from engine.cache.rule import A_DURATION, Rule, read_rule
from engine.content.page import Page
from engine.errors import Fault, SiteError
from engine.http.context import Context
from engine.http.coroutines import blocking
from engine.http.origin import Origin
from engine.http.response import Response, to_response
from engine.rendering.renderer import Recipe, Renderer
from engine.views.hooks import out_of_place
from engine.views.method_view import METHODS, bound_view
from engine.views.modules import SiteModules

OFFERED = ("request",)
"""What a function gets of the context if it has a parameter of that name."""
OFFERED_FOR_ERRORS = (*OFFERED, "error")
Call = Callable[[Context, Mapping[str, Any]], Any]


class HandlerView:
    """Answers by the functions of a page module.

    With a sibling template (`page`, `recipe`), a mapping that a function returns is the template's context, and
    a module without `get` shows the template to those who get it. `offered` are the attributes of the context that
    a function may ask for by name.
    """

    def __init__(
        self,
        source: str,
        module: ModuleType,
        params: tuple[str, ...],
        *,
        modules: SiteModules,
        content_type: str,
        page: Page | None = None,
        recipe: Recipe | None = None,
        renderer: Renderer,
        freeze: bool | None = None,
        csrf: bool = True,
        cache: Rule | None = None,
        offered: tuple[str, ...] = OFFERED,
    ) -> None:
        self.source = source
        self.module = module
        self.page = page
        self.freeze: bool | None = getattr(module, "freeze", freeze)
        own: bool | None = getattr(module, "csrf", None)
        self.csrf = csrf if own is None else own
        self.cache = cache_of(module, cache)
        self._modules = modules
        self._params = params
        self.recipe = recipe
        self._renderer = renderer
        self.content_type = content_type
        self.functions: Mapping[str, Callable[..., Any]] = functions(module)
        """What answers each method, as the module has it."""
        answering = self.functions
        _check(source, module, answering, params, offered, sibling=recipe is not None)
        self._answers = {
            name: (function, _call(function, params, offered), _origin(source, function))
            for name, function in answering.items()
        }
        if recipe is not None and "GET" not in self._answers:
            self._answers["GET"] = dict, None, Origin(source, None, "get")
        if "GET" in self._answers:
            self._answers.setdefault("HEAD", self._answers["GET"])
        self.answers_options = "OPTIONS" in self._answers
        self.methods = _in_order(frozenset({*self._answers, "OPTIONS"}))

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        answer = self._answers.get(context.environ["REQUEST_METHOD"])
        # An error page answers whatever was asked.
        function, call, origin = answer if answer is not None else self._answers["GET"]
        if context.trace is not None:
            value = self._observed(function, call, context, params)
        else:
            value = function() if call is None else call(context, params)
        if self.recipe is not None:
            value = self._filled(context, params, value)
        return to_response(value, origin, self.content_type)

    def _observed(
        self, function: Callable[..., Any], call: Call | None, context: Context, params: Mapping[str, Any]
    ) -> Any:
        """What a function returns, its dependencies noted."""
        self._modules.depend_on(self.source)
        answer = function if call is None else partial(call, context, params)
        return self._modules.observed(self.source, answer)

    def static_params(self) -> Iterable[Mapping[str, Any]] | None:
        """What the module's `static_params()` yields: mappings, or bare values where there is one parameter."""
        function = getattr(self.module, "static_params", None)
        if function is None:
            return None
        items = self._modules.observed(self.source, lambda: list(function()))
        return [self._mapping(item) for item in items]

    def _mapping(self, item: Any) -> Mapping[str, Any]:
        if isinstance(item, Mapping):
            return item
        if len(self._params) == 1:
            return {self._params[0]: item}
        what = (
            f"`static_params()` yielded {item!r}; this route needs a mapping with {', '.join(self._params)}"
        )
        raise SiteError(Fault("static-params", self.source, what, "Yield a dict for each page"))

    def _filled(self, context: Context, params: Mapping[str, Any], value: Any) -> Any:
        """The sibling template filled with `value`, where that is what the handler meant."""
        status: tuple[Any, ...] = ()
        if isinstance(value, tuple) and value and isinstance(value[0], Mapping):
            value, *rest = value
            status = tuple(rest)
        if not isinstance(value, Mapping):
            return value
        assert self.page is not None and self.recipe is not None
        text = self._renderer.page(self.page, self.recipe, {**context.variables(), "params": params, **value})
        return (text, *status) if status else text


def functions(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The functions of a page module that answer requests, by the method in capitals."""
    named = {name.upper(): getattr(module, name, None) for name in METHODS}
    found = {name: blocking(function) for name, function in named.items() if callable(function)}
    every = getattr(module, "handler", None)
    if (view := bound_view(every)) is not None:
        return {**{name.upper(): function for name, function in view.functions()}, **found}
    if callable(every):
        every = blocking(every)
        for name in METHODS:
            found.setdefault(name.upper(), every)
    return found


@cache
def _in_order(methods: frozenset[str]) -> tuple[str, ...]:
    """One tuple for all views of the same methods: of many routes, what each has alone is in no cache."""
    order = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
    return tuple(method for method in order if method in methods)


def _origin(source: str, function: Callable[..., Any]) -> Origin:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return Origin(source, code.co_firstlineno if code else None, getattr(function, "__name__", "handler"))


def _nothing_answers(source: str, module: ModuleType) -> Fault:
    what = "has no function that answers a request"
    for name, value in vars(module).items():
        near = get_close_matches(name, [*METHODS, "handler"], 1, 0.8)
        if near and inspect.isfunction(value) and value.__module__ == module.__name__:
            line = value.__code__.co_firstlineno
            return Fault("handler-missing", source, what, f"Did you mean {near[0]}() by this {name}()?", line)
    hint = "Define get(), post(), … or handler(); a module that is no page begins with _"
    return Fault("handler-missing", source, what, hint)


def _check(
    source: str,
    module: ModuleType,
    answering: Mapping[str, Callable[..., Any]],
    params: tuple[str, ...],
    offered: tuple[str, ...],
    *,
    sibling: bool,
) -> None:
    faults = [
        fault
        for function in dict.fromkeys(answering.values())
        for fault in _signature(source, function, params, offered)
    ]
    if not answering and not sibling:
        faults.append(_nothing_answers(source, module))
    faults += setting_faults(source, module)
    if faults:
        raise SiteError(faults)


def setting_faults(source: str, module: ModuleType) -> Iterator[Fault]:
    """What is wrong with what a page module says of itself."""
    if has_cache(module) and module.cache is not False and read_rule(module.cache) is None:
        what = f"`cache` must be {A_DURATION}, a Cache or False, not {module.cache!r}"
        yield Fault("handler-cache", source, what, "", line_of(module, "cache"))
    yield from out_of_place(module, source)
    every = getattr(module, "handler", None)
    if isinstance(every, type) and bound_view(every) is None:
        hint = "Write class handler(MethodView), or a function"
        yield Fault("handler-setting", source, "`handler` is a class, and no MethodView", hint)
    for name in ("freeze", "csrf"):
        if not isinstance(getattr(module, name, None), bool | None):
            what = f"`{name}` must be True or False, not {getattr(module, name)!r}"
            yield Fault("handler-setting", source, what, "")


def has_cache(module: ModuleType) -> bool:
    """Whether a page module says `cache` of its answers: a function of that name is the one of `functools`."""
    return not callable(getattr(module, "cache", None)) and getattr(module, "cache", None) is not None


def cache_of(module: ModuleType, inherited: Rule | None) -> Rule | None:
    """What a page module says of keeping its answers, else what it inherits."""
    return read_rule(module.cache) if has_cache(module) else inherited


def line_of(module: ModuleType, name: str) -> int | None:
    """The line at which a module sets a name last."""
    tree = ast.parse(inspect.getsource(module))
    return max(
        (it.lineno for it in ast.walk(tree) if isinstance(it, ast.Name) and _sets(it, name)), default=None
    )


def _sets(node: ast.Name, name: str) -> bool:
    return node.id == name and isinstance(node.ctx, ast.Store)


def _signature(
    source: str, function: Callable[..., Any], params: tuple[str, ...], offered: tuple[str, ...]
) -> Iterable[Fault]:
    """What is wrong with the parameters of a handler."""
    origin = _origin(source, function)
    taken = inspect.signature(function).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in taken.values()):
        return
    for name in params:
        if name in taken and taken[name].kind is inspect.Parameter.POSITIONAL_ONLY:
            what = f"`{origin.name}()` takes `{name}` by position, but path parameters arrive by name"
            yield Fault("handler-params", source, what, "Remove the `/`", origin.line)
        elif name not in taken:
            what = f"`{origin.name}()` does not take the path parameter `{name}`"
            yield Fault(
                "handler-params", source, what, f"Write {origin.name}({', '.join(params)})", origin.line
            )
    # What a decorator knows to be of the path alone, and what to write for it to come from elsewhere.
    hints: Mapping[str, str] = getattr(function, "__of_path__", {})
    for name, parameter in taken.items():
        is_wanted = parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL
        if name not in (*params, *offered) and (is_wanted or name in hints):
            what = (
                f"`{origin.name}()` wants `{name}`, which is neither a path parameter nor {_listed(offered)}"
            )
            hint = hints.get(name, "Give it a default or remove it")
            yield Fault("handler-params", source, what, hint, origin.line)


def _listed(names: Iterable[str]) -> str:
    return " nor ".join(f"`{name}`" for name in names)


def _call(function: Callable[..., Any], names: tuple[str, ...], offered: tuple[str, ...]) -> Call | None:
    """The cheapest way to call a handler: no request is made for one that does not name it.

    `None` for one that takes nothing: it is called as it is.
    """
    taken = inspect.signature(function).parameters
    defaults = frozenset(
        name for name in names if name in taken and taken[name].default is not inspect.Signature.empty
    )
    if defaults:
        call = _call(function, (), offered)
        assert call is not None  # it takes what has a default
        return _with_defaults(call, defaults)
    wanted = [name for name in offered if name in taken]
    if wanted == ["request"]:
        return lambda context, params: function(request=context.request, **params)
    if wanted:
        return lambda context, params: function(**{name: getattr(context, name) for name in wanted}, **params)
    if not taken:
        return None
    return lambda context, params: function(**params)


def _with_defaults(call: Call, names: frozenset[str]) -> Call:
    """An optional parameter that the URL leaves out is left out of the call, where the handler has a default."""
    return lambda context, params: call(
        context, {name: value for name, value in params.items() if value is not None or name not in names}
    )
