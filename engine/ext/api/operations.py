"""`@api`: a function with annotations becomes a handler. All is worked out when it is defined that can be then."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, make_dataclass
from functools import partial, update_wrapper
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints, overload

from pydantic import TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError
from pydantic.fields import FieldInfo

from engine import Request
from engine.ext.api.answers import Tagged, Writer, given_match, required_match
from engine.ext.api.bodies import Body
from engine.ext.api.problems import Invalid
from engine.ext.api.texts import Texts

T = TypeVar("T")
Handler = Callable[..., Any]
Read = Callable[[Request, dict[str, Any], tuple[Any, ...]], object]
"""Puts what it reads of a request into the values of a call, or refuses the request. Last comes a method's `self`."""


@dataclass(frozen=True, slots=True)
class _Source:
    """From where a parameter comes, as its annotation says."""

    place: str


Query = Annotated[T, _Source("query")]
"""`limit: Query[int] = 20` is `?limit=…`. pydantic's `Field` says more: `Query[Annotated[int, Field(ge=1)]]`."""
Header = Annotated[T, _Source("header")]
"""`x_tenant: Header[str]` is the header `X-Tenant`."""

WHOLE = {"query": "query", "headers": "header"}
"""Parameters that hold all of a place, as a model or a dataclass."""
NOT_OF_THE_PATH = frozenset({*WHOLE, "body", "request"})


@dataclass(frozen=True, slots=True)
class Said:
    """What the author of a handler says to `api`."""

    status: int | None
    errors: Mapping[int, str]
    if_match: bool | Handler
    security: tuple[str, ...] | None
    tags: tuple[str, ...]
    deprecated: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """What is known of a handler: what it reads, and what it answers. `path` has what checks a parameter, by name."""

    function: Handler
    writer: Writer
    body: Body | None
    texts: tuple[Texts, ...]
    path: Mapping[str, TypeAdapter[Any]]
    said: Said


@overload
def api(function: Handler, /) -> Handler: ...
@overload
def api(
    *,
    status: int | None = None,
    errors: Mapping[int, str] | tuple[int, ...] = (),
    if_match: bool | Handler = False,
    security: tuple[str, ...] | str | None = None,
    tags: tuple[str, ...] = (),
    deprecated: bool = False,
) -> Callable[[Handler], Handler]: ...
def api(
    function: Handler | None = None,
    /,
    *,
    status: int | None = None,
    errors: Mapping[int, str] | tuple[int, ...] = (),
    if_match: bool | Handler = False,
    security: tuple[str, ...] | str | None = None,
    tags: tuple[str, ...] = (),
    deprecated: bool = False,
) -> Any:
    """Have a handler get what its annotations say, validated, and answer what they say.

    `body` is the JSON that was sent, `query` and `headers` are models of all parameters and headers, `Query[…]` and
    `Header[…]` are single ones, and all else is of the path. What does not fit is answered 422.

    `status` is that of a good answer. `errors` are the statuses that the handler aborts with, and what they mean.
    With `if_match` a request must name the version that it has read, by the ETag that the function `if_match` answers;
    with `True` the handler calls `check_match`. `security` names schemes of the document.
    """
    said = Said(
        status,
        errors if isinstance(errors, Mapping) else dict.fromkeys(errors, ""),
        if_match,
        (security,) if isinstance(security, str) else security,
        tags,
        deprecated,
    )
    return partial(_handler, said) if function is None else _handler(said, function)


def operation_of(function: Handler) -> Operation | None:
    """What `api` knows of a function, or of one that a decorator has wrapped."""
    found: Operation | None = getattr(function, "__operation__", None)
    return found


def _handler(said: Said, function: Handler) -> Handler:
    signature = inspect.signature(function)
    kinds = _kinds(function)
    taken = _Taken(signature, kinds)
    writer = Writer(function, kinds.get("return", signature.return_annotation), said.status)
    last = [*_matching(said.if_match)]
    call = _call(_blocking(function), writer, taken.reads, last, "request" in signature.parameters)
    update_wrapper(call, function)
    own = [it for name, it in signature.parameters.items() if name not in taken.names and name != "request"]
    if taken.reads or last or "request" in signature.parameters:
        own.append(inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY))
    call.__signature__ = _ordered(own)  # type: ignore[attr-defined]
    call.__operation__ = Operation(  # type: ignore[attr-defined]
        function=function,
        writer=writer,
        body=taken.body,
        texts=tuple(taken.texts),
        path=taken.path,
        said=said,
    )
    return call


def _ordered(parameters: list[inspect.Parameter]) -> inspect.Signature:
    """A signature of these, in the order that Python wants."""
    free = [it for it in parameters if it.kind is not inspect.Parameter.VAR_KEYWORD]
    rest = [it for it in parameters if it.kind is inspect.Parameter.VAR_KEYWORD]
    first = sorted(free, key=lambda it: (it.kind, it.kind < 2 and it.default is not it.empty))
    return inspect.Signature([*first, *rest])


def _call(
    function: Handler, writer: Writer, reads: list[Read], last: list[Read], wants_request: bool
) -> Handler:
    """Reads all, and tells all that is wrong at once; then what asks whether the request still holds."""
    if not reads and not last and not wants_request:
        return lambda *owner, **values: writer(function(*owner, **values))

    def call(*owner: Any, request: Request, **values: Any) -> Any:
        wrong = None
        for read in reads:
            try:
                read(request, values, owner)
            except Invalid as error:
                wrong = error if wrong is None else wrong.and_also(error)
        if wrong is not None:
            raise wrong
        for read in last:
            read(request, values, owner)
        if wants_request:
            values["request"] = request
        return writer(function(*owner, **values))

    return call


def _blocking(function: Handler) -> Handler:
    """`function`; one that is `async` is run to its end, as the engine does it for handlers."""
    if not inspect.iscoroutinefunction(function):
        return function
    from asyncio import run  # noqa: PLC0415  few sites need it, and it takes long to import

    return lambda *args, **values: run(function(*args, **values))


def _kinds(function: Handler) -> dict[str, Any]:
    """The annotations of a function. Raises `TypeError` for one whose name is not known yet."""
    try:
        return get_type_hints(inspect.unwrap(function), include_extras=True)
    except NameError as error:
        raise TypeError(
            f"an annotation of {function.__name__}() names what is not defined: {error}"
        ) from None


def _matching(current: bool | Handler) -> Iterator[Read]:
    """Compare `If-Match` with the tag of what `current`, the handler that reads, answers now."""
    if not callable(current):
        if current:
            yield lambda request, values, owner: given_match()
        return
    names = inspect.signature(current).parameters

    def read(request: Request, values: dict[str, Any], owner: tuple[Any, ...]) -> None:
        given_match()
        wanted = {name: value for name, value in values.items() if name in names}
        response = current(*owner, **wanted, **({"request": request} if "request" in names else {}))
        if not isinstance(response, Tagged):
            what = f"{current.__name__}() has no ETag; decorate it with @api, and have it say what it returns"
            raise TypeError(what)
        required_match(response.own_tag())

    yield read


class _Taken:
    """What a function takes: from where each of its parameters comes, and how that is read."""

    def __init__(self, signature: inspect.Signature, kinds: Mapping[str, Any]) -> None:
        self.names: set[str] = set()
        self.reads: list[Read] = []
        self.texts: list[Texts] = []
        self.body: Body | None = None
        self.path: dict[str, TypeAdapter[Any]] = {}
        single: dict[str, list[inspect.Parameter]] = {"query": [], "header": []}
        for name, parameter in signature.parameters.items():
            kind = kinds.get(name, parameter.empty)
            if (place := _place(kind)) is not None:
                single[place].append(parameter.replace(annotation=kind))
                self.names.add(name)
            elif kind is parameter.empty or name == "request" or parameter.kind not in _NAMED:
                continue  # of the path, and whatever the route makes of it
            elif name in WHOLE:
                self.names.add(name)
                self._whole(name, kind)
            elif name == "body":
                self.names.add(name)
                self.body = Body(kind, parameter.default is not parameter.empty)
            elif kind is not str and (adapter := _adapter(kind)) is not None:
                self.path[name] = adapter
                self.reads.append(_of_path(name, kind))
        for place, parameters in single.items():
            if parameters:
                self._single(place, parameters)
        if self.body is not None:  # last: whoever may not ask need not send it
            self.reads.append(self.body.read)

    def _whole(self, name: str, kind: Any) -> None:
        texts = Texts(kind, WHOLE[name], _header_name if name == "headers" else str)
        self.texts.append(texts)
        given = _query if name == "query" else _headers

        def read(request: Request, values: dict[str, Any], owner: tuple[Any, ...]) -> None:
            values[name] = given(texts, request)

        self.reads.append(read)

    def _single(self, place: str, parameters: list[inspect.Parameter]) -> None:
        texts = Texts(_record(parameters), place, _header_name if place == "header" else str)
        self.texts.append(texts)
        given = _query if place == "query" else _headers

        def read(request: Request, values: dict[str, Any], owner: tuple[Any, ...]) -> None:
            values.update(vars(given(texts, request)))

        self.reads.append(read)


def _of_path(name: str, kind: Any) -> Read:
    """Validates what the route has converted, where the annotation says more than its type."""
    texts = Texts(make_dataclass("Path", [(name, kind)], kw_only=True), "path")

    def read(request: Request, values: dict[str, Any], owner: tuple[Any, ...]) -> None:
        value = values.get(name)
        if value is not None and type(value) is not kind:
            sent = [str(value)]
            values[name] = getattr(texts.read(lambda _: sent), name)

    return read


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _place(kind: Any) -> str | None:
    if get_origin(kind) is not Annotated:
        return None
    return next((it.place for it in get_args(kind)[1:] if isinstance(it, _Source)), None)


def _record(parameters: list[inspect.Parameter]) -> type:
    """A dataclass that has the parameters as its fields."""
    return make_dataclass(
        "Parameters",
        [(it.name, it.annotation, *_default(it.default)) for it in parameters],
        kw_only=True,
    )


def _default(value: Any) -> tuple[Any, ...]:
    if value is inspect.Parameter.empty:
        return ()
    if isinstance(value, FieldInfo):
        return (value,)
    return (
        field(default=value) if isinstance(value, Hashable) else field(default_factory=lambda: copy(value)),
    )


def _adapter(kind: Any) -> TypeAdapter[Any] | None:
    """What validates a type; nothing for a class of the site's own, of which only its converter knows."""
    try:
        return TypeAdapter(kind)
    except PydanticSchemaGenerationError:
        return None


def _header_name(key: str) -> str:
    """`x_tenant` is the header `X-Tenant`."""
    return "-".join(part.capitalize() for part in re.split("[_-]", key))


def _query(texts: Texts, request: Request) -> Any:
    args = request.args
    return texts.read(args.getlist, args)


def _headers(texts: Texts, request: Request) -> Any:
    headers = request.headers

    def given(name: str) -> list[str]:
        value = headers.get(name)
        if value is None:
            return []
        return [it.strip() for it in value.split(",")] if texts.fields[name].several else [value]

    return texts.read(given)
