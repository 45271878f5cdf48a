"""Answers the questions that pages depend on, for one load of a site.

A state is a digest of the answer. Where every state that a page depends on is as it was, so is the page.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.content.page import Page
from engine.content.pages import Question
from engine.errors import SiteError, UnknownRoute
from engine.extensions.setup import SETUP
from engine.freeze.incremental.surroundings import NEVER, OUTSIDE, State, Surroundings, contents, digest
from engine.rendering.site_environment import find, prepared
from engine.routing.table import Found
from engine.site import Site
from engine.source.files import SourceFile
from engine.trace import FALLBACK, Dependency
from engine.views.imports import checksum
from engine.views.view import View

OF_COLLECTIONS = frozenset(("pages", "count", "page-at", "page-for", "groups"))
"""What begins with a question to the pages of the site."""
OF_PAGES = OF_COLLECTIONS - {"count", "groups"} | {"page", "neighbour"}
IMPORTING = frozenset(("hooks", "memory"))
"""What depends on which modules a process has imported."""


class States:
    """The states of one site. What was changed since the site was loaded has the state `NEVER`.

    `known` are those that others have found; those that are asked for join them. `surroundings` are what was seen of
    the world outside since before the site was loaded.
    """

    def __init__(
        self,
        site: Site,
        known: dict[Dependency, State] | None = None,
        surroundings: Surroundings | None = None,
    ) -> None:
        self._site = site
        self._surroundings = surroundings or Surroundings()
        self._known = {} if known is None else known
        self._settled: dict[str, bool] = {}
        self._templates: dict[str, State] = {}
        self._page_states: dict[Page, State] = {}

    def of(self, dependency: Dependency) -> State:
        """The state of one question. Of a kind that nobody knows, it is never the same."""
        if dependency not in self._known:
            self._known[dependency] = self._answer(*dependency)
        return self._known[dependency]

    def found(self, dependency: Dependency) -> State | None:
        """The state of one question where it is the same in every process of a freeze."""
        return None if dependency[0] in IMPORTING else self.of(dependency)

    def prepare(self, dependencies: Iterable[Dependency], kinds: Collection[str]) -> None:
        """Keep what such questions need, and all that are of such kinds, for processes that are forked next.

        What goes through all pages takes its time in each, and memory: to look at a page makes a copy of it. A layout
        would be compiled in each.
        """
        _ = self._files, self._pages
        for dependency in dependencies:
            kind = dependency[0]
            if kind in OF_COLLECTIONS:
                with suppress(Exception):
                    pages = self._site.pages.asked(_wide(dependency[1]))
                    if kind == "groups":
                        pages.group(dependency[2])
            elif kind == "template" and dependency[2]:  # called by another, as that of a page itself is not
                with suppress(Exception):
                    self._site.renderer.templates.get(*dependency[1:])
        if "neighbour" in kinds and self._site.pages:
            self._site.pages.neighbours(self._site.pages[0])
        if not OF_PAGES.isdisjoint(kinds) and not self._page_states:
            for page in self._site.pages:
                self._page_state(page)

    def _page_state(self, page: Page) -> State:
        """The state of all that collections know of a page."""
        state = self._page_states.get(page)
        if state is None:
            state = digest(page.source.path, page.url, page.title, dict(page.meta))
            self._page_states[page] = state
        return state

    def _answer(self, kind: str, *about: Any) -> State:
        try:
            return _ANSWERS[kind](self, *about)
        except Exception:  # it was asked of another site than this one, where anything may be at fault now
            return NEVER

    def _all(self, dependencies: Iterable[Dependency]) -> State:
        return _together([self.of(it) for it in sorted(dependencies, key=repr)])

    def outside(self, *dependency: Any) -> State:
        return self._surroundings.of(dependency)

    def file(self, path: str) -> State:
        if path not in self._files:
            return digest(None)
        return contents(self._files[path].location) if self._is_settled(path) else NEVER

    def body(self, path: str) -> State:
        page = self._page(path)
        if page is None:
            return digest(None)
        return page.body_digest if self._is_settled(path) else NEVER

    def page(self, path: str) -> State:
        page = self._page(path)
        return self._page_state(page) if page else digest(None)

    def _page(self, path: str) -> Page | None:
        return self._pages.get(path) or self._pages_of_views.get(path)

    @cached_property
    def _files(self) -> dict[str, SourceFile]:
        return {file.path: file for file in self._site.files}

    @cached_property
    def _pages(self) -> dict[str, Page]:
        return {page.source.path: page for page in self._site.pages}

    @cached_property
    def _pages_of_views(self) -> dict[str, Page]:
        """Pages that are in no collection too: those with parameters, files, error pages."""
        errors = (view for views in self._site.error_views.values() for view in views.values())
        pages = (getattr(view, "page", None) for view in chain(self._site.views.values(), errors))
        return {page.source.path: page for page in pages if page}

    def pages(self, question: Question) -> State:
        return digest([self._page_state(page) for page in self._site.pages.asked(question)])

    def count(self, question: Question) -> State:
        return len(self._site.pages.asked(question))

    def page_at(self, question: Question, index: int) -> State:
        pages = self._site.pages.asked(question)
        return self._page_state(pages[index]) if -len(pages) <= index < len(pages) else digest(None)

    def page_for(self, question: Question, path: str) -> State:
        page = self._site.pages.asked(question).get(path)
        return self._page_state(page) if page else digest(None)

    def groups(self, question: Question, key: str) -> State:
        return digest([group.key for group in self._site.pages.asked(question).group(key)])

    def neighbour(self, path: str, side: str) -> State:
        page = self._pages.get(path)
        near = page and getattr(self._site.pages.neighbours(page), side)
        return self._page_state(near) if near else digest(None)

    def template(self, name: str, user: str) -> State:
        full = find(self._site.renderer.templates.sources, name, user)
        if full not in self._templates:
            self._templates[full] = self._template(full)
        return self._templates[full]

    def _template(self, full: str) -> State:
        source = self._site.renderer.templates.sources.get(full)
        if source is not None and full in self._files and not self._is_settled(full):
            return NEVER
        return digest(full, prepared(source) if source else None)

    def link(self, source: str, path: str) -> State:
        try:
            return self._site.renderer.link(source, path)
        except SiteError as error:
            return digest([str(fault) for fault in error.faults])

    def route(self, id: str) -> State:
        try:
            route = self._site.routes.route(id)
        except UnknownRoute:
            return digest(None)
        return digest(route.id, route.is_file, self._site.routes.slash)

    def routes(self) -> State:
        return digest([(route.id, route.is_file, route.source) for route in self._site.routes.routes])

    def match(self, path: str) -> State:
        match = self._site.routes.match(path)
        if not isinstance(match, Found):
            return digest(match)
        view = self._site.views.get(match.route.id)
        return digest(match.route.id, dict(match.params), self._site.owner(match.route), self._made_by(view))

    def error_page(self, directory: str, status: int) -> State:
        return digest(self._made_by(self._site.error_view(directory, status)))

    def _made_by(self, view: View | None) -> Any:
        """What a view is made of, apart from the texts that say so themselves."""
        names = ("source", "recipe", "content_type", "freeze")
        return view and (type(view).__name__, *(getattr(view, name, None) for name in names))

    def hooks(self, directory: str) -> State:
        tree = {it.path: it for it in self._site.tree.walk()}
        files = [it.hooks_file for it in tree[directory].chain()] if directory in tree else []
        return self._all({key for file in files if file for key in self._site.modules.made_by(file.path)})

    def module(self, path: str) -> State:
        """The bytes of one module: what its import has read and imported, pages depend on by themselves."""
        imported = self._site.modules.checksums.get(path)
        try:
            found = checksum(Path(self._site.modules.location(path)).read_bytes())
        except OSError:
            found = None
        return NEVER if imported not in (None, found) else digest(found)

    def imported(self, top: str) -> State:
        return digest(self._site.modules.has(top))

    def data(self, path: str) -> State:
        value: Any = self._site.data
        for name in path.split("/")[1:]:
            if not isinstance(value, dict) or not dict.__contains__(value, name):
                return digest(None)
            value = dict.__getitem__(value, name)
        return digest("a directory" if type(value) is type(self._site.data) else value)

    def data_names(self, path: str) -> State:
        value: Any = self._site.data
        for name in path.split("/")[1:]:
            value = dict.get(value, name) if isinstance(value, dict) else None
        return digest(sorted(dict.keys(value)) if isinstance(value, dict) else None)

    def setting(self, name: str) -> State:
        return self._app_settings() if name == "app" else digest(getattr(self._site.config, name, None))

    def settings(self) -> State:
        return _together([digest(replace(self._site.config, app=MappingProxyType({}))), self._app_settings()])

    def _app_settings(self) -> State:
        """The table, and the code that makes a record of it where the site has such code."""
        config = self._site.config
        code = () if isinstance(config.app, Mapping) else self._site.modules.made_by(SETUP)
        return _together([digest(config.app_table), self._all(code)])

    def site(self) -> State:
        kinds = {
            True: ("page", "body"),
            False: ("file",),
        }  # both of a page are known without another look at its file
        states = [
            self.of((kind, path)) for path in self._files for kind in kinds[self._page(path) is not None]
        ]
        return _together([digest(list(self._files)), *states])

    def _is_settled(self, path: str) -> bool:
        """Whether a source is still the file that the load found."""
        if path not in self._settled:
            file = self._files[path]
            self._settled[path] = _size_and_time(file.location) == (file.size, file.mtime_ns)
        return self._settled[path]


def _together(states: list[State]) -> State:
    return NEVER if NEVER in states else digest(states)


def _size_and_time(location: str) -> tuple[int, int] | None:
    try:
        status = os.stat(location)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _wide(question: Question) -> Question:
    """The steps of a question that go through many pages: not those after it has come to the pages of a directory."""
    return question[:1] if question and question[0][0] == "under" else question


_ANSWERS: dict[str, Callable[..., State]] = {
    **{kind: lambda states, *about, _kind=kind: states.outside(_kind, *about) for kind in OUTSIDE},
    "file": States.file,
    "body": States.body,
    "page": States.page,
    "pages": States.pages,
    "count": States.count,
    "page-at": States.page_at,
    "page-for": States.page_for,
    "groups": States.groups,
    "neighbour": States.neighbour,
    "template": States.template,
    "link": States.link,
    FALLBACK: lambda states, path: digest(FALLBACK),  # the body of the page is asked for by itself
    "route": States.route,
    "routes": States.routes,
    "match": States.match,
    "error-page": States.error_page,
    "hooks": States.hooks,
    "module": States.module,
    "import": States.imported,
    "data": States.data,
    "data-names": States.data_names,
    "setting": States.setting,
    "settings": States.settings,
    "site": States.site,
}
