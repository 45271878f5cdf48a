"""A site is a value: `load_site(config)` makes it, in the order in which this module reads.

    pages/ → walk → tree → cascade → entries → routes → pages → templates → views → Site

All that can fail because of a file fails here, all at once; what depends on a request is for the app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeVar
from urllib.parse import unquote

from engine.config import FILE, Config
from engine.content.cascade import Cascade
from engine.content.data import Data, load_data
from engine.content.page import Page
from engine.content.pages import Pages
from engine.content.schema import find_schema
from engine.errors import Fault, SiteError
from engine.extensions import Registry
from engine.http.context import current, g, request, session
from engine.http.vocabulary import get_flashed_messages, url_for
from engine.rendering.highlight import highlight_css
from engine.rendering.layouts import Layouts
from engine.rendering.links import SourceLinks
from engine.rendering.markdown import Markdown, MarkdownOptions
from engine.rendering.renderer import Renderer
from engine.rendering.templates import Source, Templates, built_in
from engine.routing.paths import folded
from engine.routing.redirects import Asked, Redirect, check_loops, read_redirects
from engine.routing.route import Route
from engine.routing.segments import Pattern, Segment, parse, parse_literal
from engine.routing.table import RouteTable
from engine.source.files import SourceFile, Walk, walk
from engine.source.tree import Directory, build_tree
from engine.views.hooks import Hooks
from engine.views.kinds import ASSET, kind_of
from engine.views.maker import ViewMaker, Written, read_written
from engine.views.modules import SiteModules
from engine.views.redirect import RedirectView
from engine.views.units import Unit, units
from engine.views.view import View

PAGES, TEMPLATES, STATIC, DATA = FOLDERS = ("pages", "templates", "static", "data")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """Everything that a site is, after its load. It does nothing by itself."""

    config: Config
    tree: Directory
    data: Data
    routes: RouteTable
    pages: Pages
    views: Mapping[str, View]
    """The view of each route, by the route's id."""
    hooks: Mapping[str, Hooks]
    """The hooks on the way to each directory, by the directory's path."""
    error_views: Mapping[str, Mapping[int, View]]
    renderer: Renderer
    modules: SiteModules

    def owner(self, route: Route) -> str:
        """The path of the directory whose hooks and error pages hold for a route."""
        folder = route.source.rpartition("/")[0]
        return folder if folder in self.hooks else self.routes.directory(route.segments)

    def error_view(self, directory: str, status: int) -> View | None:
        """The nearest page for an error status, from `directory` up."""
        while directory:
            view = self.error_views.get(directory, {}).get(status)
            if view is not None:
                return view
            directory = directory.rpartition("/")[0]
        return None


def load_site(config: Config) -> Site:
    """Read the site of `config`. Raises `SiteError` with every fault of its files."""
    site, faults = load(config)
    if faults or site is None:
        raise SiteError(faults)
    return site


def load(config: Config) -> tuple[Site | None, tuple[Fault, ...]]:
    """The site without what is at fault in it, and every fault; `None` where nothing of it can stand."""
    loading = _Loading(config)
    try:
        return loading.site(), tuple(SiteError(loading.faults).faults) if loading.faults else ()
    except SiteError as error:
        loading.modules.close()
        return None, SiteError([*loading.faults, *error.faults]).faults


@dataclass(frozen=True, slots=True)
class Entry:
    """One unit with its route, and with what its author wrote."""

    route: Route
    unit: Unit
    written: Written


class _Loading:
    """One load of a site: what later steps need of earlier ones, and the faults found so far."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.faults: list[Fault] = []
        self.modules = SiteModules(config.root)
        self.registry = Registry(config)

    def site(self) -> Site:
        walks = {folder: self._walk(folder) for folder in FOLDERS}
        files = {folder: walk.files for folder, walk in walks.items()}
        tree = build_tree(walks[PAGES], PAGES)
        directories = tuple(tree.walk())
        data = self._noted(*load_data(walks[DATA]))
        self._set_up()
        cascade = Cascade(tree)
        self.faults += cascade.faults

        entries = [*self._entries(directories, cascade), *self._static(tree, files[STATIC])]
        redirects = self._redirects(entries)
        routes = self._table([it.route for it in entries], [it.route for it in redirects], directories)
        self._tried(check_loops, redirects, routes)
        entries = [entry for entry in entries if routes.has(entry.route)]

        layouts = Layouts(cascade.own)
        maker = ViewMaker(modules=self.modules, layouts=layouts)
        made = {entry.route.id: self._page(maker, routes, entry) for entry in entries}
        pages = Pages(
            sorted((page for page in made.values() if page and page.path), key=lambda page: page.path)
        )
        maker.neighbours = pages.neighbours
        maker.templates = self._templates(directories, files[TEMPLATES], layouts, pages, data)
        maker.renderer = self._renderer(maker.templates, entries, routes, files)
        views = dict(self._views(maker, entries, made))
        standing = (redirect for redirect in redirects if routes.has(redirect.route))
        views.update({it.route.id: RedirectView(it, self.config.base_path) for it in standing})
        return Site(
            config=self.config,
            tree=tree,
            data=data,
            routes=routes,
            pages=pages,
            views=views,
            hooks=self._hooks(directories),
            error_views=self._error_views(maker, cascade, directories),
            renderer=maker.renderer,
            modules=self.modules,
        )

    def _noted(self, value: T, faults: Iterable[Fault]) -> T:
        self.faults += faults
        return value

    def _tried(self, make: Callable[..., T], *args: Any) -> T | None:
        """What `make` makes, or nothing and its faults noted."""
        try:
            return make(*args)
        except SiteError as error:
            self.faults += error.faults
            return None

    def _walk(self, folder: str) -> Walk:
        found = walk(self.config.root, folder, self.config.ignore)
        return self._noted(found, found.faults)

    def _set_up(self) -> None:
        """Run the site's `app.py`, if it has one."""
        file = next((f for f in walk(self.config.root, "", ("*/*",)).files if f.path == "app.py"), None)
        module = self._tried(self.modules.load, file) if file else None
        if module is not None and callable(setup := getattr(module, "setup", None)):
            self._tried(self.modules.call, file, setup, self.registry)

    def _entries(self, directories: Iterable[Directory], cascade: Cascade) -> Iterator[Entry]:
        schemas = _Schemas(self)
        for directory in directories:
            if directory.path in cascade.unknown:  # its pages may be drafts, or not to be frozen
                continue
            for unit in units(directory, directory.files):
                written = self._tried(read_written, unit, cascade, schemas.of)
                pattern = self._tried(unit.pattern)
                if (
                    written is None
                    or pattern is None
                    or (written.meta.get("draft") and not self.config.drafts)
                ):
                    continue
                yield Entry(
                    Route(pattern.id, pattern.segments, pattern.is_file, unit.main.path), unit, written
                )

    def _static(self, tree: Directory, files: Iterable[SourceFile]) -> Iterator[Entry]:
        """The files of `static/`, at the root of the site under their own names."""
        for file in files:
            pattern = self._tried(_literal, file)
            if pattern is not None:
                route = Route(pattern.id, pattern.segments, True, file.path)
                yield Entry(route, Unit(tree, file.name, ASSET, asset=file), NOTHING_WRITTEN)

    def _redirects(self, entries: Iterable[Entry]) -> list[Redirect]:
        asked: list[Asked] = [
            (FILE, None, source, target) for source, target in self.config.redirects.items()
        ]
        for entry in entries:
            for alias in entry.written.own.get("aliases", ()):
                # As in other generators' content, an alias without its first slash is one from the root all the same.
                source = alias if alias.startswith("/") else f"/{alias}"
                asked.append((entry.unit.main.path, entry.written.line("aliases"), source, entry.route))
        return self._noted(*read_redirects(asked, self.registry.converters, slash=self.config.slash))

    def _table(self, pages: list[Route], moves: list[Route], directories: Iterable[Directory]) -> RouteTable:
        """The table of the routes that can stand together; the others are at fault. A redirect gives way to a page."""
        owners = [(it.path, _segments(it)) for it in directories]
        while True:
            try:
                return RouteTable(
                    [*pages, *moves],
                    converters=self.registry.converters,
                    slash=self.config.slash,
                    directories=owners,
                )
            except SiteError as error:
                self.faults += error.faults
                known, moves = len(moves), list(_free(moves, pages))
                if len(moves) == known:
                    blamed = {fault.file for fault in error.faults}
                    pages = [route for route in pages if route.source not in blamed]
                    moves = [route for route in moves if route.source not in blamed]

    def _page(self, maker: ViewMaker, routes: RouteTable, entry: Entry) -> Page | None:
        """The page of an entry; only one with a fixed address of its own has a path."""
        if entry.route.param_names or entry.unit.is_file:
            return maker.page(entry.unit, entry.written, "", "")
        url = routes.canonical(entry.route)
        return maker.page(entry.unit, entry.written, unquote(url), self.config.base_path + url)

    def _templates(
        self,
        directories: Iterable[Directory],
        shared: Iterable[SourceFile],
        layouts: Layouts,
        pages: Pages,
        data: Data,
    ) -> Templates:
        sources = built_in()
        sources.update({file.path: Source(file) for file in shared})
        for directory in directories:
            sources.update(_page_templates(directory, layouts))
        names = {
            "site": self.config,
            "config": self.config,
            "pages": pages,
            "data": data,
            "request": request,
            "session": session,
            "g": g,
            "url_for": url_for,
            "get_flashed_messages": get_flashed_messages,
            "highlight_css": highlight_css,
            **self.registry.names,
        }
        templates = Templates(sources, names)
        templates.environment.filters.update(self.registry.filters)
        templates.environment.tests.update(self.registry.tests)
        return templates

    def _renderer(
        self,
        templates: Templates,
        entries: Iterable[Entry],
        routes: RouteTable,
        files: Mapping[str, Iterable[SourceFile]],
    ) -> Renderer:
        urls = {}
        for entry in entries:
            if not entry.route.param_names:
                urls.update(
                    dict.fromkeys((file.path for file in entry.unit.files), routes.canonical(entry.route))
                )
        every = {file.path for folder in files.values() for file in folder}
        base = self.config.base_path

        def names_in(folder: str) -> list[str]:
            return [path for path in every if path.rpartition("/")[0] == folder]

        options = {
            trust: MarkdownOptions(highlight=self.config.markdown.highlight, trust=trust)
            for trust in ("author", "untrusted")
        }
        return Renderer(
            templates,
            {trust: Markdown(option) for trust, option in options.items()},
            lambda path: SourceLinks(path, urls.get, every.__contains__, base, names_in),
            _report,
        )

    def _views(
        self, maker: ViewMaker, entries: Iterable[Entry], made: Mapping[str, Page | None]
    ) -> Iterator[tuple[str, View]]:
        for entry in entries:
            page = made[entry.route.id]
            view = self._tried(maker.view, entry.unit, entry.written, page, entry.route.param_names)
            if view is not None:
                yield entry.route.id, view

    def _hooks(self, directories: Iterable[Directory]) -> dict[str, Hooks]:
        hooks: dict[str, Hooks] = {}
        for directory in directories:
            above = hooks[directory.parent.path] if directory.parent else Hooks()
            file = directory.hooks_file
            try:
                hooks[directory.path] = above.below(self.modules.load(file) if file else None)
            except SiteError as error:
                self.faults += error.faults
                hooks[directory.path] = above.closed(error)  # it may have held a guard
        return hooks

    def _error_views(
        self, maker: ViewMaker, cascade: Cascade, directories: Iterable[Directory]
    ) -> dict[str, dict[int, View]]:
        table: dict[str, dict[int, View]] = {}
        for directory in directories:
            for status, files in directory.error_files.items():
                for unit in units(directory, files):
                    written = self._tried(read_written, unit, cascade, lambda directory: None)
                    page = maker.page(unit, written, "", "") if written else None
                    view = self._tried(maker.view, unit, written, page, ()) if written else None
                    if view is not None:
                        table.setdefault(directory.path, {})[status] = view
        return table


NOTHING_WRITTEN = Written({}, {})


class _Schemas:
    """The schema that holds in each directory: the nearest `_schema.py` from there up."""

    def __init__(self, loading: _Loading) -> None:
        self._loading = loading
        self._of: dict[str, type | None] = {}

    def of(self, directory: Directory) -> type | None:
        if directory.path not in self._of:
            self._of[directory.path] = self._find(directory)
        return self._of[directory.path]

    def _find(self, directory: Directory) -> type | None:
        file = directory.schema_file
        if file is None:
            return self.of(directory.parent) if directory.parent else None
        module: ModuleType | None = self._loading._tried(self._loading.modules.load, file)
        return self._loading._tried(find_schema, vars(module), file.path) if module else None


def _literal(file: SourceFile) -> Pattern:
    return parse_literal(file.path.removeprefix(STATIC + "/"), file=file.path)


def _segments(directory: Directory) -> tuple[Segment, ...]:
    """The segments of a directory's URL; none where its name is malformed, as each of its files says."""
    below = directory.path.partition("/")[2]
    try:
        return parse(below + "/index", file=directory.path).segments if below else ()
    except SiteError:
        return ()


def _free(moves: Iterable[Route], pages: Iterable[Route]) -> Iterator[Route]:
    """The redirects from where no page is, and no redirect before them."""
    taken = {folded(route.shape) for route in pages}
    for route in moves:
        if (shape := folded(route.shape)) not in taken:
            taken.add(shape)
            yield route


def _page_templates(directory: Directory, layouts: Layouts) -> Iterator[tuple[str, Source]]:
    """The templates among the files of a directory: its pages, its layout, its partials and its error pages."""
    errors = (file for files in directory.error_files.values() for file in files)
    for file in (*directory.files, *directory.private, *errors):
        if kind_of(file.name)[0].role == "template":
            yield file.path, Source(file, matter=True)
    if directory.layout_file:
        parent = layouts.parent(directory)
        yield directory.layout_file.path, Source(directory.layout_file, parent_layout=parent)


def _report(faults: tuple[Fault, ...]) -> None:
    """Note faults of a page that can be shown all the same, for those who watch the answer."""
    context = current.get(None)
    if context is not None and context.trace is not None:
        context.trace.faults.extend(faults)
