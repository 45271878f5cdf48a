"""The one shape of everything that answers a request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from engine.http.context import Context
from engine.http.response import Response

GET = ("GET", "HEAD", "OPTIONS")


class View(Protocol):
    """What answers the requests of one route, whatever file it came from.

    A view gets the context and not the request, because most answers never look at a request, and one is made when
    `context.request` is asked for.
    """

    @property
    def source(self) -> str:
        """The path of the file that is to blame."""

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that it answers."""

    @property
    def answers_options(self) -> bool:
        """Whether the view itself answers `OPTIONS`; else the app does, by `Allow`."""

    @property
    def freeze(self) -> bool | None:
        """What its author said: `False` keeps it out of a freeze, `True` asserts that it can be frozen."""

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response: ...

    def static_params(self) -> Iterable[Mapping[str, Any]] | None:
        """The parameters of every page to freeze; `None` where nobody enumerates them."""
        ...
