"""Has the extensions of a site, and its `app.py`, register what they bring."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from types import ModuleType

from engine.config import Config
from engine.content.app_settings import NAME, read_app_settings
from engine.errors import Fault, Faults, SiteError
from engine.extensions.points import NoExtension, extension
from engine.extensions.registry import Registry
from engine.source.files import SourceFile, walk
from engine.trace import collecting
from engine.views.modules import SiteModules

SETUP = "app.py"
"""The module whose `setup()` is run at load."""


def registry_of(config: Config) -> Registry:
    """What extensions and `app.py` register; nothing else of the site is loaded. Raises `SiteError`."""
    modules, faults = SiteModules(config.root), Faults()
    try:
        registry = set_up(config, modules, faults)
    finally:
        modules.close()
    if faults:
        raise SiteError(faults)
    return registry


def set_up(config: Config, modules: SiteModules, faults: Faults) -> Registry:
    """What extensions, in the order of the settings, and then the site's `app.py` register.

    `config` of the registry has the site's own settings as `app.py` wants them. Raises `SiteError` where they are at
    fault; all else that is goes to `faults`.
    """
    file = next((f for f in walk(config.root, "", ("*/*",)).files if f.path == SETUP), None)
    module = faults.tried(modules.load, file) if file else None
    if file is not None and module is not None:
        config = _with_own_settings(config, modules, file, module)
    registry = Registry(config, endings=modules.endings)
    for number, name in enumerate(config.extensions):
        registry.place = config.place_of("extensions", number)
        with collecting() as made_of:
            _extend(registry, faults, name)
        modules.made_of.setdefault(SETUP, {}).update(made_of)
    registry.place = (SETUP, None, None)
    if file is not None and callable(setup := getattr(module, "setup", None)):
        if inspect.iscoroutinefunction(setup):
            faults.append(Fault("setup-name", SETUP, "`setup` is a coroutine", "Write def setup(app)"))
        else:
            faults.tried(modules.call, file, setup, registry)
    elif module is not None:
        faults += _misspelt(module)
    return registry


def _misspelt(module: ModuleType) -> Iterator[Fault]:
    """A function that is nearly called `setup`, in an `app.py` that has none: it would never be called."""
    for name, function in vars(module).items():
        is_own = inspect.isfunction(function) and function.__module__ == module.__name__
        if is_own and get_close_matches(name, ["setup"], 1, 0.8):
            line = function.__code__.co_firstlineno
            yield Fault("setup-name", SETUP, f"`{name}()` is never called", "Did you mean `setup`?", line)


def _with_own_settings(config: Config, modules: SiteModules, file: SourceFile, module: ModuleType) -> Config:
    """`[app]` as the class `Settings` of the site's `app.py` wants it, if there is one."""
    schema = getattr(module, NAME, None)
    if schema is None:
        return config
    # Raised, not noted: each page that reads the settings would fail once more for the same reason.
    return replace(config, app=modules.call(file, read_app_settings, schema, config, SETUP))


def _extend(registry: Registry, faults: Faults, name: str) -> None:
    """Have an extension register what it brings. One that fails is named."""
    place = registry.place
    try:
        init_app = extension(name)
        if inspect.iscoroutinefunction(init_app):
            raise TypeError("its init_app is a coroutine, and nothing would run it")
        init_app(registry)
    except NoExtension as error:
        faults.append(_fault("extension-missing", place, str(error), error.hint))
    except SiteError as error:
        faults += error.faults
    except (Exception, SystemExit) as error:
        what = f"the extension {name!r} raised {type(error).__name__}: {error}".rstrip(":. ")
        faults.append(_fault("extension-failed", place, what, "Look into its documentation"))


def _fault(code: str, place: tuple[str, int | None, int | None], what: str, hint: str) -> Fault:
    file, line, column = place
    return Fault(code, file, what, hint, line, column)
