"""`@api`: a function with annotations becomes a handler. All is worked out when it is defined that can be then."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, update_wrapper
from typing import Any, overload

from pydantic import TypeAdapter

from engine import Request
from engine.ext.api.answers import Tagged, Writer, given_match, required_match
from engine.ext.api.bodies import Body
from engine.ext.api.parameters import Read, Taken, kinds_of
from engine.ext.api.problems import Invalid
from engine.ext.api.texts import Texts

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What the author of a handler says to `api`."""

    status: int | None
    errors: Mapping[int, str]
    if_match: bool | Handler
    security: tuple[str, ...] | None
    tags: tuple[str, ...]
    deprecated: bool
    max_body: int | None


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
    max_body: int | None = None,
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
    max_body: int | None = None,
) -> Any:
    """Have a handler get what its annotations say, validated, and answer what they say.

    `body` is the JSON that was sent, `query` and `headers` are models of all parameters and headers, `Query[…]` and
    `Header[…]` are single ones, and all else is of the path. What does not fit is answered 422.

    `status` is that of a good answer. `errors` are the statuses that the handler aborts with, and what they mean.
    With `if_match` a request must name the version that it has read, by the ETag that the function `if_match` answers;
    with `True` the handler calls `check_match`. `security` names schemes of the document.
    `max_body` is how many bytes a body may have here, whatever the settings say.
    Raises `ValueError` for a `status` that is not of a good answer.
    """
    if status is not None and status not in range(200, 400):
        raise ValueError(f"`status` is that of a good answer, from 200 to 399, and not {status!r}")
    said = Said(
        status,
        errors if isinstance(errors, Mapping) else dict.fromkeys(errors, ""),
        if_match,
        (security,) if isinstance(security, str) else security,
        tags,
        deprecated,
        max_body,
    )
    return partial(_handler, said) if function is None else _handler(said, function)


def operation_of(function: Handler) -> Operation | None:
    """What `api` knows of a function, or of one that a decorator has wrapped."""
    found: Operation | None = getattr(function, "__operation__", None)
    return found


def _handler(said: Said, function: Handler) -> Handler:
    signature = inspect.signature(function)
    kinds = kinds_of(function)
    taken = Taken(signature, kinds, said.max_body)
    writer = Writer(function, kinds.get("return", signature.return_annotation), said.status)
    last = [*_matching(said.if_match)]
    call = _call(_blocking(function), writer, taken.reads, last, "request" in signature.parameters)
    update_wrapper(call, function)
    own = [it for name, it in signature.parameters.items() if name not in taken.names and name != "request"]
    if taken.reads or last or "request" in signature.parameters:
        own.append(inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY))
    call.__signature__ = _ordered(own)  # type: ignore[attr-defined]
    call.__of_path__ = {  # type: ignore[attr-defined]
        it.name: f"Write `{it.name}: Query[…]` for one of the query; call the JSON that is sent `body`"
        for it in own
        if it.name in kinds
    }
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
