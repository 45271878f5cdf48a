"""The signals that the engine sends, by Flask's names. Most sites have no receivers, so who sends one looks first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

from blinker import ANY, NamedSignal
from blinker.base import make_id  # type: ignore[attr-defined]

F = TypeVar("F", bound=Callable[..., Any])


class AppSignal(NamedSignal):
    """A signal of an `App`. Who connects with what `setup(app)` was given hears of every `App` of that load.

    They do so as long as the load lasts, whether or not anything else keeps them.
    """

    def connect(self, receiver: F, sender: Any = ANY, weak: bool = True) -> F:
        teardown = getattr(sender, "teardown_site", None)
        if teardown is None:
            return super().connect(receiver, sender, weak)
        super().connect(receiver, sender)
        teardown(partial(self._over, receiver, sender))  # which keeps it until then
        return receiver

    def send(self, sender: Any = None, /, **said: Any) -> list[tuple[Callable[..., Any], Any]]:
        """Call each receiver, and run one that is `async` to its end. What one raises is raised."""
        return super().send(sender, _async_wrapper=_to_the_end, **said)

    def _over(self, receiver: Callable[..., Any], sender: Any) -> None:
        self.disconnect(receiver, sender)
        if not self._by_receiver[make_id(receiver)]:  # of nobody else, such as another site
            self.disconnect(receiver)

    def receivers_for(self, sender: Any) -> Iterator[Callable[..., Any]]:  # type: ignore[override]
        heard = list(super().receivers_for(sender))
        yield from heard
        registry = getattr(sender, "registry", None)
        if registry is not None:
            yield from (it for it in super().receivers_for(registry) if it not in heard)


def _to_the_end(receiver: Callable[..., Any]) -> Callable[..., Any]:
    from asyncio import run  # noqa: PLC0415  few sites need it, and it takes as long to import as Jinja2

    return lambda sender, **said: run(receiver(sender, **said))


appcontext_pushed = AppSignal("appcontext-pushed", "When a context begins: of a request, or of a block.")
appcontext_tearing_down = AppSignal(
    "appcontext-tearing-down", "Before a context ends, with what went wrong as `exc`, or `None`."
)
appcontext_popped = AppSignal("appcontext-popped", "When a context is over.")
request_started = AppSignal("request-started", "Before the hooks of a request.")
request_finished = AppSignal("request-finished", "With the `response`, as it is sent.")
request_tearing_down = AppSignal(
    "request-tearing-down", "After all, with what went wrong as `exc`, or `None`."
)
got_request_exception = AppSignal("got-request-exception", "With the `exception`, which is no HTTP error.")
before_render_template = AppSignal("before-render-template", "With the `template` and its `context`.")
template_rendered = AppSignal("template-rendered", "With the `template` and its `context`.")
message_flashed = AppSignal("message-flashed", "With the `message` and its `category`.")


def push(app: Any) -> None:
    """Tell that a context of `app` begins."""
    if appcontext_pushed.receivers:
        appcontext_pushed.send(app)


def pop(app: Any, failure: BaseException | None) -> None:
    """Tell that a context of `app` ends."""
    if appcontext_tearing_down.receivers:
        appcontext_tearing_down.send(app, exc=failure)
    if appcontext_popped.receivers:
        appcontext_popped.send(app)
