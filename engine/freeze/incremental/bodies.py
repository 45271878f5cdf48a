"""The rendered bodies of the last freeze, found again in its output: a new layout makes no page read its Markdown anew.

A note says where in the file of a page its body stands. Nothing is kept beside the output, and what is no longer there,
byte for byte, is rendered.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from engine.freeze.incremental.ledger import Ledger
from engine.freeze.plain import NUMBER, picked
from engine.freeze.target import Result
from engine.rendering.headings import Heading
from engine.rendering.markdown import Rendered
from engine.rendering.renderer import Kept
from engine.trace import FALLBACK, Dependency

SHORT = 64
"""Bytes that are looked for before a whole body is: Python prepares for a long text as long as it takes to find it."""


class Note(NamedTuple):
    """Where a body stands in the file of its page, in bytes, and what is known of it beside its HTML.

    `made_of` are the places of its dependencies among those of the page.
    """

    start: int
    length: int
    checksum: bytes
    trust: str
    title: str | None
    summary: str | tuple[int, int]
    """The text, or where it stands in the body, in bytes."""
    toc: tuple[Any, ...]
    made_of: bytes


class Place(NamedTuple):
    """Where the HTML of a body begins in the answer of its page, in bytes."""

    kept: Kept
    html: bytes
    start: int

    @classmethod
    def of(cls, kept: Kept, answer: bytes) -> Place | None:
        """The place of a body; `None` where it is empty, or the answer does not hold it as it is."""
        html = kept.body.html.encode("utf-8", "surrogatepass")
        start = answer.find(html[:SHORT]) if html else -1
        if start >= 0 and not answer.startswith(html, start):
            start = answer.find(html, start + 1)
        return cls(kept, html, start) if start >= 0 else None


def note_body(place: Place, dependencies: Sequence[Dependency]) -> bytes:
    """The note of a body in the answer of its page; empty where it has faults, or its page does not depend on it."""
    kept, html, start = place
    body, places = kept.body, {dependency: number for number, dependency in enumerate(dependencies)}
    if body.faults or not places.keys() >= kept.dependencies.keys():
        return b""
    made_of = array(NUMBER, map(places.__getitem__, kept.dependencies)).tobytes()
    note = (
        start,
        len(html),
        _checksum(html),
        kept.trust,
        body.title,
        _placed(body.summary, html),
        _plain(body.toc),
        made_of,
    )
    return marshal.dumps(note)


class Bodies:
    """The bodies of a freeze that stand, as long as nothing of `changed` is among their dependencies."""

    def __init__(self, ledger: Ledger, output: Path, changed: set[Dependency]) -> None:
        self._results = {
            it.result.target.source: it.result for it in ledger.entries.values() if it.result.body
        }
        self._output = output
        self._changed = changed

    def recall(self, source: str, trust: str) -> Kept | None:
        """The body of a Markdown page that was rendered by this trust, without its text."""
        result = self._results.get(source)
        note = result and _read(result)
        if not (result and note) or note.trust != trust:
            return None
        dependencies = dict.fromkeys(picked(result.dependencies, note.made_of))
        html = self._changed.isdisjoint(dependencies) and self._html(result, note)
        if not html:
            return None
        fell_back = (FALLBACK, source) in dependencies
        return Kept(
            Rendered(
                html.decode(), _headings(note.toc), note.title, _summary(note, html), fell_back=fell_back
            ),
            dependencies,
            trust,
        )

    def _html(self, result: Result, note: Note) -> bytes:
        try:
            with Path(self._output, result.target.output).open("rb") as file:
                file.seek(note.start)
                html = file.read(note.length)
        except OSError:
            return b""
        return html if _checksum(html) == note.checksum else b""


def _read(result: Result) -> Note:
    return Note(*marshal.loads(result.body))


def _checksum(html: bytes) -> bytes:
    return blake2b(html, digest_size=16).digest()


def _placed(summary: str, html: bytes) -> str | tuple[int, int]:
    text = summary.encode("utf-8", "surrogatepass")
    start = html.find(text)
    return summary if start < 0 else (start, len(text))


def _summary(note: Note, html: bytes) -> str:
    if isinstance(note.summary, str):
        return note.summary
    start, length = note.summary
    return html[start : start + length].decode()


def _plain(toc: Iterable[Heading]) -> tuple[Any, ...]:
    # one object twice is written once
    return tuple(
        (it.level, it.id, it.text, it.text if it.html == it.text else it.html, _plain(it.children))
        for it in toc
    )


def _headings(toc: Iterable[Any]) -> tuple[Heading, ...]:
    return tuple(Heading(level, id, text, html, _headings(below)) for level, id, text, html, below in toc)
