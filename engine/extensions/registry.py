"""What extensions and a site's `app.py` may add to a site."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

from engine.config import Config
from engine.content.page import Page
from engine.errors import A_FILE, A_LOGGER, Elsewhere, Fault
from engine.http.json import JSONProvider
from engine.http.response import Response
from engine.routing.converters import Converter
from engine.routing.table import RouteTable
from engine.source.files import Contribution
from engine.trace import depend
from engine.views.blame import called_from
from engine.views.error_handlers import Kind, check_kinds
from engine.views.hooks import Hooks, check_takes
from engine.views.imports import observed

if TYPE_CHECKING:
    from click import Command

F = TypeVar("F", bound=Callable[..., Any])
LoadHook = Callable[[Any], Iterable[Fault] | None]
"""Gets the `Site`, which stands above this module."""
RoutesHook = Callable[[RouteTable], Iterable[Fault] | None]
RenderHook = Callable[[str, Page], str | None]
FreezeHook = Callable[[Mapping[str, bytes]], Iterable[Fault] | None]
BeforeHook = Callable[[], Any]
AfterHook = Callable[[Response], Any]
TeardownHook = Callable[[BaseException | None], Any]
UrlHook = Callable[[str, dict[str, Any]], Any]
L = TypeVar("L", bound=LoadHook)
S = TypeVar("S", bound=RoutesHook)
R = TypeVar("R", bound=RenderHook)
E = TypeVar("E", bound=FreezeHook)
B = TypeVar("B", bound=BeforeHook)
A = TypeVar("A", bound=AfterHook)
D = TypeVar("D", bound=TeardownHook)
U = TypeVar("U", bound=UrlHook)
T = TypeVar("T")
ENGINES_OWN = frozenset(
    {
        *(
            "new",
            "dev",
            "serve",
            "freeze",
            "why",
            "host",
            "preview",
            "deploy",
            "routes",
            "check",
            "config",
            "shell",
            "completion",
        ),
        *("build", "run"),
    }
)
"""The names of the engine's commands, which no command of a site can have."""


Place = tuple[str, int | None, int | None]
"""A file of the site, the line and the column."""


class Mount(NamedTuple):
    """A WSGI application below a prefix, and where the site mounts it."""

    app: Callable[..., Any]
    csrf: bool
    place: Place


@dataclass(slots=True)
class Registry:
    """Filters, tests and names for templates, converters for file names, and commands, in the order of their adding."""

    _config: Config
    filters: dict[str, Callable[..., Any]] = field(default_factory=dict)
    tests: dict[str, Callable[..., Any]] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    converters: dict[str, Converter] = field(default_factory=dict)
    json: JSONProvider | None = None
    mounts: dict[str, Mount] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)
    needs_secret_key: bool = False
    """Whether no server of this site shall start without a secret key: an extension that uses the session says so."""
    hooks: Hooks = field(default_factory=Hooks)
    """Those of the whole site, which come before those of `pages/_hooks.py`."""
    pages: list[Contribution] = field(default_factory=list)
    templates: list[Contribution] = field(default_factory=list)
    routes_hooks: list[RoutesHook] = field(default_factory=list)
    load_hooks: list[LoadHook] = field(default_factory=list)
    render_hooks: list[RenderHook] = field(default_factory=list)
    freeze_hooks: list[FreezeHook] = field(default_factory=list)
    extensions: dict[str, Any] = field(default_factory=dict)
    """What extensions keep for each other, and for tests, by name: `current_app.extensions` in a handler."""
    endings: list[Callable[[], object]] = field(default_factory=list)
    place: Place = ("app.py", None, None)
    """Where the site names who registers at present, for faults of what is registered from elsewhere."""

    # What Flask calls it.
    route = Elsewhere(A_FILE)
    register_blueprint = Elsewhere(A_FILE)
    cli = Elsewhere("Write @app.command()")
    logger = Elsewhere(A_LOGGER)
    register_error_handler = Elsewhere("Write @app.errorhandler(…)")
    teardown_appcontext = Elsewhere("Write @app.teardown_request")
    jinja_env = Elsewhere(
        "Write app.template_filter, app.template_test, app.template_global or app.add_names"
    )

    secret_key = Elsewhere("Set secret_key by the environment, as ENGINE_SECRET_KEY")

    def __getattr__(self, name: str) -> Any:
        what = f"{type(self).__name__!r} object has no attribute {name!r}"
        if isinstance(elsewhere := vars(type(self)).get(name), Elsewhere):
            raise AttributeError(f"{what}. {elsewhere.hint}")
        near = get_close_matches(name, [it for it in dir(type(self)) if it[0] != "_"], 1)
        raise AttributeError(f"{what}. Did you mean {near[0]!r}?" if near else what)

    @property
    def config(self) -> Config:
        """The settings of the site."""
        depend("settings")
        return self._config

    @overload
    def template_filter(self, name: F, /) -> F: ...
    @overload
    def template_filter(self, name: str | None = None) -> Callable[[F], F]: ...
    def template_filter(self, name: Any = None) -> Any:
        """`@app.template_filter`, or with a name in parentheses: `{{ value|name }}` in every template."""
        return self._adder(self.filters, name)

    @overload
    def template_test(self, name: F, /) -> F: ...
    @overload
    def template_test(self, name: str | None = None) -> Callable[[F], F]: ...
    def template_test(self, name: Any = None) -> Any:
        """`@app.template_test`, or with a name in parentheses: `{% if value is name %}` in every template."""
        return self._adder(self.tests, name)

    @overload
    def template_global(self, name: F, /) -> F: ...
    @overload
    def template_global(self, name: str | None = None) -> Callable[[F], F]: ...
    def template_global(self, name: Any = None) -> Any:
        """`@app.template_global`, or with a name in parentheses: `{{ name() }}` in every template."""
        return self._adder(self.names, name)

    def add_names(self, names: Mapping[str, Any]) -> None:
        """Values that every template can use."""
        self.names.update({name: observed(it) if callable(it) else it for name, it in names.items()})

    def add_converter(self, name: str, converter: Converter) -> None:
        """A type for parameters in file names: `[x=name].py`. Raises `TypeError`."""
        if isinstance(converter, type) or not (hasattr(converter, "parse") and hasattr(converter, "format")):
            what = converter.__name__ if isinstance(converter, type) else f"a {type(converter).__name__}"
            raise TypeError(
                f"add_converter() takes an instance with parse(text) and format(value), not {what}"
            )
        self.converters[name] = converter

    def json_provider(self, provider: JSONProvider) -> None:
        """Have `provider` write and read all JSON of the site but that of the session. Raises `TypeError`."""
        if not isinstance(provider, JSONProvider):
            raise TypeError(f"json_provider() takes an instance of a JSONProvider, not {provider!r}")
        self.json = provider

    def mount(self, prefix: str, app: Callable[..., Any], *, csrf: bool = True) -> None:
        """Have a WSGI application answer every URL below `prefix`, such as `/old`. Raises `TypeError`.

        With `csrf=False` pages of other sites may send to it.
        """
        if not callable(app):
            raise TypeError(f"mount() takes a WSGI application, not {app!r}")
        self.mounts[prefix] = Mount(app, csrf, called_from(self._config.root) or self.place)

    def add_pages(self, folder: str | os.PathLike[str], prefix: str = "") -> None:
        """Have the files of a directory count as those of `pages/`, below `prefix`. Raises `ValueError` without one.

        A file of the site with the same path takes the place of one of these.
        """
        self.pages.append(_contribution(folder, "pages", prefix))

    def add_templates(self, folder: str | os.PathLike[str], prefix: str = "") -> None:
        """Have the files of a directory count as those of `templates/`; otherwise as `add_pages`."""
        self.templates.append(_contribution(folder, "templates", prefix))

    def on_routes(self, function: S) -> S:
        """`@app.on_routes`: call `function(routes)` once all routes are known. Its faults are the site's.

        `routes` is the `RouteTable`, before anything is made of the files behind it.
        """
        check_takes("on_routes", function, ("routes",))
        self.routes_hooks.append(function)
        return function

    def on_load(self, function: L) -> L:
        """`@app.on_load`: call `function(site)` at the end of each load. The faults that it returns are the site's."""
        check_takes("on_load", function, ("site",))
        self.load_hooks.append(function)
        return function

    def on_render(self, function: R) -> R:
        """`@app.on_render`: what `function(html, page)` returns is sent for a page, or the page as it is for `None`."""
        check_takes("on_render", function, ("html", "page"))
        self.render_hooks.append(observed(function))
        return function

    def on_freeze(self, function: E) -> E:
        """`@app.on_freeze`: call `function(files)` before files are published. The faults that it returns stop that.

        `files` is a mapping of their bytes by their paths in the output.
        """
        check_takes("on_freeze", function, ("files",))
        self.freeze_hooks.append(function)
        return function

    def before_request(self, function: B) -> B:
        """`@app.before_request`: a hook of the whole site. So for those that follow; see `Hooks`."""
        return self._hook("before_request", function)

    def after_request(self, function: A) -> A:
        return self._hook("after_request", function)

    def teardown_request(self, function: D) -> D:
        return self._hook("teardown_request", function)

    def url_value_preprocessor(self, function: U) -> U:
        return self._hook("url_value_preprocessor", function)

    def url_defaults(self, function: U) -> U:
        return self._hook("url_defaults", function)

    def context_processor(self, function: B) -> B:
        """`@app.context_processor`: the function gives names to every template, as `context()` of a directory does."""
        return self._hook("context", function)

    def errorhandler(self, *kinds: Kind) -> Callable[[F], F]:
        """`@app.errorhandler(404)`: for errors that no directory answers. Raises as `engine.errorhandler` does."""
        check_kinds(kinds)

        def add(function: F) -> F:
            self.hooks = self.hooks.handling(kinds, function)
            return function

        return add

    def teardown_site(self, function: Callable[[], T]) -> Callable[[], T]:
        """`@app.teardown_site`: called when this load of the site is dropped, as by a reload: connections end there."""
        check_takes("teardown_site", function, ())
        self.endings.append(function)
        return function

    def _hook(self, name: str, function: F) -> F:
        self.hooks = self.hooks.adding(name, function)
        return function

    def command(self, name: str | None = None, **attributes: Any) -> Callable[[Callable[..., Any]], Command]:
        """`@app.command()`: `engine NAME` in this site. The attributes are those of click's decorator `command`."""
        import click  # noqa: PLC0415  a server does not need it

        def add(function: Callable[..., Any]) -> Command:
            make: Any = click.command(name, **attributes)
            command: Command = make(function)
            self.add_command(command)
            return command

        return add

    def add_command(self, command: Command, name: str | None = None) -> None:
        """A command or a group of click: `engine NAME` in this site. Raises `ValueError` where the name is taken."""
        name = name or command.name
        if not name:
            raise ValueError("the command has no name")
        if name in ENGINES_OWN:
            raise ValueError(f"`{name}` is a command of the engine; name it otherwise")
        if name in self.commands:
            raise ValueError(f"there are two commands `{name}`")
        self.commands[name] = command

    @staticmethod
    def _adder(shelf: dict[str, Any], name: Any) -> Any:
        if callable(name):
            return Registry._adder(shelf, None)(name)
        if name is not None and not isinstance(name, str):
            raise TypeError(f"it takes a function, or the name of one, not {name!r}")

        def add(function: F) -> F:
            shelf[name or function.__name__] = observed(function)
            return function

        return add


def _contribution(folder: str | os.PathLike[str], home: str, prefix: str) -> Contribution:
    location = os.path.abspath(folder)
    if not os.path.isdir(location):
        raise ValueError(f"there is no directory {location}")
    return Contribution(location, "/".join(filter(None, (home, *prefix.split("/")))))
