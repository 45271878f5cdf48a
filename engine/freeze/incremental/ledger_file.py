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
from itertools import chain, islice, starmap
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from engine.config import Config
from engine.errors import Fault
from engine.freeze.incremental.ledger import MEMORY, Entry, Ledger, Memories
from engine.freeze.incremental.reasons import Made, Reasons
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, State, digest, stamp_of
from engine.freeze.plain import NUMBER, Numbers, dumps, fields, picked
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Link, Result, Target
from engine.sealed import sealed, unsealed
from engine.software import machine, software
from engine.trace import Dependency

FORMAT = b"engine freeze 8\n"
PARTS = ("key", "entries", "links", "states", "memories")
A_PIECE = 1000
"""Things that are marshalled at once."""
Piece = tuple[str, list[Any]]
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

    def pieces(self) -> Iterator[Piece]:
        """All of it, as it is written down."""
        for part, things in self._asdict().items():
            yield from _divided(part, things)


LINKS, MADE_OF = 3, 6
"""Places in what `_written` says of a result."""


def open_ledger(config: Config, output: Path) -> LedgerFile | None:
    """What the last freeze wrote down; `None` where that cannot be used."""
    parts: dict[str, list[Any]] = {name: [] for name in PARTS}
    try:
        with unsealed(location(config, output), FORMAT) as file:
            for part, things in _pieces(file):
                parts[part] += things
    except UNREADABLE:
        return None
    keys, *found = parts.values()
    return LedgerFile(*found) if keys == [_key(config)] else None


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


def _pieces(file: BinaryIO) -> Iterator[Piece]:
    while size := file.read(8):
        yield marshal.loads(file.read(int.from_bytes(size, "big")))


def _write_pieces(file: BinaryIO, pieces: Iterable[Piece]) -> None:
    """Marshal one piece after the other: all at once would take as much memory as the site."""
    for piece in pieces:
        body = dumps(piece)
        file.write(len(body).to_bytes(8, "big"))
        file.write(body)


def _divided(part: str, things: Iterable[Any]) -> Iterator[Piece]:
    """Things as pieces of a part."""
    rest = iter(things)
    while piece := list(islice(rest, A_PIECE)):
        yield part, piece


def _entry(
    target: tuple[Any, ...],
    found: tuple[Any, ...],
    stamp: tuple[int, ...] | None,
    made: tuple[Reasons, int],
    links: tuple[Link, ...],
    made_of: tuple[Dependency, ...],
) -> Entry:
    checksum, size, faults, _, anchors, redirect, _, body = found
    result = Result(
        Target(*target),
        checksum,
        size,
        tuple(starmap(Fault, faults)),
        links,
        anchors,
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
    """Write down what a freeze found.

    `files` is what it published, by path with digest, `made` says why, by URL path. Returns, of all that the pages
    depend on, the states of what lies outside of the site, and of what never stands.
    """
    # A page that can be shown in spite of a fault, as a dead link, stands with it. One that failed may do better.
    sound = (result for result in results if result.digest or (result.redirect and not result.faults))
    links, known = Numbers(), Numbers()

    def pieces() -> Iterator[Piece]:
        written = ((*_written(it, output, files, links, known), tuple(made[it.target.path])) for it in sound)
        yield from _divided("entries", written)
        for read in memories.values():
            known.of(read)
        yield from _divided("links", map(tuple, links))
        yield from _divided("states", ((it, NEVER if it[0] == MEMORY else states.of(it)) for it in known))
        yield "memories", list(memories.items())

    save(config, output, pieces())
    found = ((it, states.of(it)) for it in known if it[0] != MEMORY)
    return {it: state for it, state in found if it[0] in OUTSIDE or state == NEVER}


def save(config: Config, output: Path, pieces: Iterable[Piece]) -> None:
    """Write a ledger down. Where the disk does not take it, the next freeze is a clean one."""
    with contextlib.suppress(OSError), sealed(location(config, output), FORMAT) as file:
        _write_pieces(file, chain([("key", [_key(config)])], pieces))


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
        result.anchors,
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
