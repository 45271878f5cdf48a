"""What the last freeze into an output knew: of each page what it depends on, and how that stood.

A ledger lies in `.engine/freeze/` of the site and can be thrown away at any time. One that cannot be read, or was
written by another engine, Python or set of packages, knows nothing.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice, starmap
from pathlib import Path
from typing import Any, NamedTuple

from engine.config import Config
from engine.errors import Fault
from engine.freeze.incremental.reasons import MOST_REASONS, NEW, OTHER, TAMPERED, UNKNOWN, Made, Reasons
from engine.freeze.incremental.states import States
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, State, digest, machine, software, stamp_of
from engine.freeze.plain import Numbers, dumps, fields, picked
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Link, Result, Target
from engine.trace import Dependencies, Dependency

FORMAT = b"engine freeze 7\n"
PARTS = ("key", "entries", "links", "states", "memories")
A_PIECE = 1000
"""Things that are marshalled at once."""
MEMORY = "memory"
Memories = dict[str, tuple[Dependency, ...]]


class Entry(NamedTuple):
    """What came of one target, what it depends on, the stamp of its file in the output, and why it was made."""

    result: Result
    stamp: tuple[int, ...] | None
    made: Made


@dataclass(slots=True)
class Ledger:
    """The entries of one output by URL path, and the states of all that they depend on.

    `memories` are the dependencies of modules that can remember what they have read, by path.
    """

    entries: dict[str, Entry] = field(default_factory=dict)
    states: dict[Dependency, State] = field(default_factory=dict)
    memories: Memories = field(default_factory=dict)

    def reasons(self, target: Target, output: Path, changed: set[Dependency]) -> Reasons:
        """Why a target is to be asked again; none where what came of it stands and its file is in the output."""
        entry = self.entries.get(target.path)
        if entry is None:
            return NEW if self.entries else UNKNOWN
        if entry.result.target != target:
            return OTHER
        if not changed.isdisjoint(entry.result.dependencies):
            found = [it for it in entry.result.dependencies if it in changed]
            found += (
                it
                for kind, *path in found
                if kind == MEMORY
                for it in self.memories.get(path[0], ())
                if it in changed and it[0] != MEMORY
            )
            return tuple(dict.fromkeys(found))[:MOST_REASONS]
        if entry.result.digest and entry.stamp != stamp_of(f"{output}/{target.output}"):
            return TAMPERED
        return ()

    def merged(self, remembered: Mapping[str, Dependencies], changed: set[Dependency]) -> Memories:
        """What modules remember: of pages that are kept what they read then, of all others what they read now."""
        standing = {path: made for path, made in self.memories.items() if (MEMORY, path) not in changed}
        paths = sorted(standing.keys() | remembered.keys())
        return {
            path: tuple({**dict.fromkeys(standing.get(path, ())), **remembered.get(path, {})})
            for path in paths
        }

    def add_known(self, found: dict[Dependency, State], changed: set[Dependency]) -> None:
        """Make of the states that workers have found all that are known, with those that pages were kept by.

        They are not asked again: what was changed in the meantime is to be seen by the next freeze.
        """
        for it, state in self.states.items():
            if it not in changed and found.setdefault(it, state) != state:
                found[it] = NEVER

    def changed(self, states: States) -> set[Dependency]:
        """The dependencies that do not stand as they stood."""
        return self._with_memories(
            {it for it, state in self.states.items() if state == NEVER or states.of(it) != state}
        )

    def restless(self) -> set[Dependency]:
        """The dependencies that never stand."""
        return self._with_memories({it for it, state in self.states.items() if state == NEVER})

    def _with_memories(self, changed: set[Dependency]) -> set[Dependency]:
        before = -1
        while len(changed) > before:  # what one module remembers may come from another one's memory
            before = len(changed)
            changed |= {
                (MEMORY, path) for path, made in self.memories.items() if not changed.isdisjoint(made)
            }
        return changed


def location(config: Config, output: Path) -> Path:
    """Where the ledger of an output lies."""
    name = blake2b(os.fsencode(output), digest_size=8).hexdigest()
    return Path(config.root, ".engine", "freeze", f"{name}.ledger")


def read_ledger(config: Config, output: Path) -> Ledger:
    """The ledger of the last freeze, or an empty one."""
    try:
        parts: dict[str, list[Any]] = {name: [] for name in PARTS}
        for part, things in _pieces(location(config, output).read_bytes()):
            parts[part] += things
        keys, entries, links, states, memories = parts.values()
        if keys == [_key(config)]:
            read = _Reader([Link(*link) for link in links], [it for it, _ in states])
            return Ledger(
                {path: read.entry(*values) for path, *values in entries},
                {it: state for it, state in states if it[0] != MEMORY},
                dict(memories),
            )
    except (OSError, ValueError, TypeError, EOFError, LookupError, AttributeError):
        pass
    return Ledger()


def _pieces(data: bytes) -> Iterator[tuple[str, list[Any]]]:
    """What was marshalled. Raises `ValueError` where one byte is not as it was written."""
    body = memoryview(data)[len(FORMAT) + 32 :]
    if not data.startswith(FORMAT) or blake2b(body, digest_size=32).digest() != data[len(FORMAT) :][:32]:
        raise ValueError("this is no ledger")
    while body:
        end = 8 + int.from_bytes(body[:8], "big")
        yield marshal.loads(body[8:end])
        body = body[end:]


def _write_pieces(path: Path, pieces: Iterable[tuple[str, list[Any]]]) -> None:
    """Marshal one piece after the other: all at once would take as much memory as the site. Raises `OSError`."""
    checksum = blake2b(digest_size=32)
    with path.open("wb") as file:
        file.write(FORMAT + bytes(checksum.digest_size))
        for piece in pieces:
            body = dumps(piece)
            for data in (len(body).to_bytes(8, "big"), body):
                checksum.update(data)
                file.write(data)
        file.seek(len(FORMAT))
        file.write(checksum.digest())


def _divided(part: str, things: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    """Things as pieces of a part."""
    rest = iter(things)
    while piece := list(islice(rest, A_PIECE)):
        yield part, piece


class _Reader(NamedTuple):
    """Reads entries, which hold the numbers of their links and dependencies: most pages say what others say."""

    links: list[Link]
    dependencies: list[Dependency]

    def entry(
        self,
        target: tuple[Any, ...],
        found: tuple[Any, ...],
        stamp: tuple[int, ...] | None,
        made: tuple[Reasons, int],
    ) -> Entry:
        checksum, size, faults, links, anchors, redirect, made_of, body = found
        result = Result(
            Target(*target),
            checksum,
            size,
            tuple(starmap(Fault, faults)),
            picked(self.links, links),
            anchors,
            redirect,
            picked(self.dependencies, made_of),
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

    `files` is what it published, by path with digest, `made` says why, by URL path. Where the disk does not take it,
    the next freeze is a clean one. Returns, of all that the pages depend on, the states of what lies outside of the
    site, and of what never stands.
    """
    # A page that can be shown in spite of a fault, as a dead link, stands with it. One that failed may do better.
    sound = (result for result in results if result.digest or (result.redirect and not result.faults))
    links, known = Numbers(), Numbers()

    def pieces() -> Iterator[tuple[str, list[Any]]]:
        yield "key", [_key(config)]
        written = ((*_written(it, output, files, links, known), tuple(made[it.target.path])) for it in sound)
        yield from _divided("entries", written)
        for read in memories.values():
            known.of(read)
        yield from _divided("links", map(tuple, links))
        yield from _divided("states", ((it, NEVER if it[0] == MEMORY else states.of(it)) for it in known))
        yield "memories", list(memories.items())

    path = location(config, output)
    fresh = path.with_suffix(".fresh")  # one name for all: what a killed freeze left is written over
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_pieces(fresh, pieces())
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
    found = ((it, states.of(it)) for it in known if it[0] != MEMORY)
    return {it: state for it, state in found if it[0] in OUTSIDE or state == NEVER}


def _written(
    result: Result, output: Path, files: Mapping[str, str], links: Numbers, known: Numbers
) -> tuple[Any, ...]:
    """A result as it is written down; `_Reader` reads it."""
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
