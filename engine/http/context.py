"""The context of one request: what belongs to it, and what finds it from anywhere in the code that answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import abort as abort

from engine.errors import Fault, OutsideContext, SiteError
from engine.http.conditional import Environ
from engine.http.coroutines import blocking
from engine.http.json import JSONProvider
from engine.http.origin import Origin
from engine.http.request import Request
from engine.http.session import Session, SessionStore
from engine.trace import CHANGING, EVERY, HANDED_ON, Trace, depend

NO_PARAMS: Mapping[str, Any] = {}
Providers = tuple[Callable[[], Mapping[str, Any]], ...]
F = TypeVar("F", bound=Callable[[Any], Any])
_missing = object()
log = logging.getLogger("engine")

KEEP = "engine.keep_context"
"""The key of an environ at which a test has a function that is given the context once the app has answered."""
THROW = "x-wsgiorg.throw_errors"
"""The key of an environ by which whoever asks wants the errors themselves (the WSGI extension of that name)."""


class TemplatesLike(Protocol):
    """What fills templates for the view that answers now."""

    def render(self, name: str | Sequence[str], variables: Mapping[str, Any]) -> str:
        """A template of the site, or the first that is there of several, filled."""

    def render_text(self, text: str, variables: Mapping[str, Any]) -> str:
        """The text of a template, filled."""

    def render_block(self, name: str, block: str, variables: Mapping[str, Any]) -> str:
        """A block of a template of the site, filled."""

    def stream(self, name: str | Sequence[str], variables: Mapping[str, Any]) -> Iterator[str]:
        """A template of the site, or the first that is there of several, filled piece by piece."""

    def stream_text(self, text: str, variables: Mapping[str, Any]) -> Iterator[str]:
        """The text of a template, filled piece by piece."""


class AppLike(Protocol):
    """What a context, and the code that runs in it, needs of the application."""

    @property
    def root(self) -> str:
        """The real directory of the site, links resolved."""

    @property
    def session_store(self) -> SessionStore: ...

    @property
    def json(self) -> JSONProvider:
        """How the site writes and reads JSON."""

    @property
    def templates(self) -> TemplatesLike:
        """The templates of the site."""

    @property
    def pages(self) -> Any:
        """All pages of the site."""

    @property
    def data(self) -> Any:
        """The files of `data/`."""

    def make_request(self, environ: Environ, trace: Trace | None) -> Request:
        """A request of the site: a watched one where there is a `trace`."""

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
        """The URL of a route. Raises `UnknownRoute` and `BadParams`."""


class Globals:
    """`g`: attributes that live as long as the request."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"`g` has no `{name}`. Set it in this request, or read it by `g.get({name!r})`.")

    def get(self, name: str, default: Any = None) -> Any:
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _missing) -> Any:
        """Remove an attribute and return it. Raises `KeyError` where there is none and no `default`."""
        return self.__dict__.pop(name) if default is _missing else self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        return f"<g {', '.join(self)}>"


class EndpointLike(Protocol):
    """What a context needs of what answers."""

    @property
    def route(self) -> str:
        """The id of the route, empty where no route was found."""

    @property
    def source(self) -> str:
        """The path of the file that answers."""

    @property
    def providers(self) -> Providers:
        """What is called for the names that templates see."""


@dataclass(frozen=True, slots=True)
class Nowhere:
    """The endpoint of what is not answered by any."""

    route: str = ""
    source: str = ""
    providers: Providers = ()


NOWHERE = Nowhere()


class Context:
    """One request while it is answered. Request, session and `g` are made when they are first asked for.

    `trace` is there while the answer is observed; `after` holds what `after_this_request` was given, `endings` what
    `teardown_this_request` was, `flashes` the messages that were taken out of the session, `error` what an error page
    is made for, `failure` what was raised, where that was no HTTP error.
    """

    # What few requests ask for: a default of the class takes longer to read, and need not be set each time.
    endings: Sequence[Callable[[Any], Any]] = ()
    flashes: list[tuple[str, str]] | None = None
    error: HTTPException | None = None
    late: Sequence[Callable[[], None]] = ()
    _request: Request | None = None
    _g: Globals | None = None

    def __init__(
        self,
        app: AppLike,
        environ: Environ,
        endpoint: EndpointLike = NOWHERE,
        params: Mapping[str, Any] = NO_PARAMS,
        trace: Trace | None = None,
    ) -> None:
        self.app = app
        self.environ = environ
        self.endpoint = endpoint
        self.params = params
        self.trace = trace
        self.after: Sequence[Callable[[Any], Any]] = ()
        self.failure: Exception | None = None
        self.opened_session: Session | None = None
        """The session if anybody asked for it: what must be saved."""
        self.nonce = ""
        """What marks the scripts of this answer as ours, if a page asked for it."""
        self.has_end = False
        """Whether something is to be done at its end."""
        self.streams = 0
        """Bodies that go on in this context after the handler has returned."""

    @property
    def request(self) -> Request:
        """The request."""
        if self._request is None:
            self.request = self.app.make_request(self.environ, self.trace)
        assert self._request is not None
        return self._request

    @request.setter
    def request(self, request: Request) -> None:
        self._request = request
        self.has_end = True
        if self.endpoint.route:
            request.view_args = dict(self.params)
            request.route_id = self.endpoint.route

    @property
    def session(self) -> Session:
        """The session, which now counts as read. Raises `EngineError` where the site has no secret key."""
        if self.trace is not None:
            self.trace.touch("session")
        if self.opened_session is None:
            self.opened_session = self.app.session_store.load(self.environ)
            self.opened_session.accessed = True
        return self.opened_session

    @property
    def g(self) -> Globals:
        """What the request's own code keeps for its length."""
        if self.trace is not None:
            self.trace.touch(HANDED_ON)
        if self._g is None:
            self._g = Globals()
        return self._g

    def close(self) -> None:
        """Do what was left for the end, and close the files that the request brought, unless a stream goes on."""
        if self.endings:
            self.end()
        if self._request is not None and not self.streams:
            self._request.close()

    def end(self) -> None:
        """Do what was left for the end, the last first, unless a stream goes on. What fails keeps no other from it."""
        while self.endings and not self.streams:
            *rest, function = self.endings
            self.endings = rest
            try:
                function(self.failure)
            except Exception:
                log.exception("teardown_this_request failed")

    def at_end(self, call: Callable[[], None]) -> None:
        """Call `call` now, or after the last stream."""
        if self.streams:
            self.late = (*self.late, call)
        else:
            call()

    def hold(self) -> None:
        """Note that a stream goes on in this context, and may ask for the session once the headers are gone."""
        if not self.streams and self.trace is None and self.app.session_store.settings.secret_key:
            self.after = (*self.after, _vary_by_cookie)
        self.streams += 1

    def release(self) -> None:
        """Note that a stream has ended; after the last one do what waited for it."""
        self.streams -= 1
        if not self.streams:
            late, self.late = self.late, ()
            try:
                for call in late:
                    call()
            finally:  # a test is told of what fails
                self.close()

    def variables(self) -> dict[str, Any]:
        """The names that the site's `context()` hooks give to the templates of this request, and `error`."""
        names: dict[str, Any] = {}
        for provide in self.endpoint.providers:
            given = provide()
            if type(given) is not dict and not isinstance(given, Mapping):
                raise self._no_names(provide, given)
            names.update(given)
        return names if self.error is None else {**names, "error": self.error}

    def _no_names(self, provide: Callable[[], Any], given: Any) -> SiteError:
        origin = Origin.of(provide, self.app.root)
        what = f"`{origin.name}()` gives names to templates, and returned {given!r}"
        hint = "Return a mapping, such as a dict"
        return SiteError(Fault("hook-names", origin.file, what, hint, origin.line))


def _vary_by_cookie(response: Any) -> None:
    response.vary.add("Cookie")


class SiteContext(Context):
    """The context of code that runs for the site and not for a request, such as `static_params()`."""

    def __init__(self, app: AppLike) -> None:
        super().__init__(app, {})

    @property  # type: ignore[misc]  # there is none to set
    def request(self) -> Request:
        raise OutsideContext("`request` was used by code that runs for the site and not for a request.")

    @property
    def session(self) -> Session:
        raise OutsideContext("`session` was used by code that runs for the site and not for a request.")


current: ContextVar[Context] = ContextVar("engine.context")


def here(name: str) -> Context:
    """The current context, for `name`. Raises `OutsideContext`."""
    context = current.get(None)
    if context is None:
        raise OutsideContext(
            f"`{name}` was used while no request is handled. "
            "Use it inside a handler, a hook or a template; elsewhere pass what you need as an argument."
        )
    return context


def has_request_context() -> bool:
    """Whether a request is being handled here."""
    return not isinstance(current.get(None), (SiteContext, type(None)))


def after_this_request(function: F) -> F:
    """Have `function(response)` called with the response of this request; it may return another."""
    context = here("after_this_request")
    context.after = (*context.after, blocking(function))
    return function


def teardown_this_request(function: F) -> F:
    """Have `function(exception)` called when this request is over, whatever happened, after all `teardown_request`.

    In a command, or other code that runs for the site, it is called at the end of that.
    """
    context = here("teardown_this_request")
    context.endings = (*context.endings, blocking(function))
    context.has_end = True
    return function


def touch(what: str) -> None:
    """Note that what runs now reads `what`, such as `"the database"`, which changes without any file of the site.

    No server keeps the answer of such a page ready, unless it says `cache`, and a freeze refuses it unless it says
    `freeze = True`. Then each freeze asks it. Costs next to nothing while nobody freezes.
    """
    depend(CHANGING, what)
    context = current.get(None)
    if context is not None and context.trace is not None:
        context.trace.touch_changing(what)


def json_provider() -> JSONProvider | None:
    """How the site that answers writes JSON, if one does."""
    context = current.get(None)
    return None if context is None else context.app.json


def raw_environ() -> Environ:
    """The environ for code that looks into it by itself, such as another WSGI application."""
    context = here("environ")
    if context.trace is not None:
        context.trace.touch("headers")
        context.trace.headers.add(EVERY)
    return context.environ
