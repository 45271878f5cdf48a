"""The ledger of an output as a file: what a freeze writes down for the next one.

It lies in `.engine/freeze/` of the site and can be thrown away at any time. One that cannot be read, or was written by
another engine, Python or set of packages, knows nothing.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

from engine.config import Config
from engine.freeze.incremental.batch import Batch, pack
from engine.freeze.incremental.ledger import MEMORY, Entry, Ledger, Memories
from engine.freeze.incremental.reasons import Made
from engine.freeze.incremental.surroundings import NEVER, Stamps, State, digest, stamp_of
from engine.freeze.plain import dumps
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Result
from engine.sealed import Sealing, sealed, unsealed
from engine.software import machine, software
from engine.trace import Dependency

FORMAT = b"engine freeze 9\n"
PARTS = ("key", "batches", "states", "memories", "ends")
A_PIECE = 1000
"""Things that are marshalled at once."""
Piece = tuple[str, list[Any]]
Place = tuple[int, int]
"""Of a result: the number of its batch, and its own in there."""
UNREADABLE = (OSError, ValueError, TypeError, EOFError, LookupError, AttributeError)
"""What reading a file raises that somebody else has written, or nobody."""


def location(config: Config, output: Path) -> Path:
    """Where the ledger of an output lies."""
    name = blake2b(os.fsencode(output), digest_size=8).hexdigest()
    return Path(config.root, ".engine", "freeze", f"{name}.ledger")


class End(NamedTuple):
    """What a freeze knows of a result when all is done: the stamp of its file, if that was published, and why it was
    made."""

    stamp: tuple[int, ...] | None
    made: tuple[Any, ...]
    """The fields of a `Made`."""


class LedgerFile(NamedTuple):
    """What a ledger holds, as it lies on the disk. `states` are those that no batch has. `ends` are by URL path, and of
    what the next freeze can rely on alone: a batch may have more.
    """

    batches: list[Batch]
    states: list[tuple[Dependency, State]]
    memories: list[tuple[str, tuple[Dependency, ...]]]
    ends: dict[str, End]

    def known(self) -> dict[Dependency, State]:
        """The states of all that pages depend on. What was another one for another page has the state `NEVER`."""
        known = dict(self.states)
        for batch in self.batches:
            for it, state in batch.states():
                if known.setdefault(it, NEVER if state is None else state) != state and state is not None:
                    known[it] = NEVER
        return known

    def using(self, dependencies: Collection[Dependency]) -> dict[Place, Result]:
        """The results that depend on any of these."""
        found = {}
        for number, batch in enumerate(self.batches):
            places = list(batch.using(dependencies))
            results = batch.results(kept=True) if places else []
            for place in places:
                if results[place].target.path in self.ends:
                    found[number, place] = results[place]
        return found

    def amended(
        self, made: Mapping[Place, Result], why: Made, states: Mapping[Dependency, State], output: Path
    ) -> LedgerFile:
        """The same with other results at some places, each made for the same reasons. `states` are all that
        is known.
        """
        batches, ends = self.batches.copy(), dict(self.ends)
        for number in {number for number, _ in made}:
            results = batches[number].results(kept=True)
            for (other, place), result in made.items():
                if other == number:
                    results[place] = result
                    ends[result.target.path] = End(_stamp(result, output), tuple(why))
            batches[number], _ = pack(results, states.get)
        return self._replace(batches=batches, ends=ends)

    def pieces(self) -> Iterator[Piece]:
        """All of it, as it is written down."""
        yield from map(_piece_of, self.batches)
        yield from _rest(self.states, self.memories, self.ends)


def _piece_of(batch: Batch) -> Piece:
    return "batches", [tuple(batch)]


def _rest(
    states: Iterable[tuple[Dependency, State]],
    memories: Iterable[tuple[str, tuple[Dependency, ...]]],
    ends: Mapping[str, End],
) -> Iterator[Piece]:
    yield from _divided("states", states)
    yield "memories", list(memories)
    yield from _divided("ends", ((path, *end) for path, end in ends.items()))


def open_ledger(config: Config, output: Path) -> LedgerFile | None:
    """What the last freeze wrote down; `None` where that cannot be used."""
    parts: dict[str, list[Any]] = {name: [] for name in PARTS}
    try:
        with unsealed(location(config, output), FORMAT) as file:
            for part, things in _pieces(file):
                parts[part] += things
        keys, batches, states, memories, ends = parts.values()
        if keys != [_key(config)]:
            return None
        return LedgerFile(
            [Batch(*it) for it in batches], states, memories, {path: End(*end) for path, *end in ends}
        )
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
    entries = {}
    for batch in file.batches:
        for result in batch.results(kept=True):
            if end := file.ends.get(result.target.path):
                entries[result.target.path] = Entry(result, end.stamp, Made(*end.made))
    states = {it: state for it, state in file.known().items() if it[0] != MEMORY}
    return Ledger(entries, states, dict(file.memories))


def _pieces(file: IO[bytes]) -> Iterator[Piece]:
    while size := file.read(8):
        yield marshal.loads(file.read(int.from_bytes(size, "big")))


def _write_pieces(file: IO[bytes], pieces: Iterable[Piece]) -> None:
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


class LedgerWriter:
    """Writes down what a freeze finds, while it finds it: in memory it would take as much as the pages do.

    It lies beside the ledger of the last freeze until `save` puts it there. Where the disk does not take it, the next
    freeze is a clean one.
    """

    def __init__(self, config: Config, output: Path) -> None:
        self._config = config
        self._output = output
        self._begun: Sealing | None = None
        self._is_lost = False

    def close(self) -> None:
        """Leave nothing of what was not saved."""
        if self._begun is not None:
            self._begun.discard()
            self._begun = None

    def add(self, batch: Batch) -> None:
        """Write down a batch."""
        self._write([_piece_of(batch)])

    def _write(self, pieces: Iterable[Piece]) -> None:
        if self._is_lost:
            return
        try:
            if self._begun is None:
                self._begun = Sealing(location(self._config, self._output), FORMAT)
                _write_pieces(self._begun.file, [("key", [_key(self._config)])])
            _write_pieces(self._begun.file, pieces)
        except OSError:
            self._is_lost = True
            self.close()  # others may need the room

    def save(
        self,
        results: Iterable[Result],
        files: Mapping[str, str],
        stamps: Stamps,
        states: Iterable[tuple[Dependency, State]],
        memories: Memories,
        made: Mapping[str, Made],
    ) -> bool:
        """Make a ledger of all that was added. Returns whether the disk took it.

        `files` is what the freeze published, by path with digest, with its `stamps`; `states` are those that no batch
        has; `made` says why, by URL path.
        """
        # What was written over, as an author's own `_redirects`, has no stamp and is not kept. A page that can be shown
        # in spite of a fault, as a dead link, stands with it. One that failed may do better.
        plain = {why: tuple(why) for why in set(made.values())}
        ends = {
            it.target.path: End(
                stamps[it.target.output] if it.digest and files.get(it.target.output) == it.digest else None,
                plain[made[it.target.path]],
            )
            for it in results
            if it.digest or (it.redirect and not it.faults)
        }
        self._write(_rest(states, memories.items(), ends))
        if self._begun is None:
            return False
        try:
            self._begun.seal()
        except OSError:
            return False
        self._begun = None
        return True


def _stamp(result: Result, output: Path) -> tuple[int, ...] | None:
    return stamp_of(f"{output}/{result.target.output}")


def save(config: Config, output: Path, ledger: LedgerFile) -> bool:
    """Write a whole ledger down. Returns whether the disk took it.

    Where it did not, the ledger of an earlier freeze may be there, of which no standing may be written.
    """
    try:
        with sealed(location(config, output), FORMAT) as file:
            _write_pieces(file, [("key", [_key(config)])])
            _write_pieces(file, ledger.pieces())
    except OSError:
        return False
    return True


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
