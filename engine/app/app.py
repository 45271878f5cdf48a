"""The application: one request path for the server and the freezer.

environ → kept answer? → match → cached answer? → hooks → view → Response → WSGI
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import Forbidden, SecurityError
from werkzeug.sansio.utils import host_is_trusted

from engine.app.cached import CachedViews, is_for_cache
from engine.app.calls import Calls
from engine.app.endpoints import Endpoint, Endpoints
from engine.app.errors import Errors
from engine.app.filling import Filling
from engine.app.hooks import SurroundedViews, has_receivers
from engine.app.kept import Kept, KeptAnswers, is_alike_for_all
from engine.app.origins import REFUSAL, SAFE, is_foreign
from engine.app.problems import bare, wants_json
from engine.app.proxies import proxies
from engine.app.settings import cache_store, request_class, session_store
from engine.app.urls import Urls
from engine.cache.answers import Answers
from engine.cache.entry import Entry
from engine.config import Config, load_config
from engine.errors import A_FILE, A_LOGGER, Elsewhere, SiteError
from engine.http.answers import moved
from engine.http.context import KEEP, NO_PARAMS, Context, SiteContext, current, json_provider
from engine.http.defaults import DefaultHeaders
from engine.http.json import JSONProvider, find_provider_by
from engine.http.prefix import without_prefix
from engine.http.ready import Ready
from engine.http.request import ObservedRequest, Request
from engine.http.response import Response
from engine.loading import load_site
from engine.routing.table import Found, Match, Moved
from engine.signals import pop, push
from engine.site import Site
from engine.trace import Trace, depend
from engine.views.asset import AssetView

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from click.testing import CliRunner

    from engine.app.client import Client

Answer = Response | Kept | Entry

log = logging.getLogger("engine")


class App:
    """A site that answers requests: a WSGI application. It never changes; a reload makes another."""

    # What Flask calls it.
    logger = Elsewhere(A_LOGGER)
    app_context = Elsewhere("Write app.context()")
    route = Elsewhere(A_FILE)
    jinja_env = Elsewhere("Templates are extended in setup(app) of app.py")
    debug = Elsewhere("Write app.config.dev")
    secret_key = Elsewhere("Write app.config.secret_key")
    root_path = Elsewhere("Write app.root")
    url_map = Elsewhere("Files below pages/ are the routes, which `engine routes` lists")

    def __init__(self, site: Site) -> None:
        self._site = site
        self._config = site.config
        self.root = os.path.realpath(site.config.root)
        self.pages = site.pages
        self.data = site.data
        self.json = site.json or JSONProvider()
        self.registry = site.registry
        self.extensions = site.extensions
        """What extensions keep for each other, and for tests, by name."""
        if site.json is not None:
            find_provider_by(json_provider)
        self.session_store = session_store(site.config)
        self._request = request_class(site.config.limits)
        self._table = site.routes
        self._endpoints = Endpoints(site)
        self._errors = Errors(site)
        self._urls = Urls(site)
        self.templates = Filling(site.renderer)
        self._base = site.config.base_path
        self._hosts = site.config.trusted_hosts
        self._origins = site.config.trusted_origins
        self._defaults = DefaultHeaders(site.config.headers)
        self._proxies = proxies(site.config.trusted_proxies)
        self._is_guarded = bool(self._hosts) or self._proxies is not None
        self._keep_nothing()

    def _keep_nothing(self) -> None:
        self._kept = KeptAnswers()
        self._found = self._kept.found
        self.cache = Answers(self._config.base_path, cache_store(self._site))
        """The answers of pages that say `cache`."""
        self._calls = Calls(self, self._errors)
        view = self._calls.view_alone
        self._cached = CachedViews(self, self._config, self.cache, view, self._defaults.plain)
        self._surrounded = SurroundedViews(self, self._config.root, self._errors, self._calls, self._cached)
        self._for_one: set[str] = (
            set()
        )  # the ids of pages that were seen to depend on their visitor or the time

    def afresh(self) -> App:
        """Another app of the same site, which has kept no answer yet: for texts that have changed."""
        other = copy(self)
        other._keep_nothing()
        return other

    @property
    def site(self) -> Site:
        """The whole site. A page that looks into it depends on all of it."""
        depend("site")
        return self._site

    @property
    def config(self) -> Config:
        """The settings of the site."""
        depend("settings")
        return self._site.config

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._is_guarded and (refusal := self._refusal(environ, start_response)) is not None:
            return refusal.send(environ, start_response, self._defaults.plain)
        kept = self._found.get(environ["PATH_INFO"])
        if kept is not None and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            return kept(environ, start_response)
        match = self._match(environ)
        if isinstance(match, Found):
            endpoint = self._endpoints[match.route.id]
            if endpoint.cache is not None and environ["REQUEST_METHOD"] in ("GET", "HEAD"):
                entry = self._cached.fresh(environ, endpoint)
                if entry is not None and not endpoint.hooked and not has_receivers():
                    return entry(environ, start_response)
            context = Context(self, environ, endpoint, match.params)
        elif isinstance(match, Moved):
            elsewhere = moved(environ, self._base + match.location)
            return elsewhere.send(environ, start_response, self._defaults.plain)
        else:
            if (kept := self._kept.missing.get(match.directory)) is not None and not wants_json(environ):
                return kept(environ, start_response)
            endpoint = self._endpoints.missing[match.directory]
            context = Context(self, environ, endpoint, match.params)
        token = current.set(context)
        try:
            answer = self._answer(context, endpoint)
            if isinstance(answer, Response):
                if answer.pairs is None and not answer.is_ascii:
                    answer = self._calls.sendable(context, endpoint, answer)
                return answer.send(environ, start_response, self._defaults.of(context))
            return answer(environ, start_response)
        finally:
            if KEEP in environ:
                environ[KEEP](context)
            if context.has_end:
                context.close()
            current.reset(token)

    def _refusal(self, environ: WSGIEnvironment, start_response: StartResponse) -> Response | None:
        """The answer to who asks for a host that is not served, by what trusted proxies say of it."""
        if self._proxies is not None:
            self._proxies(environ, start_response)
        if not self._hosts or host_is_trusted(environ.get("HTTP_HOST"), self._hosts):
            return None
        return bare(SecurityError("This host is not served here."), environ)

    def respond(self, request: Request) -> Response:
        """The response to `request`, as a server would send it."""
        return self._within(request.environ, None, request)

    def observe(self, environ: WSGIEnvironment) -> tuple[Response, Trace]:
        """The response to `environ`, and the record of what was touched to make it."""
        trace = Trace(self._config.root, reports=True)
        return self._within(environ, trace, None), trace

    @contextmanager
    def context(self) -> Iterator[None]:
        """Outside of a request: `pages`, `data`, `url_for` and the like work within, `request` does not."""
        context = SiteContext(self)
        token = current.set(context)
        try:
            push(self)
            yield
        except Exception as error:
            context.failure = error
            raise
        finally:
            pop(self, context.failure)
            context.close()
            current.reset(token)

    def test_client(self, *, propagate: bool = True, use_cookies: bool = True) -> Client:
        """A client that asks this app in tests.

        What a page raises reaches the test; with `propagate=False` the answer is the page for 500, as for a visitor.
        """
        from engine.app.client import Client  # noqa: PLC0415  a server has no tests

        return Client(self, propagate=propagate, use_cookies=use_cookies)

    @contextmanager
    def test_request_context(self, path: str = "/", **options: Any) -> Iterator[Context]:
        """Within, `request`, `session`, `g`, `url_for` and the like work as in the handler of a request for `path`.

        No hook runs before it; `teardown_request` does at its end. `options` are those of the test client.
        """
        from engine.app.client import make_environ  # noqa: PLC0415  a server has no tests

        context = self.context_of(make_environ(self, path, **options))
        token = current.set(context)
        try:
            push(self)
            yield context
        except Exception as error:
            context.failure = error
            raise
        finally:
            assert type(context.endpoint) is Endpoint
            self._surrounded.tear_down(context, context.endpoint)
            context.close()
            current.reset(token)

    def test_cli_runner(self, **options: Any) -> CliRunner:
        """What runs the engine's commands on this site in tests; `options` are those of click's runner."""
        # By its name, as the commands stand above the app.
        runner: CliRunner = importlib.import_module("engine.testing.runner").Runner(self, **options)
        return runner

    def url_for(
        self,
        id: str,
        /,
        *,
        _anchor: str | None = None,
        _external: bool = False,
        _query: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> str:
        """The URL of a route by its id, with its parameters in their types.

        In `_query` a list gives its name several times, and `None` not at all.
        Raises `UnknownRoute` with the nearest id, and `BadParams` where a parameter is missing, surplus or ill-typed.
        """
        return self._urls.url(id, params, query=_query, anchor=_anchor, external=_external)

    def make_request(self, environ: WSGIEnvironment, trace: Trace | None) -> Request:
        """The request that a context hands out; with a trace, one that notes what is read of it."""
        return self._request(environ) if trace is None else ObservedRequest(environ, trace, self._request)

    def _within(self, environ: WSGIEnvironment, trace: Trace | None, request: Request | None) -> Response:
        match = self._match(environ)
        if isinstance(match, Moved):
            elsewhere = moved(environ, self._base + match.location)
            elsewhere.add_defaults(self._defaults.plain)
            return elsewhere
        context, endpoint = self._context(environ, match, trace)
        depend("hooks", endpoint.directory)
        if request is not None:
            context.request = request
        token = current.set(context)
        try:
            answer = self._answer(context, endpoint)
            if not isinstance(answer, Response):
                return answer.response(environ)
            answer.add_defaults(self._defaults.of(context))
            return answer
        finally:
            context.end()
            current.reset(token)

    def context_of(self, environ: WSGIEnvironment) -> Context:
        """The context of a request that is not answered, as its handler would find it."""
        return self._context(environ, self._match(environ), None)[0]

    def _context(
        self, environ: WSGIEnvironment, match: Match, trace: Trace | None
    ) -> tuple[Context, Endpoint]:
        if isinstance(match, Found):
            endpoint, params = self._endpoints[match.route.id], match.params
        elif isinstance(match, Moved):
            endpoint, params = self._endpoints.missing[self._site.tree.path], NO_PARAMS
        else:
            endpoint, params = self._endpoints.missing[match.directory], match.params
        return Context(self, environ, endpoint, params, trace), endpoint

    def _match(self, environ: WSGIEnvironment) -> Match:
        """Where the path of the URL leads, below the site's prefix. A server may have cut the prefix off already."""
        path: str = environ["PATH_INFO"]
        if self._base or not path:
            path = without_prefix(path, self._base)
        if not path.isascii():
            path = path.encode("latin-1").decode("utf-8", "surrogateescape")
        return self._table.match(path)

    def _answer(self, context: Context, endpoint: Endpoint) -> Answer:
        environ = context.environ
        if environ["REQUEST_METHOD"] not in SAFE and endpoint.csrf and is_foreign(environ, self._origins):
            return self._calls.finished(
                context, endpoint, self._errors.answer(context, endpoint, Forbidden(REFUSAL))
            )
        if endpoint.hooked or has_receivers():
            return self._surrounded.answer(context, endpoint)
        if endpoint.cache is not None and is_for_cache(context):
            answer = self._cached.answer(context, endpoint)
            return self._calls.finished(context, endpoint, answer) if isinstance(answer, Response) else answer
        if (
            endpoint.keepable
            and not (endpoint.route and context.params)
            and context.trace is None
            and endpoint.route not in self._for_one
            and (endpoint.route or not wants_json(environ))
        ):
            return self._first_answer(context, endpoint)
        response = self._calls.view(context, endpoint)
        if context.after or context.opened_session is not None:
            return self._calls.finished(context, endpoint, response)
        return response

    def _first_answer(self, context: Context, endpoint: Endpoint) -> Answer:
        """An answer that every visitor may get, as far as the kind of view goes: watched, and kept if so."""
        shelf, key = self._kept.found, context.environ["PATH_INFO"]
        if not endpoint.route:
            shelf, key = self._kept.missing, endpoint.directory
        if isinstance(endpoint.view, AssetView):
            try:
                ready = endpoint.view.ready()
            except SiteError as error:  # it was removed since the load
                return self._errors.answer(context, endpoint, error)
            ready.add_headers(self._defaults.plain)
            return self._kept.keep(shelf, key, ready)
        context.trace = Trace(self._config.root)
        response = self._calls.finished(context, endpoint, self._calls.view(context, endpoint))
        for fault in context.trace.faults:
            log.warning("%s", fault)
        if context.environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return response
        # An error of a page passes. A URL without one is never found, unless what tells so has failed itself.
        passes = context.trace.failed and (endpoint.route or context.failure is not None)
        if not passes and is_alike_for_all(response, context.trace):
            response.add_defaults(self._defaults.of(context))
            return self._kept.keep(shelf, key, Ready.of(response))
        if context.trace.visitor or context.trace.changing:
            self._for_one.add(endpoint.route)
        return response


def create_app(site: str | os.PathLike[str] = ".", **settings: Any) -> App:
    """The application of the site in a directory. Raises `SiteError` with every fault of the site."""
    return App(load_site(load_config(site, **settings)))
