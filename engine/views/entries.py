"""What is to be routed: every page and asset of a site, with its route and what its author wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from engine.content.cascade import Cascade
from engine.content.schema import check, find_schema
from engine.errors import Faults
from engine.routing.redirects import Asked
from engine.routing.route import Route
from engine.routing.segments import Pattern, parse_literal
from engine.routing.table import RouteTable
from engine.source.files import SourceFile
from engine.source.frontmatter import Read
from engine.source.tree import Directory
from engine.views.kinds import ASSET
from engine.views.maker import Check, Written, read_written
from engine.views.modules import SiteModules
from engine.views.units import Unit, units

NOTHING_WRITTEN = Written({}, {})


class Entry(NamedTuple):
    """One unit with its route, and with what its author wrote."""

    route: Route
    unit: Unit
    written: Written


class Entries:
    """Makes the entries of one load; what is at fault is left out and noted in `faults`. `read` reads front matter."""

    def __init__(
        self, cascade: Cascade, modules: SiteModules, faults: Faults, read: Read, *, drafts: bool
    ) -> None:
        self._cascade = cascade
        self._faults = faults
        self._read = read
        self._drafts = drafts
        self._schemas = Schemas(modules, faults)
        self.left_out: list[Route] = []
        """The routes of the pages whose texts are at fault."""

    def of_pages(self, directories: Iterable[Directory]) -> Iterator[Entry]:
        """Every public page and asset below `pages/`, drafts only where they are asked for."""
        for directory in directories:
            if directory.path in self._cascade.unknown:  # its pages may be drafts, or not to be frozen
                continue
            for unit in units(directory, directory.files):
                written = self._faults.tried(read_written, unit, self._cascade, self._schemas.of, self._read)
                pattern = self._faults.tried(unit.pattern)
                if pattern is None or (written and written.meta.get("draft") and not self._drafts):
                    continue
                route = Route(pattern.id, pattern.segments, pattern.is_file, unit.main.path)
                if written is None:
                    self.left_out.append(route)
                else:
                    yield Entry(route, unit, written)

    def of_static(self, root: Directory, folder: str, files: Iterable[SourceFile]) -> Iterator[Entry]:
        """The files of `folder`, at the root of the site under their own names."""
        for file in files:
            pattern = self._faults.tried(_literal, folder, file)
            if pattern is not None:
                route = Route(pattern.id, pattern.segments, True, file.path)
                yield Entry(route, Unit(root, file.name, ASSET, asset=file), NOTHING_WRITTEN)


def aliases_of(entries: Iterable[Entry]) -> Iterator[Asked]:
    """The redirects that pages ask for, from where they were before."""
    for entry in entries:
        for number, alias in enumerate(entry.written.own.get("aliases", ())):
            # As in other generators' content, an alias without its first slash is one from the root all the same.
            source = alias if alias.startswith("/") else f"/{alias}"
            place = entry.written.place("aliases", number)
            yield (entry.unit.text or entry.unit.main).path, place, source, entry.route


def urls_of(entries: Iterable[Entry], routes: RouteTable) -> dict[str, str]:
    """The one URL of each file that has one, by its path."""
    fixed = (entry for entry in entries if not entry.route.param_names)
    return {file.path: routes.canonical(entry.route) for entry in fixed for file in entry.unit.files}


class Schemas:
    """What checks the pages of each directory: the schema of the nearest `_schema.py` from there up."""

    def __init__(self, modules: SiteModules, faults: Faults) -> None:
        self._modules = modules
        self._faults = faults
        self._of: dict[str, Check | None] = {}

    def of(self, directory: Directory) -> Check | None:
        """What checks the pages of a directory, if they have a schema that is sound."""
        if directory.path not in self._of:
            self._of[directory.path] = self._find(directory)
        return self._of[directory.path]

    def _find(self, directory: Directory) -> Check | None:
        file = directory.schema_file
        if file is None:
            return self.of(directory.parent) if directory.parent else None
        module = self._faults.tried(self._modules.load, file)
        schema = self._faults.tried(find_schema, vars(module), file.path) if module else None
        return schema and partial(self._modules.judged, check, schema)


def _literal(folder: str, file: SourceFile) -> Pattern:
    return parse_literal(file.path.removeprefix(f"{folder}/"), file=file.path)
