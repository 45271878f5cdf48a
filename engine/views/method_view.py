"""Handlers as classes, as Flask has them: a method for each method of HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator
from functools import partial, wraps
from typing import Any, ClassVar, NamedTuple

from engine.http.coroutines import blocking

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


class MethodView:
    """A class whose methods `get`, `post`, … answer the methods of HTTP. A page says `handler = TheClass`.

    Each request gets an instance of its own, unless `init_every_request` is false. `decorators` are applied to each
    method, the last outermost. `methods` are those of HTTP that it answers, if not all that it has.
    """

    decorators: ClassVar[list[Callable[..., Any]]] = []
    methods: ClassVar[Collection[str] | None] = None
    init_every_request: ClassVar[bool] = True

    @classmethod
    def as_view(cls, name: str = "handler", *args: Any, **kwargs: Any) -> BoundView:
        """The class with what its instances are made of: `handler = TheClass.as_view("users", Users)`."""
        return BoundView(cls, args, kwargs)


class BoundView(NamedTuple):
    """A class of handlers, and what its instances are made of."""

    cls: type[MethodView]
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = {}

    def functions(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """The name of each method that the class answers, and a function that answers it."""
        make: Callable[[], MethodView] = partial(self.cls, *self.args, **self.kwargs)
        if not self.cls.init_every_request:
            make = partial(lambda instance: instance, make())
        answered = self.cls.methods and {name.lower() for name in self.cls.methods}
        for name in METHODS:
            is_answered = answered is None or name in answered
            if is_answered and callable(method := getattr(self.cls, name, None)):
                yield name, self._function(method, make)

    def _function(self, method: Callable[..., Any], make: Callable[[], MethodView]) -> Callable[..., Any]:
        call = blocking(method)

        @wraps(call)
        def answer(**params: Any) -> Any:
            return call(make(), **params)

        signature = inspect.signature(method)
        own = list(signature.parameters.values())[1:]
        answer.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
        for decorate in self.cls.decorators:
            answer = decorate(answer)
        return answer


def bound_view(value: Any) -> BoundView | None:
    """What a page calls its `handler`, where that is a class or one with what it is made of."""
    if isinstance(value, type) and issubclass(value, MethodView):
        return BoundView(value)
    return value if isinstance(value, BoundView) else None
