"""Freezes a site with one worker, and prints the CPU seconds of each step as JSON.

steps.py SITE

The functions of a step are wrapped; what one of another step takes inside of it is not counted twice. The clocks cost
a hundredth of the time.
"""

from __future__ import annotations

import functools
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

STEPS = {
    "engine.cli.freezing:load": "load the site",
    "engine.freeze.freeze:make_plan": "plan",
    "engine.freeze.freeze:_Run.ask_all": "hand out pages, take in what came of them",
    "engine.freeze.freeze:_Run.checked": "check links",
    "engine.freeze.freeze:_Run.publish": "publish",
    "engine.freeze.record:Record.write": "write the ledger",
    "engine.freeze.freeze:_Run.standing": "write the standing",
    "engine.freeze.asking.asker:Asker.answer": "worker: ask, and what is around",
    "engine.freeze.asking.asker:Asker.prepare": "worker: read the text, take it in",
    "engine.freeze.asking.ask:looked_through": "worker: find links and ids",
    "engine.app.app:App.observe": "worker: answer the request, without the page",
    "engine.rendering.renderer:Renderer.body": "worker: read the text, take it in",
    "engine.rendering.markdown:Markdown.render": "worker: Markdown",
    "engine.rendering.fast.engine:FastMarkdown.render": "worker: Markdown",
    "engine.rendering.templates:Templates.render": "worker: templates",
    "engine.freeze.asking.ask:_found": "worker: find links and ids",
    "engine.freeze.asking.ask:note_body": "worker: note where bodies stand",
    "engine.freeze.asking.addresses:Addresses.links": "worker: what links mean",
    "engine.freeze.publish.stage:Stage.write": "worker: write the file",
    "engine.freeze.incremental.states:States.found": "worker: states of what pages depend on",
    "engine.freeze.asking.wire:Packer.pack": "worker: pack what came of it",
}
"""What belongs to which step."""
START = "start Python, import"
REST, REST_OF_WORKERS = "the rest", "worker: the rest, most of it memory that becomes its own"

spent: dict[str, float] = {}
open_steps: list[float] = []
"""What the steps inside of each open one have taken."""


def timed(step: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        began = thread_time()
        open_steps.append(0.0)
        try:
            return function(*args, **kwargs)
        finally:
            took = thread_time() - began
            spent[step] = spent.get(step, 0.0) + took - open_steps.pop()
            if open_steps:
                open_steps[-1] += took

    return call


def wrap(place: str, step: str) -> None:
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    setattr(owner, name, timed(step, getattr(owner, name)))


def tell_of_workers(folder: Path) -> None:
    """Have each worker write down what it has spent with each chunk that it sends, as it may be killed."""
    wire, worker = (importlib.import_module(f"engine.freeze.asking.{name}") for name in ("wire", "worker"))
    pack, serve = wire.Packer.pack, worker.Inside._serve

    def packed(packer: Any, results: Any) -> bytes:
        data: bytes = pack(packer, results)
        told = {step: seconds for step, seconds in spent.items() if step.startswith("worker: ")}
        told[REST_OF_WORKERS] = thread_time() - sum(told.values())
        (folder / str(os.getpid())).write_text(json.dumps(told))
        return data

    def served(inside: Any, freeze: int) -> None:
        spent.clear()
        open_steps.clear()
        serve(inside, freeze)

    wire.Packer.pack, worker.Inside._serve = packed, served


def main() -> None:
    site = sys.argv[1]
    importlib.import_module("engine.cli.freezing")
    importlib.import_module("engine.rendering.fast.engine")
    begun = thread_time()
    for place, step in STEPS.items():
        wrap(place, step)
    with tempfile.TemporaryDirectory() as folder:
        tell_of_workers(Path(folder))
        sys.argv = ["engine", "freeze", site, "--quiet", "--jobs", "1"]
        try:
            importlib.import_module("engine.cli").main()
        except SystemExit as ended:
            if ended.code:
                raise
        found = {START: begun, **spent}
        found[REST] = thread_time() - sum(found.values())
        for told in Path(folder).iterdir():
            for step, seconds in json.loads(told.read_text()).items():
                found[step] = found.get(step, 0.0) + seconds
    print(json.dumps(found))


if __name__ == "__main__":
    main()
