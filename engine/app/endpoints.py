"""What is called for a route: its view, and the hooks on the way to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import NotFound

from engine.cache.rule import Rule
from engine.errors import Fault, SiteError
from engine.http.context import Context, Providers
from engine.http.response import Response
from engine.site import Site
from engine.views.asset import AssetView
from engine.views.handler import HandlerView
from engine.views.hooks import Hooks
from engine.views.method_view import METHODS
from engine.views.page import PageView
from engine.views.redirect import GoneView, RedirectView
from engine.views.view import View


@dataclass(frozen=True, slots=True)  # each request reads ten fields, which those of a named tuple make slow
class Endpoint:
    """A view with what surrounds it.

    `route` is the id of its route, empty for URLs that nothing answers. `hooks` note their dependencies, which costs as
    much again as to call them; `plain_hooks` are for requests of which nobody wants to know any. `hooked` says that
    some run around the view. The answer of a `keepable` one is kept ready, if the trace shows no visitor. One with
    `csrf` refuses what the pages of other sites send. One with a `cache` keeps its answers for a time; of a `guarded`
    one no other server may keep them, as hooks must run before.
    """

    route: str
    view: View
    source: str
    hooks: Hooks
    plain_hooks: Hooks
    providers: Providers
    directory: str
    hooked: bool
    keepable: bool
    csrf: bool = True
    cache: Rule | None = None
    guarded: bool = False


class NoPage:
    """The view of every URL of a directory that has no page: hooks and error pages apply to it as to any other.

    `source` is what is to blame: the path of the directory.
    """

    methods = tuple(name.upper() for name in METHODS)
    answers_options = True
    freeze: bool | None = None

    def __init__(self, source: str) -> None:
        self.source = source

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        raise NotFound

    def static_params(self) -> None:
        return None


class AtFault(NoPage):
    """The view of a page that is at fault, in a site of which the rest stands."""

    def __call__(self, context: Context, params: Mapping[str, Any]) -> Response:
        raise SiteError(
            Fault("load-failed", self.source, "this page could not be loaded", "Its fault says why")
        )


class Endpoints(dict[str, Endpoint]):
    """The endpoint of each route, by the route's id, made when it is first asked for.

    `missing` are those of the URLs that nothing answers, by their directory.
    """

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site
        self._observed = {directory: hooks.observed() for directory, hooks in site.hooks.items()}
        self.missing = {directory: self._made("", NoPage(directory), directory) for directory in site.hooks}

    def __missing__(self, id: str) -> Endpoint:
        route = self._site.routes.route(id)
        view = self._site.views.get(id) or AtFault(route.source)
        return self.setdefault(id, self._made(id, view, self._site.owner(route)))

    def _made(self, route: str, view: View, directory: str) -> Endpoint:
        return _endpoint(self._site, route, view, directory, self._observed[directory])


def _endpoint(site: Site, route: str, view: View, directory: str, hooks: Hooks) -> Endpoint:
    hooked = hooks.surround
    plain = isinstance(view, (AssetView, PageView, RedirectView, GoneView))
    if isinstance(view, NoPage):
        plain = not _answers_by_code(site, directory, hooks)
    cache: Rule | None = getattr(view, "cache", None)
    return Endpoint(
        route=route,
        view=view,
        source=view.source,
        hooks=hooks,
        plain_hooks=site.hooks[directory],
        providers=hooks.context,
        directory=directory,
        hooked=hooked,
        keepable=plain and not hooked and cache is None,
        csrf=getattr(view, "csrf", True),
        cache=None if site.config.dev else cache,
        guarded=bool(hooks.before_request or hooks.url_value_preprocessor),
    )


def _answers_by_code(site: Site, directory: str, hooks: Hooks) -> bool:
    """Whether a function of the site answers for a URL of a directory that nothing is at. It may want to see each."""
    handled = any(any(handlers.of(NotFound())) for handlers in hooks.error_handlers)
    return handled or isinstance(site.error_view(directory, 404), HandlerView)
