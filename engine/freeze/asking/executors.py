"""Asks chunks of targets on other machines, through any executor of `concurrent.futures`.

A chunk goes out as the fields of its targets; what comes back is what a worker on this machine would send, and the
files that it would have written. The site goes once, as a bundle. A chunk that is lost with its worker is asked again,
page by page; what is lost twice is a fault.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any, NamedTuple

from engine.app.app import App
from engine.errors import EngineError, Fault
from engine.freeze.asking.addresses import Addresses
from engine.freeze.asking.ask import Keeping
from engine.freeze.asking.asker import Asker
from engine.freeze.asking.bundle import Bundle, app_of, pack_site
from engine.freeze.asking.wire import Memories, Packer, pack_targets, remember, unpack, unpack_targets
from engine.freeze.publish.stage import Stage
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Result, Target
from engine.trace import Dependency

LARGEST_CHUNK = 200
CHUNKS = 64
"""Chunks of a round: enough for many machines to end at about the same time."""

Answer = tuple[bytes, str, dict[str, bytes]]
"""Packed results, the root of the site there, and the files by output path."""


def ask_chunk(bundle: Bundle, packed: bytes) -> Answer:
    """Ask the targets of a chunk, on whatever machine this runs."""
    app = app_of(bundle)
    targets = unpack_targets(packed)
    with tempfile.TemporaryDirectory() as folder:
        asker = Asker(app, Keeping(Stage(folder), Addresses(app.config), secrets_of(app.config)))
        results = [asker.ask(target) for target in targets]
        files = {
            result.target.output: Path(folder, result.target.output).read_bytes()
            for result in results
            if result.digest
        }
    packer = Packer(app.site.modules.remembered, None, near=False)
    return packer.pack(results), app.config.root, files


class Chunk(NamedTuple):
    """Targets, and what is to come of them."""

    targets: Sequence[Target]
    answer: Future[Answer]


class Crew:
    """Asks targets by an executor. `deliver` makes of the bundle what each task is to be given for it."""

    def __init__(self, app: App, stage: Stage, executor: Executor, deliver: Callable[[Bundle], Any]) -> None:
        self._root = app.config.root
        self._stage = stage
        self._executor = executor
        self._remembered = app.site.modules.remembered
        config = app.config
        bundle = pack_site(self._root, env=config.env, base_url=config.base_url, drafts=config.drafts)
        self._bundle = deliver(bundle)

    def ask(self, targets: Sequence[Target]) -> Iterator[Result]:
        """The result of each target, in their order."""
        size = min(LARGEST_CHUNK, max(1, -(-len(targets) // CHUNKS)))
        chunks = [self._submit(targets[at : at + size]) for at in range(0, len(targets), size)]
        for chunk in chunks:
            yield from self._results(chunk) or self._again(chunk)

    def _submit(self, targets: Sequence[Target]) -> Chunk:
        return Chunk(targets, self._executor.submit(ask_chunk, self._bundle, pack_targets(targets)))

    def _results(self, chunk: Chunk) -> list[Result]:
        """What came of a chunk, its files written; nothing where it was lost."""
        try:
            packed, root, files = chunk.answer.result()
        except EngineError:
            raise
        except Exception:  # each executor has its own for a worker that is gone
            return []
        for path, body in files.items():
            self._stage.write(path, [body])
        batch, news = unpack(packed)
        remembered: Memories = {}
        remember(remembered, news)
        for path, made in remembered.items():
            self._remembered.setdefault(path, {}).update(dict.fromkeys(_at_home(made, root, self._root)))
        return [
            it._replace(dependencies=_at_home(it.dependencies, root, self._root)) for it in batch.results()
        ]

    def _again(self, chunk: Chunk) -> Iterator[Result]:
        for single in [self._submit([target]) for target in chunk.targets]:
            yield from self._results(single) or [_lost(single.targets[0])]


def _lost(target: Target) -> Result:
    what = f"{target.url} ended the process that asked it, twice"
    hint = "Look for what kills a process, as os._exit() or memory"
    return Result(target, faults=(Fault("worker-lost", target.source, what, hint),))


def _at_home(dependencies: Iterable[Dependency], there: str, here: str) -> tuple[Dependency, ...]:
    """Dependencies that name files as they are called on this machine."""
    return tuple(tuple(_moved(part, there, here) for part in it) for it in dependencies)


def _moved(part: Any, there: str, here: str) -> Any:
    if isinstance(part, str) and (part == there or part.startswith(there + "/")):
        return here + part[len(there) :]
    return part
