"""What a function takes: from where each of its parameters comes, and how that is read of a request."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, make_dataclass
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import Field, TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError
from pydantic.fields import FieldInfo

from engine import Request
from engine.ext.api.bodies import Body
from engine.ext.api.texts import Texts

T = TypeVar("T")
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


class Taken:
    """What a function takes: from where each of its parameters comes, and how that is read.

    `most` is how many bytes a body may have, if the handler says that.
    """

    def __init__(
        self, signature: inspect.Signature, kinds: Mapping[str, Any], most: int | None = None
    ) -> None:
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
                self.body = Body(kind, parameter.default is not parameter.empty, most)
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
    # Of a `Field` pydantic tells the default in the document, and copies one that can be changed.
    return (value if isinstance(value, FieldInfo) else Field(default=value),)


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


def kinds_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of a function. Raises `TypeError` for one whose name is not known yet."""
    try:
        return get_type_hints(inspect.unwrap(function), include_extras=True)
    except NameError as error:
        raise TypeError(
            f"an annotation of {function.__name__}() names what is not defined: {error}"
        ) from None
