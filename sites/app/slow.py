"""Which answers take long, and the templates they were made of: told in the log, where `slow` in `[app]` says so.

Signals of each request keep answers from being kept ready. So this is for a while, and not for good:
`ENGINE_APP__SLOW=0.5 engine serve` tells of those that take half a second.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import Any

from engine import App, Response, g, request, request_finished, request_started, template_rendered
from engine.extensions import Registry

log = logging.getLogger("ternlane.slow")


def init_app(app: Registry) -> None:
    if app.config.app.slow:
        request_started.connect(begin, app)
        template_rendered.connect(note, app)
        request_finished.connect(tell, app)


def begin(sender: App) -> None:
    g.begun, g.filled = perf_counter(), []


def note(sender: App, template: Any, context: dict[str, Any]) -> None:
    if "filled" in g:  # a command fills templates too
        g.filled.append(template.name)


def tell(sender: App, response: Response) -> None:
    took = perf_counter() - g.begun
    if took >= sender.config.app.slow:
        of = ", ".join(g.filled) or "no template"
        log.warning("%s %s took %.3f s: %s", request.method, request.path, took, of)
