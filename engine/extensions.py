"""What a site's `app.py` may add to the engine: `def setup(app)` is called once per load with a `Registry`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from engine.config import Config
from engine.http.json import JSONProvider
from engine.routing.converters import Converter
from engine.trace import depend
from engine.views.modules import observed

if TYPE_CHECKING:
    from click import Command

F = TypeVar("F", bound=Callable[..., Any])
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


@dataclass(slots=True)
class Registry:
    """Filters, tests and names for templates, converters for file names, and commands, in the order of their adding."""

    _config: Config
    filters: dict[str, Callable[..., Any]] = field(default_factory=dict)
    tests: dict[str, Callable[..., Any]] = field(default_factory=dict)
    names: dict[str, Any] = field(default_factory=dict)
    converters: dict[str, Converter] = field(default_factory=dict)
    json: JSONProvider | None = None
    mounts: dict[str, Callable[..., Any]] = field(default_factory=dict)
    commands: dict[str, Command] = field(default_factory=dict)

    @property
    def config(self) -> Config:
        """The settings of the site."""
        depend("settings")
        return self._config

    def template_filter(self, name: str | None = None) -> Callable[[F], F]:
        """`@app.template_filter()`: `{{ value|name }}` in every template."""
        return self._adder(self.filters, name)

    def template_test(self, name: str | None = None) -> Callable[[F], F]:
        """`@app.template_test()`: `{% if value is name %}` in every template."""
        return self._adder(self.tests, name)

    def template_global(self, name: str | None = None) -> Callable[[F], F]:
        """`@app.template_global()`: `{{ name() }}` in every template."""
        return self._adder(self.names, name)

    def add_names(self, names: Mapping[str, Any]) -> None:
        """Values that every template can use."""
        self.names.update({name: observed(it) if callable(it) else it for name, it in names.items()})

    def add_converter(self, name: str, converter: Converter) -> None:
        """A type for parameters in file names: `[x=name].py`."""
        self.converters[name] = converter

    def json_provider(self, provider: JSONProvider) -> None:
        """Have `provider` write and read all JSON of the site but that of the session. Raises `TypeError`."""
        if not isinstance(provider, JSONProvider):
            raise TypeError(f"json_provider() takes an instance of a JSONProvider, not {provider!r}")
        self.json = provider

    def mount(self, prefix: str, app: Callable[..., Any]) -> None:
        """Have a WSGI application answer every URL below `prefix`, such as `/old`. Raises `TypeError`."""
        if not callable(app):
            raise TypeError(f"mount() takes a WSGI application, not {app!r}")
        self.mounts[prefix] = app

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
    def _adder(shelf: dict[str, Any], name: str | None) -> Callable[[F], F]:
        def add(function: F) -> F:
            shelf[name or function.__name__] = observed(function)
            return function

        return add
