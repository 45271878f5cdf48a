"""Whether a freeze has anything to do at all, seen from outside: no site is loaded, and no page looked at.

After a freeze without faults a survey of the site is written down, which was made before the site was loaded: every
file that could matter, with size, times and inode. Where the next survey is the same, and so are the files of the
output, the command line, the software and what pages have read outside of the site, the output is right as it is.
Where all but a few texts are the same, `patch.py` makes a few pages. In doubt there is everything to do.
"""

from __future__ import annotations

import contextlib
import marshal
import os
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from engine.freeze.incremental.surroundings import OUTSIDE, State, digest, stamp_of
from engine.freeze.plain import dumps
from engine.sealed import seal_of, sealed, unsealed
from engine.software import machine, software
from engine.source.survey import MANIFEST as MANIFEST
from engine.source.survey import Survey, differing, survey
from engine.trace import Dependency

FORMAT = b"engine standing 4\n"
MOST_TEXTS = 20
"""Changed texts for which it is worth a try to do nothing else."""


class Seen(NamedTuple):
    """What was seen of a site before it was loaded: the options of the freeze, and a survey if one can be had."""

    options: tuple[Any, ...]
    survey: Survey | None


class Standing(NamedTuple):
    """What the last freeze came to: the output, its files by path with their stamps, the number of pages.

    `fallbacks` is that of a report. `outside` are the states of what was read outside of the site. `heads` tell what
    stands above the body of each Markdown page, and its title, by source. `beyond` is what the freeze has read for
    itself, and for no page. The site `is_open` if links show which pages there are.
    """

    output: str
    stamps: Mapping[str, Any]
    pages: int
    fallbacks: int
    outside: Mapping[Dependency, State]
    heads: Mapping[str, bytes]
    beyond: tuple[Dependency, ...]
    is_open: bool


class Found(NamedTuple):
    """A standing that holds but for the texts that have `changed` since. `seal` tells it from any other."""

    standing: Standing
    changed: tuple[str, ...]
    seal: bytes


def look(root: str, *options: Any) -> Seen:
    """See what there is of a site, for a freeze by these options."""
    return Seen(options, survey(os.path.realpath(root)))


def read_standing(root: str, seen: Seen) -> Found | None:
    """What the last freeze by these options came to, where it stands but for a few texts of Markdown pages.

    `None` where there is, or may be, more work.
    """
    root = os.path.realpath(root)
    try:
        path = _location(root, seen.options)
        seal = seal_of(path, FORMAT)
        with unsealed(path, FORMAT) as file:
            key, then, *found = marshal.loads(file.read())
        standing = Standing(*found)
    except (OSError, ValueError, TypeError, EOFError):
        return None
    if seen.survey is None or key != _key(root, seen.options):
        return None
    changed = differing(then, seen.survey)
    if changed is None or len(changed) > MOST_TEXTS or not standing.heads.keys() >= changed:
        return None
    if any(stamp_of(f"{standing.output}/{path}") != stamp for path, stamp in standing.stamps.items()):
        return None
    if any(OUTSIDE[kind](*about) != state for (kind, *about), state in standing.outside.items()):
        return None
    return Found(standing, tuple(sorted(changed)), seal)


def is_last(root: str, seen: Seen, found: Found) -> bool:
    """Whether no other freeze by these options has ended since a standing was found."""
    try:
        return seal_of(_location(os.path.realpath(root), seen.options), FORMAT) == found.seal
    except OSError:
        return False


def head_of(head: bytes, title: str) -> bytes:
    """What tells the front matter and the title of a page from any other."""
    return blake2b(head + title.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def write_standing(root: str, seen: Seen, standing: Standing | None) -> None:
    """Write down what a freeze without faults came to; `None` where that cannot be relied on."""
    root = os.path.realpath(root)
    path = _location(root, seen.options)
    with contextlib.suppress(OSError):
        if seen.survey is None or standing is None:
            path.unlink(missing_ok=True)
            return
        with sealed(path, FORMAT) as file:
            file.write(dumps((_key(root, seen.options), seen.survey, *standing)))


def _location(root: str, options: tuple[Any, ...]) -> Path:
    return Path(root, ".engine", "freeze", f"{digest(options).hex()[:16]}.standing")


def _key(root: str, options: tuple[Any, ...]) -> State:
    """What every freeze depends on beside the files of the site."""
    return digest(FORMAT, root, options, machine(), list(_settings()), software())


def _settings() -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in sorted(os.environ.items()) if name.startswith("ENGINE_"))
