"""What a deploy sends: the files of an output, as they stand."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

from engine.errors import EngineError, Fault, SiteError
from engine.freeze.publish.write import digest_of, read_manifest
from engine.http.media_types import media_type

CLAIMS = ".engine-deployed.json"
"""At the place of the deploy: what was put there, so that nothing else is ever removed."""
PRIVATE = ".engine"
"""What the names of files begin with that are the engine's own and are not sent."""
POINTING = frozenset(
    [
        "application/atom+xml",
        "application/rss+xml",
        "application/xhtml+xml",
        "application/xml",
        "text/html",
        "text/xml",
    ]
)
"""Types of files that lead visitors to others, and so are sent after them."""
RULES = frozenset(["_redirects", "_headers", ".htaccess"])
COMPRESSED = (".br", ".gz", ".zst")


class File(NamedTuple):
    """A file to send: its path below the output, the digest of its bytes, their number, the headers to keep with it."""

    path: str
    digest: str
    size: int
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_page(self) -> bool:
        """Whether it leads visitors to other files: a page, a feed, rules of a host."""
        name = self.path
        for ending in COMPRESSED:
            name = name.removesuffix(ending)
        return name.rpartition("/")[2] in RULES or media_type(name).partition(";")[0] in POINTING

    @property
    def stamp(self) -> str:
        """What differs whenever it has to be sent again."""
        return blake2b(repr((self.digest, self.headers)).encode(), digest_size=16).hexdigest()


def files_of(output: Path, headers: Mapping[str, tuple[tuple[str, str], ...]]) -> list[File]:
    """Every file of a frozen site, in order of its path; `headers` are those to keep with it.

    Raises `EngineError` where there is none, and `SiteError` for files that are not as they were frozen.
    """
    frozen = read_manifest(output)
    if not frozen:
        raise EngineError(f"There is no frozen site in {output}. Make it: engine freeze")
    found = {path: digest_of(output / path) for path in _walk(output, output)}
    if faults := list(_changed(output, frozen, found)):
        raise SiteError(faults)
    return [
        File(path, digest, (output / path).stat().st_size, headers.get(path, ()))
        for path, digest in sorted(found.items())
    ]


def _changed(output: Path, frozen: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Fault]:
    for path, digest in frozen.items():
        if found.get(path) != digest:
            what = "is not as it was frozen" if path in found else "was frozen, and is gone"
            yield Fault("deploy-changed", f"{output}/{path}", what, "Freeze again")


def _walk(root: Path, folder: Path) -> Iterator[str]:
    """The files below a directory. A link counts where it leads to a file of the output."""
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name.startswith(PRIVATE) or entry.name == ".git":
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, Path(entry.path))
        elif entry.is_file() and Path(entry.path).resolve().is_relative_to(root):
            yield Path(entry.path).relative_to(root).as_posix()


def in_order(files: Iterable[File]) -> tuple[list[File], list[File]]:
    """What is sent first, and what then: assets, and the pages that lead to them."""
    assets, pages = list[File](), list[File]()
    for file in files:
        (pages if file.is_page else assets).append(file)
    return assets, pages
