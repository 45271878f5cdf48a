"""What is to be frozen, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from engine.errors import Fault
from engine.freeze.finishing import Finished
from engine.freeze.plain import unpacked
from engine.trace import Dependency


class Target(NamedTuple):
    """One answer to keep: `path` is asked (decoded, without the site's prefix), `url` is what visitors see,
    `output` the file relative to the output, `status` what the answer must be."""

    path: str
    url: str
    output: str
    source: str
    status: int = 200


class Link(NamedTuple):
    """A reference of a page to the site: as it was written, and the decoded path and the fragment that it means.

    `inside` is false for what is on the site's host but misses its prefix; `follow` for what is no page to freeze,
    as the action of a form.
    """

    href: str
    path: str
    fragment: str
    inside: bool
    follow: bool


class Result(NamedTuple):
    """What became of a target. `digest` is empty where nothing was written."""

    target: Target
    digest: str = ""
    size: int = 0
    faults: tuple[Fault, ...] = ()
    links: tuple[Link, ...] = ()
    anchors: bytes = b""
    """The ids of its elements, packed: most are of interest to nobody."""
    redirect: tuple[str, int] | None = None
    """Where to and with which status, where the answer was a redirect."""
    dependencies: tuple[Dependency, ...] = ()
    body: bytes = b""
    """Where its body stands in its file, as a note of `incremental/bodies.py`."""
    status: int = 0
    """What it was answered with, where that was another status than the target's."""
    is_kept: bool = False
    """Whether the page was not asked, because nothing that it depends on has changed."""

    @property
    def ids(self) -> frozenset[str]:
        """The ids of its elements."""
        return unpacked(self.anchors)


class Proof(NamedTuple):
    """What a comparison with a clean freeze showed.

    `restless` are the output paths that differ because their pages read the clock, chance or the like.
    """

    files: int
    faults: tuple[Fault, ...]
    restless: tuple[str, ...]


class Audit(NamedTuple):
    """What asking all pages again, while everything else was other than it was, has shown."""

    pages: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """What a freeze did: output paths, and every fault. Nothing was published if `published` is false."""

    output: str
    pages: int = 0
    asked: int = 0
    """The pages that were made; the others are those of the freeze before."""
    fallbacks: int = 0
    """The Markdown pages in them that the fast engine left to the default one."""
    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    faults: tuple[Fault, ...] = ()
    results: tuple[Result, ...] = ()
    """What became of each page and of each redirect, with its dead links among its faults."""
    published: bool = False
    proof: Proof | None = None
    """What the comparison with a clean freeze showed, where it was asked for."""
    audit: Audit | None = None
    """What asking the pages again has shown, where it was asked for."""
    finished: Finished | None = None
    """What was added to the answers, and what they were compared with."""
