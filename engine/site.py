"""What a site is, after its load: a value, which does nothing by itself. `loading.py` makes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.config import Config
from engine.content.data import Data
from engine.content.pages import Pages
from engine.extensions.registry import FreezeHook, Registry
from engine.http.json import JSONProvider
from engine.listing import has_other_body_only
from engine.rendering.renderer import Renderer
from engine.routing.route import Route
from engine.routing.table import RouteTable
from engine.source.files import SourceFile
from engine.source.tree import Directory
from engine.trace import depend
from engine.views.handler import HandlerView
from engine.views.hooks import Hooks
from engine.views.modules import SiteModules
from engine.views.view import View

if TYPE_CHECKING:
    from click import Command

PAGES, TEMPLATES, STATIC, DATA = FOLDERS = ("pages", "templates", "static", "data")


class Handled(NamedTuple):
    """A method of a route, and the function that answers it."""

    route: Route
    method: str
    function: Callable[..., Any]


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
    freeze_hooks: tuple[FreezeHook, ...] = ()
    """What looks at the files of a freeze before they are published."""
    files: tuple[SourceFile, ...] = ()
    """Every file of `pages/`, `templates/`, `static/` and `data/`."""
    json: JSONProvider | None = None
    """How the site writes JSON, if it has a way of its own."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    """What the site adds to the commands of the engine, by name."""
    extensions: Mapping[str, Any] = field(default_factory=dict)
    """What extensions keep for each other, and for tests, by name."""
    needs_secret_key: bool = False
    """Whether an extension uses the session."""
    registry: Registry | None = field(default=None, repr=False, compare=False)
    """What `setup(app)` was given, by which receivers of signals know the site."""
    left_out: frozenset[str] = frozenset()
    """The URL paths of pages whose texts are at fault: a link to one is no fault of its own."""

    def elsewhere(self) -> Iterator[tuple[str, str]]:
        """What to look at on the disk, to see whether files that extensions have added are still the same ones."""
        root = f"{os.path.abspath(self.config.root)}/"
        added = [file.location for file in self.files if file.location != root + file.path]
        yield from (("disk", location) for location in added)
        yield from {("folder", location.rpartition("/")[0]) for location in added}

    def owner(self, route: Route) -> str:
        """The path of the directory whose hooks and error pages hold for a route."""
        folder = route.source.rpartition("/")[0]
        return folder if folder in self.hooks else self.routes.directory(route.segments)

    def handlers(self) -> Iterator[Handled]:
        """Every function that answers a method of a route, in the order of the routes.

        What is made of them depends on their modules, and on all that these import.
        """
        for route in self.routes.routes:
            view = self.views.get(route.id)
            if isinstance(view, HandlerView):
                self.modules.depend_on(view.source)
                for method, function in view.functions.items():
                    yield Handled(route, method, function)

    def error_view(self, directory: str, status: int) -> View | None:
        """The nearest page for an error status, from `directory` up."""
        depend("error-page", directory, status)
        while directory:
            view = self.error_views.get(directory, {}).get(status)
            if view is not None:
                return view
            directory = directory.rpartition("/")[0]
        return None

    def takes_texts(self, paths: Iterable[str]) -> bool:
        """Whether only the bodies of Markdown pages have changed in these files. The site shows the new ones then.

        All else that a load finds is as it was, so no other load is needed.
        """
        made = (getattr(view, "page", None) for view in self.views.values())
        pages = {page.source.path: page for page in made if page}
        changed = [pages.get(path) for path in paths]
        if not all(page and has_other_body_only(page) for page in changed):
            return False
        for page in filter(None, changed):
            self.renderer.forget(page.source.path)
        return True
