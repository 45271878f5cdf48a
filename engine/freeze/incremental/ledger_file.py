"""The ledger of an output as a file: what a freeze writes down for the next one.

It lies in `.engine/freeze/` of the site and can be thrown away at any time. One that cannot be read, or was written by
another engine, Python or set of packages, knows nothing.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import starmap
from pathlib import Path
from typing import Any, NamedTuple

from engine.config import Config
from engine.errors import Fault
from engine.freeze.incremental.ledger import MEMORY, Entry, Ledger, Memories
from engine.freeze.incremental.reasons import Made, Reasons
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, State, digest, stamp_of
from engine.freeze.plain import NUMBER, Numbers, dumps, fields, picked
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Link, Result, Target
from engine.software import machine, software
from engine.trace import Dependency

FORMAT = b"engine freeze 7\n"
UNREADABLE = (OSError, ValueError, TypeError, EOFError, LookupError, AttributeError)
"""What reading a file raises that somebody else has written, or nobody."""


def location(config: Config, output: Path) -> Path:
    """Where the ledger of an output lies."""
    name = blake2b(os.fsencode(output), digest_size=8).hexdigest()
    return Path(config.root, ".engine", "freeze", f"{name}.ledger")


class LedgerFile(NamedTuple):
    """What a ledger holds, as it lies on the disk. Entries hold the numbers of their links and dependencies: most pages
    say what others say.
    """

    entries: list[tuple[Any, ...]]
    links: list[tuple[Any, ...]]
    states: list[tuple[Dependency, State]]
    memories: list[tuple[str, tuple[Dependency, ...]]]

    def using(self, dependencies: Collection[Dependency]) -> Iterator[int]:
        """The places of the entries that depend on any of these."""
        numbers = {number for number, (it, _) in enumerate(self.states) if it in dependencies}
        for place, (_, _, found, *_) in enumerate(self.entries):
            if not numbers.isdisjoint(array(NUMBER, found[MADE_OF])):
                yield place

    def entry(self, place: int) -> Entry:
        """One entry. Reads no more of the links and dependencies than it has."""
        _, target, found, stamp, made = self.entries[place]
        links = [Link(*link) for link in picked(self.links, found[LINKS])]
        made_of = [it for it, _ in picked(self.states, found[MADE_OF])]
        return _entry(target, found, stamp, made, tuple(links), tuple(made_of))

    def amended(
        self, made: Mapping[int, tuple[Result, Made]], output: Path, states: Mapping[Dependency, State]
    ) -> LedgerFile:
        """The same with other results of the entries at some places, and with other or more `states`."""
        links, known = Numbers(self.links), Numbers(it for it, _ in self.states)
        entries = self.entries.copy()
        for place, (result, why) in made.items():
            files = {result.target.output: result.digest}
            entries[place] = (*_written(result, output, files, links, known), tuple(why))
        found = {**dict(self.states), **states}
        return LedgerFile(
            entries, [tuple(it) for it in links], [(it, found[it]) for it in known], self.memories
        )


LINKS, MADE_OF = 3, 6
"""Places in what `_written` says of a result."""


def open_ledger(config: Config, output: Path) -> LedgerFile | None:
    """What the last freeze wrote down; `None` where that cannot be used."""
    try:
        key, *parts = _payload(location(config, output).read_bytes())
        return LedgerFile(*parts) if key == _key(config) else None
    except UNREADABLE:
        return None


def read_ledger(config: Config, output: Path) -> Ledger:
    """The ledger of the last freeze, or an empty one."""
    file = open_ledger(config, output)
    try:
        return _read(file) if file else Ledger()
    except UNREADABLE:
        return Ledger()


def _read(file: LedgerFile) -> Ledger:
    links, dependencies = [Link(*link) for link in file.links], [it for it, _ in file.states]
    entries = {
        path: _entry(
            target, found, stamp, made, picked(links, found[LINKS]), picked(dependencies, found[MADE_OF])
        )
        for path, target, found, stamp, made in file.entries
    }
    states = {it: state for it, state in file.states if it[0] != MEMORY}
    return Ledger(entries, states, dict(file.memories))


def _payload(data: bytes) -> Any:
    """What was marshalled. Raises `ValueError` where one byte is not as it was written."""
    body = data[len(FORMAT) + 32 :]
    if not data.startswith(FORMAT) or blake2b(body, digest_size=32).digest() != data[len(FORMAT) :][:32]:
        raise ValueError("this is no ledger")
    return marshal.loads(body)


def _entry(
    target: tuple[Any, ...],
    found: tuple[Any, ...],
    stamp: tuple[int, ...] | None,
    made: tuple[Reasons, int],
    links: tuple[Link, ...],
    made_of: tuple[Dependency, ...],
) -> Entry:
    checksum, size, faults, _, ids, redirect, _, body = found
    result = Result(
        Target(*target),
        checksum,
        size,
        tuple(starmap(Fault, faults)),
        links,
        ids,
        redirect,
        made_of,
        body,
        is_kept=True,
    )
    return Entry(result, stamp, Made(*made))


def write_ledger(
    config: Config,
    output: Path,
    results: Iterable[Result],
    files: Mapping[str, str],
    states: States,
    memories: Memories,
    made: Mapping[str, Made],
) -> dict[Dependency, State]:
    """Write down what a freeze found, and return the states of all that it depends on.

    `files` is what it published, by path with digest, `made` says why, by URL path.
    """
    # A page that can be shown in spite of a fault, as a dead link, stands with it. One that failed may do better.
    sound = [result for result in results if result.digest or (result.redirect and not result.faults)]
    links, known = Numbers(), Numbers()
    entries = [
        (*_written(result, output, files, links, known), tuple(made[result.target.path])) for result in sound
    ]
    for read in memories.values():
        known.of(read)
    found = [(it, NEVER if it[0] == MEMORY else states.of(it)) for it in known]
    save(config, output, LedgerFile(entries, [tuple(link) for link in links], found, list(memories.items())))
    return {it: state for it, state in found if it[0] != MEMORY}


def save(config: Config, output: Path, file: LedgerFile) -> None:
    """Write a ledger down. Where the disk does not take it, the next freeze is a clean one."""
    body = dumps((_key(config), *file))
    path = location(config, output)
    fresh = path.with_suffix(".fresh")  # one name for all: what a killed freeze left is written over
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(FORMAT + blake2b(body, digest_size=32).digest() + body)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()


def _written(
    result: Result, output: Path, files: Mapping[str, str], links: Numbers, known: Numbers
) -> tuple[Any, ...]:
    """A result as it is written down; `_entry` reads it."""
    target, numbers = result.target, (links.of(result.links), known.of(result.dependencies))
    faults = tuple(map(fields, result.faults))
    found = (
        result.digest,
        result.size,
        faults,
        numbers[0],
        result.ids,
        result.redirect,
        numbers[1],
        result.body,
    )
    # What was written over, as an author's own `_redirects`, has no stamp and is not kept.
    is_published = result.digest and files.get(target.output) == result.digest
    return (
        target.path,
        tuple(target),
        found,
        stamp_of(f"{output}/{target.output}") if is_published else None,
    )


def _key(config: Config) -> State:
    """What every page depends on: the engine, Python, its packages, and settings that no page reads by name."""
    return digest(
        FORMAT,
        software(),
        machine(),
        (
            config.root,
            config.base_url,
            config.slash,
            config.markdown,
            config.drafts,
            config.ignore,
            config.dev,
            config.extensions,
        ),
        secrets_of(config),  # a page is looked through when it is made
    )
