"""The code of a site: its modules are run, and what goes wrong in them is a fault at its line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any, TypeVar

from engine import outside
from engine.errors import Fault, SiteError
from engine.source.files import SourceFile
from engine.trace import Dependencies, collecting
from engine.views.blame import below, blame
from engine.views.imports import Imports, Loader
from engine.views.memory import can_hold

T = TypeVar("T")
log = logging.getLogger("engine")


@dataclass(slots=True)
class SiteModules(Imports):
    """The Python modules of one load of a site. `root` is its absolute directory."""

    endings: list[Callable[[], object]] = field(default_factory=list)
    """What is called when this load is dropped."""
    checked_by: Dependencies = field(default_factory=dict)
    """What code that looks for faults has read: hooks, and schemas."""

    def load(self, source: SourceFile) -> ModuleType:
        """The module of a page, of hooks, of a schema or of `app.py`, run now.

        Raises `SiteError` where it cannot be imported, at the line of the site that is to blame.
        """
        name = self._name_of(source.path)
        if name in sys.modules:  # other code of the site has imported it by its name
            return sys.modules[name]
        if not below(self.root, source.location):
            self.elsewhere[source.location] = source.path
        spec = spec_from_file_location(name, source.location, loader=Loader(name, source.location))
        assert spec is not None and spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[name]
            raise SiteError(self.fault(error, source.path)) from error
        return module

    def _name_of(self, path: str) -> str:
        """The name of a module: at the root the one that other code imports it by, so that it runs once."""
        stem = path.removesuffix(".py")
        return f"{self.name}.{stem if stem.isidentifier() else f'<{path}>'}"

    def call(self, source: SourceFile, function: Callable[..., T], *args: Any) -> T:
        """What a function returns that runs code of a site's module at load.

        Raises `SiteError` at the line of the site that is to blame.
        """
        try:
            with collecting() as made_of:
                value = function(*args)
            self.made_of.setdefault(source.path, {}).update(made_of)
            return value
        except SiteError:
            raise
        except (Exception, SystemExit) as error:
            place = self.fault(error, source.path)
            what = f"`{function.__name__}()` raised {type(error).__name__}: {error}".rstrip(":. ")
            raise SiteError(Fault("python-setup", place.file, what, "", place.line)) from error

    def faults_of(
        self, hook: Callable[..., Iterable[Fault] | None], *args: Any, file: str, shows: bool = False
    ) -> list[Fault]:
        """The faults that a hook returns. One that fails is a fault itself, of `file` if of no line of the site.

        If it `shows`, pages can show what it has kept: they depend on what it has read then, as on the module `file`.
        """
        try:
            with collecting() as made_of, outside.watching_calls() if self.watched else nullcontext():
                faults = list(hook(*args) or ())
            self.checked_by.update(made_of)
            if shows and made_of and self._keeps(hook):
                self.made_of.setdefault(file, {}).update(made_of)
            if strange := [it for it in faults if not isinstance(it, Fault)]:
                raise TypeError(f"it must return faults, not {strange[0]!r}")
            return faults
        except SiteError as error:
            return list(error.faults)
        except (Exception, SystemExit) as error:
            name, file, line = self._called(hook, file)
            place = self.fault(error, file)
            what = f"`{name}()` raised {type(error).__name__}: {error}".rstrip(":. ")
            return [Fault("hook-failed", place.file, what, "", place.line or line)]

    def judged(self, check: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """What code of the site finds wrong, whose dependencies are noted as those of the load."""
        with collecting() as made_of, outside.watching_calls() if self.watched else nullcontext():
            found = check(*args, **kwargs)
        self.checked_by.update(made_of)
        return found

    def read_at_load(self) -> Dependencies:
        """All that code of the site has read to say what the site is."""
        found = dict(self.checked_by)
        for made_of in self.made_of.values():
            found.update(made_of)
        return found

    def _keeps(self, hook: Callable[..., Any]) -> bool:
        """Whether a hook has anywhere to keep what it has read."""
        module = sys.modules.get(getattr(hook, "__module__", None) or "")
        if not module or not module.__name__.startswith(f"{self.name}.") or can_hold(hook, module):
            return True
        return any(map(self.remembers, self.uses(self.path_of(module.__name__))))

    def close(self) -> None:
        """Forget every module of this load, once all that was left for its end is done, the last first."""
        while self.endings:
            try:
                self.endings.pop()()
            except Exception:
                log.exception("teardown_site failed")
        self.forget()

    def fault(self, error: BaseException, file: str) -> Fault:
        """An exception of the site's own code as a fault, at the innermost line of the site."""
        return blame(error, file, self.path_of_file, self.name)

    def _called(self, hook: Callable[..., Any], file: str) -> tuple[str, str, int | None]:
        """The name of a hook, its file and its line. One of an extension is named with its module, and is of `file`."""
        name, code = getattr(hook, "__name__", "a hook"), getattr(hook, "__code__", None)
        if code is not None and (path := self.path_of_file(code.co_filename)):
            return name, path, code.co_firstlineno
        module = getattr(hook, "__module__", None)
        return f"{module}.{name}" if module else name, file, None
