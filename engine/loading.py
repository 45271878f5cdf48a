"""The load of a site, in the order in which this module reads.

    pages/ → walk → tree → cascade → entries → routes → pages → templates → views → Site

All that can fail because of a file fails here, all at once; what depends on a request is for the app.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Literal
from urllib.parse import unquote

from engine.config import Config
from engine.content.cascade import Cascade
from engine.content.data import Data, load_data
from engine.content.page import Page
from engine.content.pages import Pages
from engine.errors import Fault, Faults, SiteError
from engine.extensions.setup import SETUP, set_up
from engine.listing import Listing, Listings
from engine.rendering.layouts import Layouts
from engine.rendering.links import SiteLinks
from engine.rendering.markdown import Markdown, MarkdownOptions
from engine.rendering.names import names_of
from engine.rendering.renderer import Renderer, markdown_filter
from engine.rendering.sources import template_sources
from engine.rendering.templates import Templates
from engine.routing.redirects import Asked, Redirect, check_loops, read_redirects
from engine.routing.route import Route
from engine.routing.segments import Segment, parse, parse_address
from engine.routing.standing import standing
from engine.routing.table import RouteTable
from engine.site import DATA, FOLDERS, PAGES, STATIC, TEMPLATES, Site
from engine.source.files import SourceFile, Walk, walk, with_contributions
from engine.source.frontmatter import Read, read_matter
from engine.source.survey import Survey
from engine.source.tree import Directory, build_tree
from engine.views.entries import Entries, Entry, aliases_of, urls_of
from engine.views.hooks import Hooks
from engine.views.kinds import kind_of
from engine.views.maker import ViewMaker, read_written
from engine.views.modules import SiteModules
from engine.views.mount import MountView
from engine.views.redirect import redirect_view
from engine.views.units import units
from engine.views.view import View

MARKDOWN_TRUSTS: tuple[Literal["author", "untrusted"], ...] = ("author", "untrusted")


def load_site(config: Config) -> Site:
    """Read the site of `config`. Raises `SiteError` with every fault of its files."""
    site, faults = load(config)
    if site is not None and not faults:
        return site
    if site is not None:
        site.modules.close()
    raise SiteError(faults)


def load(
    config: Config, survey: Survey | None = None, *, jobs: int = 1
) -> tuple[Site | None, tuple[Fault, ...]]:
    """The site without what is at fault in it, and every fault; `None` where nothing of it can stand.

    With a `survey` of its files, which was made before, what the last load of the same files found is not found again.
    The texts of a large site are read by up to `jobs` processes: more than one only where there are no threads.
    """
    loading = _Loading(config, survey, jobs)
    collecting = gc.isenabled()
    gc.disable()  # nearly all that a load makes stays, and looking through it again and again is half of its time
    try:
        return loading.site(), tuple(SiteError(loading.faults).faults) if loading.faults else ()
    except SiteError as error:
        loading.modules.close()
        return None, SiteError([*loading.faults, *error.faults]).faults
    finally:
        if collecting:
            gc.enable()


class _Loading:
    """One load of a site: what later steps need of earlier ones, and the faults found so far."""

    def __init__(self, config: Config, survey: Survey | None, jobs: int) -> None:
        self.config = config
        self.survey = survey
        self.jobs = jobs
        self.faults = Faults()
        self.modules = SiteModules(config.root)

    def site(self) -> Site:
        self.registry = set_up(self.config, self.modules, self.faults)
        self.config = self.registry.config
        mounts = list(self._mounts())
        listings = self._listings()
        listing = (listings and listings.recall()) or self._listing([route for route, _ in mounts])
        self._look(self.registry.routes_hooks, listing.routes)
        data = self.faults.noted(*load_data(listing.walks[DATA]))
        made = (page for page in listing.made.values() if page and page.path)
        pages = Pages(sorted(made, key=lambda page: page.path))
        self._furnish(listing, pages, data)
        views = {**listing.views, **dict(self._views(listing))}
        if listings and not self.faults:
            listings.keep(listing, views)
        views.update({it.route.id: redirect_view(it, self.config.base_path) for it in listing.redirects})
        views.update({route.id: view for route, view in mounts if listing.routes.has(route)})
        site = self._site(listing, pages, data, views)
        self._look(self.registry.load_hooks, site)
        return site

    def _look(self, hooks: Iterable[Callable[[Any], Iterable[Fault] | None]], made: Any) -> None:
        """Have hooks look at what the load has made so far."""
        for hook in hooks:
            self.faults += self.modules.faults_of(hook, made, file=SETUP, shows=True)

    def _furnish(self, listing: Listing, pages: Pages, data: Data) -> None:
        """Give the maker of views what it needs beside what a listing holds."""
        maker, layouts = listing.maker, Layouts(listing.cascade.own)
        maker.resume(modules=self.modules, layouts=layouts)
        maker.neighbours = pages.neighbours
        maker.templates = self._templates(listing, layouts, pages, data)
        maker.renderer = self._renderer(maker.templates, listing)

    def _site(self, listing: Listing, pages: Pages, data: Data, views: dict[str, View]) -> Site:
        directories, routes = tuple(listing.tree.walk()), listing.routes
        routes.any_slash = frozenset(id for id, view in views.items() if isinstance(view, MountView))
        return Site(
            config=self.config,
            tree=listing.tree,
            data=data,
            routes=routes,
            pages=pages,
            views=views,
            hooks=self._hooks(directories),
            error_views=self._error_views(listing.maker, listing.cascade, directories),
            renderer=listing.maker.renderer,
            modules=self.modules,
            json=self.registry.json,
            commands=self.registry.commands,
            extensions=self.registry.extensions,
            needs_secret_key=self.registry.needs_secret_key,
            registry=self.registry,
            freeze_hooks=tuple(self.registry.freeze_hooks),
            files=tuple(file for walk in listing.walks.values() for file in walk.files),
            left_out=frozenset(unquote(routes.canonical(route)) for route in listing.left_out),
        )

    def _listings(self) -> Listings | None:
        """The listings of loads before, where no code of the site has a say in them."""
        registry = self.registry
        has_say = registry.pages or registry.templates or registry.converters or registry.mounts
        return None if has_say or self.survey is None else Listings(self.config, self.survey)

    def _listing(self, mounted: list[Route]) -> Listing:
        walks = {folder: self._walk(folder) for folder in FOLDERS}
        tree = build_tree(walks[PAGES], PAGES)
        directories = tuple(tree.walk())
        cascade = Cascade(tree)
        self.faults += cascade.faults

        with self._reading(walks[PAGES].files) as read:
            making = Entries(cascade, self.modules, self.faults, read, drafts=self.config.drafts)
            entries = [*making.of_pages(directories), *making.of_static(tree, STATIC, walks[STATIC].files)]
        redirects = self._redirects(entries)
        routes = self._table(
            [*(it.route for it in entries), *mounted], [it.route for it in redirects], directories
        )
        self.faults.tried(check_loops, redirects, routes)
        entries = [entry for entry in entries if routes.has(entry.route)]

        maker = ViewMaker()
        return Listing(
            walks=walks,
            tree=tree,
            cascade=cascade,
            redirects=[it for it in redirects if routes.has(it.route)],
            routes=routes,
            entries=entries,
            made={entry.route.id: self._page(maker, routes, entry) for entry in entries},
            urls=urls_of(entries, routes),
            maker=maker,
            left_out=tuple(making.left_out),
        )

    def _reading(self, files: Iterable[SourceFile]) -> AbstractContextManager[Read]:
        if self.jobs < 2:
            return nullcontext(read_matter)
        from engine.source.ahead import reading  # noqa: PLC0415  a server has one process for this

        return reading([file for file in files if kind_of(file.name)[0].role == "markdown"], self.jobs)

    def _walk(self, folder: str) -> Walk:
        brought = {PAGES: self.registry.pages, TEMPLATES: self.registry.templates}.get(folder, ())
        found = with_contributions(walk(self.config.root, folder, self.config.ignore), brought)
        return self.faults.noted(found, found.faults)

    def _redirects(self, entries: Iterable[Entry]) -> list[Redirect]:
        asked: list[Asked] = []
        for source, target in self.config.redirects.items():
            file, line, column = self.config.place_of("redirects", source)
            asked.append((file, (line, column) if line and column else (), source, target))
        asked += aliases_of(entries)
        return self.faults.noted(*read_redirects(asked, self.registry.converters, slash=self.config.slash))

    def _mounts(self) -> Iterator[tuple[Route, MountView]]:
        """What `app.py` has mounted."""
        for prefix, (app, csrf, (file, line, column)) in self.registry.mounts.items():
            place = tuple(filter(None, (line, column)))
            try:
                pattern = parse_address(f"{prefix.strip('/')}/[...path]/".lstrip("/"), file=file)
            except SiteError as error:
                self.faults += (replace(fault, line=line, column=column) for fault in error.faults)
            else:
                route = Route(pattern.id, pattern.segments, pattern.is_file, file, place=place)
                yield route, MountView(file, app, route.segments, csrf=csrf)

    def _table(self, pages: list[Route], moves: list[Route], directories: Iterable[Directory]) -> RouteTable:
        table = partial(
            RouteTable,
            converters=self.registry.converters,
            slash=self.config.slash,
            directories=[(it.path, _segments(it)) for it in directories],
        )
        return standing(pages, moves, table, self.faults)

    def _page(self, maker: ViewMaker, routes: RouteTable, entry: Entry) -> Page | None:
        """The page of an entry; only one with a fixed address of its own has a path."""
        if entry.route.param_names or entry.unit.is_file:
            return maker.page(entry.unit, entry.written, "", "")
        url = routes.canonical(entry.route)
        return maker.page(entry.unit, entry.written, unquote(url), self.config.base_path + url)

    def _templates(self, listing: Listing, layouts: Layouts, pages: Pages, data: Data) -> Templates:
        names = {**names_of(self.config, pages, data), **self.registry.names}
        shared = listing.walks[TEMPLATES].files
        templates = Templates(template_sources(listing.tree.walk(), shared, layouts), names)
        templates.environment.filters.update(self.registry.filters)
        templates.environment.tests.update(self.registry.tests)
        if self.registry.json is not None:
            templates.environment.write_json_by(self.registry.json.default)
        return templates

    def _renderer(self, templates: Templates, listing: Listing) -> Renderer:
        files = (file.path for walk in listing.walks.values() for file in walk.files)
        links = SiteLinks(
            listing.urls, {path for path in files if path not in listing.urls}, self.config.base_path
        )
        markdown = self._markdown()
        templates.environment.filters.setdefault("markdown", markdown_filter(markdown))
        return Renderer(templates, markdown, links.of, self.registry.render_hooks)

    def _markdown(self) -> dict[str, Markdown]:
        """What renders Markdown, by trust."""
        kind = Markdown
        if self.config.markdown.engine == "fast":
            from engine.rendering.fast.engine import FastMarkdown  # noqa: PLC0415  few sites need its expressions

            kind = FastMarkdown
        highlight = self.config.markdown.highlight
        # Some lexers of Pygments take minutes for 20 kB that somebody has made for that.
        return {
            trust: kind(MarkdownOptions(highlight=highlight and trust == "author", trust=trust))
            for trust in MARKDOWN_TRUSTS
        }

    def _views(self, listing: Listing) -> Iterator[tuple[str, View]]:
        for entry in listing.entries:
            page, make = listing.made[entry.route.id], listing.maker.view
            view = self.faults.tried(make, entry.unit, entry.written, page, entry.route)
            if view is not None:
                yield entry.route.id, view

    def _hooks(self, directories: Iterable[Directory]) -> dict[str, Hooks]:
        hooks: dict[str, Hooks] = {}
        for directory in directories:
            above = hooks[directory.parent.path] if directory.parent else self.registry.hooks
            file = directory.hooks_file
            try:
                hooks[directory.path] = above.below(self.modules.load(file), file.path) if file else above
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
                    written = self.faults.tried(read_written, unit, cascade, lambda directory: None)
                    view = self.faults.tried(maker.error_view, unit, written) if written else None
                    if view is not None:
                        table.setdefault(directory.path, {})[status] = view
        return table


def _segments(directory: Directory) -> tuple[Segment, ...]:
    """The segments of a directory's URL; none where its name is malformed, as each of its files says."""
    below = directory.path.partition("/")[2]
    try:
        return parse(below + "/index", file=directory.path).segments if below else ()
    except SiteError:
        return ()
