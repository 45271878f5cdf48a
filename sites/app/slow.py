"""Which answers and commands take long, and their templates: told in the log, where `slow` in `[app]` says so.

Signals of each request keep answers from being kept ready. So this is for a while, and not for good:
`ENGINE_APP__SLOW=0.5 engine serve` tells of those that take half a second.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Any

import click

from engine import (
    App,
    Response,
    appcontext_pushed,
    appcontext_tearing_down,
    before_render_template,
    g,
    has_request_context,
    request,
    request_finished,
    request_tearing_down,
    template_rendered,
)
from engine.extensions import Registry

log = logging.getLogger("ternlane.slow")


def init_app(app: Registry) -> None:
    if app.config.app.slow:
        appcontext_pushed.connect(begin, app)
        before_render_template.connect(begin_template, app)
        template_rendered.connect(end_template, app)
        request_finished.connect(answered, app)
        request_tearing_down.connect(sent, app)
        appcontext_tearing_down.connect(done, app)


def begin(sender: App) -> None:
    g.begun, g.answered, g.filling, g.filled = perf_counter(), 0.0, {}, []


def begin_template(sender: App, template: Any, context: dict[str, Any]) -> None:
    g.filling[template.name] = perf_counter()


def end_template(sender: App, template: Any, context: dict[str, Any]) -> None:
    took = perf_counter() - g.filling.pop(template.name)
    g.filled.append(f"{template.name} {took:.3f} s")


def answered(sender: App, response: Response) -> None:
    """The answer is there. What is left is to send it, and to make what it streams."""
    g.answered = perf_counter()
    tell(sender, f"{request.method} {request.path}", g.answered - g.begun)


def sent(sender: App, exc: Exception | None) -> None:
    if g.answered:
        tell(sender, f"the stream of {request.path}", perf_counter() - g.answered)


def done(sender: App, exc: Exception | None) -> None:
    """A context ends: of a request, of which all is told by now, or of a command."""
    engine = click.get_current_context(silent=True)
    if engine and not has_request_context():
        tell(sender, f"engine {engine.invoked_subcommand}", perf_counter() - g.begun)


def tell(sender: App, what: str, took: float) -> None:
    if took >= sender.config.app.slow:
        log.warning("%s took %.3f s: %s", what, took, ", ".join(g.filled) or "no template")
