"""What a load finds in the names of files and at their heads: the tree, the routes, the pages.

It takes most of a load, and the next load of the same files finds the same. So it is written down with a survey of the
site, in `.engine/load/`, which can be thrown away at any time; and it is taken from there where the survey is as it
was, but for bodies of Markdown pages, layouts, other templates and data. What code of the site decides is not in it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import marshal
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

from engine.cache.rule import Rule
from engine.config import Config
from engine.content.cascade import Cascade
from engine.content.page import Page, restored
from engine.content.titles import title_of
from engine.errors import SiteError
from engine.rendering.renderer import Recipe
from engine.routing.redirects import Redirect
from engine.routing.route import Route
from engine.routing.shapes import Param, Slot, Static
from engine.routing.table import RouteTable
from engine.sealed import sealed, unsealed
from engine.software import machine, software
from engine.source.files import SourceFile, Walk
from engine.source.frontmatter import split
from engine.source.survey import Survey, differing, size_and_time
from engine.source.tree import Directory
from engine.views.asset import AssetView
from engine.views.entries import Entry
from engine.views.kinds import Kind, kind_of
from engine.views.maker import ViewMaker, Written
from engine.views.page import PageView
from engine.views.units import Unit
from engine.views.view import View

FORMAT = b"engine listing 2\n"
MOST_TEXTS = 100
"""Texts that are read anew in a load; with more, the listing is written anew too."""
UNREADABLE = (
    *(OSError, ValueError, TypeError, EOFError, LookupError, AttributeError),
    pickle.UnpicklingError,
)
"""What reading a file raises that somebody else has written, or nobody."""
UNWRITABLE = (pickle.PicklingError, TypeError, ValueError, AttributeError, RecursionError)
"""What values raise that are not those of front matter."""
MOST_LISTINGS = 4
"""So many are kept of one site, which may be loaded by several settings."""


@dataclass(slots=True)
class Listing:
    """What was found. `entries` are those whose views are not in `views`."""

    walks: dict[str, Walk]
    tree: Directory
    cascade: Cascade
    redirects: list[Redirect]
    routes: RouteTable
    entries: list[Entry]
    made: dict[str, Page | None]
    """The page of each entry, by the id of its route."""
    urls: dict[str, str]
    """The one URL of each file that has one."""
    maker: ViewMaker
    views: dict[str, View] = field(default_factory=dict)
    """Views that need no code of the site, by the id of the route."""
    left_out: tuple[Route, ...] = ()
    """The routes of pages whose texts are at fault, where there are faults."""


def has_other_body_only(page: Page) -> bool:
    """Whether nothing but the body of a Markdown page can have changed in its file. The page knows the new one then."""
    if kind_of(page.source.name)[0].role != "markdown":
        return False
    try:
        matter = split(page.source.read_text(), file=page.source.path)
    except SiteError:
        return False
    if matter.head != page.head or title_of(page.meta, matter.body, page.path) != page.title:
        return False
    page.body_digest = matter.body_digest
    return True


class Listings:
    """The listings of one site as they were written down. `survey` is of its files, made before this load."""

    def __init__(self, config: Config, survey: Survey) -> None:
        root = os.path.abspath(config.root)
        self._survey = survey
        self._folder = Path(root, ".engine", "load")
        settings = (config.base_path, config.slash, config.ignore, config.drafts, dict(config.redirects))
        key = repr((FORMAT, root, settings, config.dev, software(), machine()))
        name = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
        self._file = self._folder / f"{name}.listing"
        self._is_kept = False

    def recall(self) -> Listing | None:
        """The listing of a load before, if it is that of the files as they are now."""
        try:
            with unsealed(self._file, FORMAT) as file:
                changed = differing(_survey(file), self._survey)
                if changed is None or len(changed) > MOST_TEXTS:
                    return None
                listing = _Unpickler(file).load()
        except UNREADABLE:
            return None
        self._is_kept = isinstance(listing, Listing) and self._takes(listing, changed)
        return listing if self._is_kept else None

    def _takes(self, listing: Listing, changed: set[str]) -> bool:
        """Whether a listing holds for files of which some have changed. It knows their times then."""
        pages = {page.source.path: page for page in listing.made.values() if page}
        files = (file for walk in listing.walks.values() for file in walk.files if file.path in changed)
        renewed = {file.path: self._renewed(file) for file in files}
        if renewed.keys() != changed:
            return False  # another setting, or other code
        for path, file in renewed.items():
            if _is_read_later(path):
                continue
            page = pages.get(path)
            if page is None or page.meta.get("render") == "jinja":
                return False
            page.source = file
            if not has_other_body_only(page):
                return False
        if changed:
            _renew(listing, renewed)
        return True

    def _renewed(self, file: SourceFile) -> SourceFile:
        size, mtime_ns = size_and_time(self._survey[file.path])
        return file._replace(size=size, mtime_ns=mtime_ns)

    def keep(self, listing: Listing, views: Mapping[str, View]) -> None:
        """Write a listing down for the next load, where that has not been done."""
        if self._is_kept or any(directory.schema_file for directory in listing.tree.walk()):
            return  # what its code accepts may depend on anything
        kept: dict[str, View] = {
            id: view for id, view in views.items() if isinstance(view, (PageView, AssetView))
        }
        # What the views have taken in goes before the file is made, which takes as much memory.
        listing.entries = [entry for entry in listing.entries if entry.route.id not in kept]
        with contextlib.suppress(OSError, *UNWRITABLE):
            self._tidy()
            with sealed(self._file, FORMAT) as file:
                _write(file, self._survey, replace(listing, views=kept))

    def _tidy(self) -> None:
        """Remove listings that nobody has written for the longest time."""
        found = sorted(self._folder.glob("*.*"), key=lambda path: path.stat().st_mtime_ns)
        for path in found[: max(0, len(found) - MOST_LISTINGS + 1)]:
            path.unlink(missing_ok=True)


def _is_read_later(path: str) -> bool:
    """Whether a listing holds only the name and the times of a file: of data, and of a template that is no page."""
    name = path.rpartition("/")[2]
    return path.startswith(("templates/", "data/")) or (
        name.startswith("_") and kind_of(name)[0].role == "template"
    )


def _renew(listing: Listing, sources: Mapping[str, SourceFile]) -> None:
    """Put other records of files into a listing, by path."""

    def renewed(files: tuple[SourceFile, ...]) -> tuple[SourceFile, ...]:
        return tuple(sources.get(file.path, file) for file in files)

    for folder, found in listing.walks.items():
        listing.walks[folder] = found._replace(files=renewed(found.files))
    for directory in listing.tree.walk():
        directory.files = renewed(directory.files)


def _write(file: BinaryIO, survey: Survey, listing: Listing) -> None:
    """Write a listing down piece by piece: as one piece it would be as large as the pages themselves."""
    seen = marshal.dumps(survey)
    file.write(len(seen).to_bytes(8, "big") + seen)
    pickle.Pickler(file, protocol=5).dump(listing)


def _survey(file: BufferedReader) -> Survey:
    """The survey of a listing, which comes first in it."""
    survey: Survey = marshal.loads(file.read(int.from_bytes(file.read(8), "big")))
    return survey


MADE_OF = (
    *(Listing, Walk, SourceFile, Directory, Cascade, Redirect, Route, RouteTable, Static, Param, Slot),
    *(Entry, Unit, Kind, Written, ViewMaker, Recipe, PageView, AssetView, Rule),
    *(dt.date, dt.datetime, dt.time, dt.timedelta, dt.timezone),
    restored,
)
"""What a listing is made of."""
_KNOWN = {(made.__module__, made.__qualname__): made for made in MADE_OF}


class _Unpickler(pickle.Unpickler):
    """Makes nothing but what a listing holds: a file that somebody has put there runs no code."""

    def find_class(self, module: str, name: str) -> Any:
        return _KNOWN[module, name]
