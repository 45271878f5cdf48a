"""Front matter that other processes read at the same time, where there is enough of it that this pays."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from multiprocessing.connection import Connection, Pipe
from multiprocessing.process import BaseProcess
from typing import Any

from engine.errors import SiteError
from engine.forked import can_fork, start
from engine.source.document import Document
from engine.source.files import SourceFile
from engine.source.frontmatter import FrontMatter, Read, read_matter

PAYS = 500
"""So many files take about five times as long as starting a process."""
MORE = 4
"""Each other process reads so many times as much as this one, which has the rest of the load to do."""
CHUNK = 250
"""Files that are told at once."""

Told = tuple[dict[str, Any], str, int, bytes, bytes]
"""Values, the body where the title is in it, the line at which it begins, the digests of head and body."""


@contextmanager
def reading(files: Sequence[SourceFile], jobs: int) -> Iterator[Read]:
    """Reads front matter; that of `files`, which is asked for in about this order, by up to `jobs` processes."""
    processes = min(jobs, len(files) // PAYS) if can_fork() else 1
    if processes < 2:
        yield read_matter
        return
    parts = 1 + MORE * (processes - 1)
    bounds = [0, *(len(files) * (1 + MORE * number) // parts for number in range(processes))]
    shares = [_begin(files[first:end]) for first, end in pairwise(bounds[1:])]
    try:
        yield partial(_read, {file.path: share for share in shares for file in share.files})
    finally:
        for share in shares:
            share.pipe.close()
            share.process.join()


@dataclass(slots=True)
class _Share:
    """The files that one process reads. `told` is what is known of those that nobody has asked for."""

    files: Sequence[SourceFile]
    process: BaseProcess
    pipe: Connection
    told: dict[str, Told | None] = field(default_factory=dict)

    def take(self, path: str) -> Told | None:
        """What the process tells of a file; nothing where it found a fault, or died."""
        while path not in self.told:
            try:
                self.told.update(pickle.loads(self.pipe.recv_bytes()))
            except (EOFError, OSError):
                return None
        return self.told.pop(path)


def _read(shares: dict[str, _Share], file: SourceFile) -> FrontMatter:
    share = shares.get(file.path)
    told = share and share.take(file.path)
    if not told:
        return read_matter(file)
    values, body, line, head, digest = told
    document = Document(values, lambda: read_matter(file).document.marks)
    return FrontMatter(values, body, line, document, head, digest)


def _begin(files: Sequence[SourceFile]) -> _Share:
    ours, theirs = Pipe(duplex=False)
    process = start(partial(_tell_all, files, theirs, ours))
    theirs.close()
    return _Share(files, process, ours)


def _tell_all(files: Sequence[SourceFile], pipe: Connection, theirs: Connection) -> None:
    theirs.close()  # so that this process ends with the one that listens
    for first in range(0, len(files), CHUNK):
        told = {file.path: _told(file) for file in files[first : first + CHUNK]}
        pipe.send_bytes(pickle.dumps(told, pickle.HIGHEST_PROTOCOL))


def _told(file: SourceFile) -> Told | None:
    try:
        matter = read_matter(file)
    except SiteError:
        return None
    body = matter.body if matter.values.get("title") is None else ""
    return matter.values, body, matter.body_line, matter.head, matter.body_digest
