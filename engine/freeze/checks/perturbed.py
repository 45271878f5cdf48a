"""The inside of an audit: asks pages in a process of its own, in which something is other than it was.

    python -m engine.freeze.checks.perturbed        reads a `Task` as JSON, writes a digest, or a trail, for each page

Variables of the environment are set by whoever starts it.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from decimal import Decimal
from hashlib import blake2b
from types import FrameType
from typing import Any, NamedTuple

from engine.app.app import App
from engine.config import load_config
from engine.freeze.asking.ask import environ_for
from engine.freeze.target import Target
from engine.loading import load

PLAIN = (str, bytes, int, float, bool, type(None), dt.date, dt.time, dt.timedelta, Decimal)
DEEPEST = 4
MOST_STEPS = 100_000
"""Steps of one page that are followed."""
CAN_SHIFT = importlib.util.find_spec("time_machine") is not None
"""Whether the clock can be put forward here."""


class Task(NamedTuple):
    """What a process is to ask: `targets` as tuples of their fields, `request` into each environ, the clock put
    forward by `shift` seconds, the pages from the last to the first if `reverse`. The lines of the page at `follow` are
    written down."""

    root: str
    base_url: str
    drafts: bool
    targets: tuple[tuple[Any, ...], ...]
    request: Mapping[str, str] = {}
    shift: int = 0
    reverse: bool = False
    follow: str = ""


Step = Sequence[Any]
"""A file, a line of it, whether it returned or yielded something, and a digest of that, or of the plain values that
the variables had before the line was run."""


def main() -> None:
    """Do the task of standard input."""
    task = Task(**json.load(sys.stdin))
    out, sys.stdout = sys.stdout, sys.stderr  # what the site prints is no answer
    with ExitStack() as stack:
        if task.shift and CAN_SHIFT:
            import time_machine  # noqa: PLC0415  an extra

            stack.enter_context(time_machine.travel(time.time() + task.shift, tick=True))
        json.dump(_answers(task), out)


def _answers(task: Task) -> dict[str, Any]:
    site, faults = load(load_config(task.root, base_url=task.base_url or None, drafts=task.drafts))
    if site is None:
        raise SystemExit("\n".join(map(str, faults)))
    app = App(site)
    answers: dict[str, Any] = {}
    for fields in reversed(task.targets) if task.reverse else task.targets:
        target = Target(*fields)
        if target.path != task.follow:
            answers[target.path] = _asked(app, target, task.request)
            continue
        trail = _Trail(site.config.root)
        sys.settrace(trail.called)
        try:
            _asked(app, target, task.request)
        finally:
            sys.settrace(None)
        return {target.path: trail.steps}
    return answers


def _asked(app: App, target: Target, request: Mapping[str, str]) -> str:
    """The digest of what is answered, or what the page raised."""
    response, trace = app.observe({**environ_for(app, target), **request})
    with closing(response):
        if trace.error is not None:
            return f"{type(trace.error).__name__}: {trace.error}"
        response.direct_passthrough = False
        return blake2b(response.get_data(), digest_size=16).hexdigest()


class _Trail:
    """Follows the code of the site, templates too, line by line."""

    def __init__(self, root: str) -> None:
        self.steps: list[Step] = []
        self._root = root.rstrip("/") + "/"

    def called(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self._stepped if frame.f_code.co_filename.startswith(self._root) else None

    def _stepped(self, frame: FrameType, event: str, arg: Any) -> Any:
        if len(self.steps) < MOST_STEPS:
            template = frame.f_globals.get("__jinja_template__")
            line = frame.f_lineno if template is None else template.get_corresponding_lineno(frame.f_lineno)
            seen = arg if event == "return" else {k: v for k, v in frame.f_locals.items() if k[:2] != "__"}
            self.steps.append((frame.f_code.co_filename, line, event == "return", _digest(seen)))
        return self._stepped


def _digest(value: Any) -> str:
    return blake2b(repr(_plain(value, DEEPEST)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _plain(value: Any, depth: int) -> Any:
    """What can be compared between two processes: plain values as they are, of all else the type."""
    if isinstance(value, PLAIN) and type(value).__module__ in (
        "builtins",
        "datetime",
        "decimal",
        "markupsafe",
    ):
        return value
    if depth and isinstance(value, dict):
        return {_plain(k, depth - 1): _plain(v, depth - 1) for k, v in value.items()}
    if depth and isinstance(value, (list, tuple, set, frozenset)):
        return (type(value).__name__, *(_plain(item, depth - 1) for item in value))
    return type(value).__name__


if __name__ == "__main__":
    main()
