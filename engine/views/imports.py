"""Imports of a site's Python modules, and what each module is made of.

A site's root is importable for its own modules (`from models import Post`), and for nobody else. Each load of a site
has a package of its own, `engine_site_N`, whose `__path__` is the root; the modules below it see an `__import__` that
looks there first. So two sites in one process keep apart, and a site's `json.py` shadows nothing of anybody else's.
As in Python, a directory without `__init__.py` is a package too, but gives way to what is installed.

What a module reads while it is imported, and what it imports, is known of it; and what a module that can remember
things has read for one page counts for every page that uses the module.
"""

from __future__ import annotations

import builtins
import functools
import importlib
import itertools
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib.machinery import BYTECODE_SUFFIXES, FileFinder, ModuleSpec, SourceFileLoader
from types import ModuleType
from typing import Any, TypeVar

from engine import outside
from engine.trace import Dependencies, collecting, depend, depend_all, is_collecting
from engine.views.blame import below
from engine.views.memory import can_hold
from engine.views.packages import is_own

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])
_numbers = itertools.count(1)


class Loader(SourceFileLoader):
    """Gives each module of a site the builtins of that site, and reads its file once.

    Bytecode is used for the bytes that it was made from: by their time and size, as Python does it, a change within
    a second, or under a clock that was set back, would be none.
    """

    _source: bytes | None = None

    def get_data(self, path: str) -> bytes:
        if path != self.path:
            if not path.endswith(tuple(BYTECODE_SUFFIXES)):
                depend("disk", os.path.abspath(path))
            return super().get_data(path)
        if self._source is None:
            self._source = super().get_data(path)
        return self._source

    def path_stats(self, path: Any) -> Mapping[str, Any]:
        source = self.get_data(path)
        return {"mtime": int.from_bytes(checksum(source)[:4], "little"), "size": len(source)}

    def exec_module(self, module: ModuleType) -> None:
        modules = _sites[module.__name__.partition(".")[0]]
        module.__dict__["__builtins__"] = modules.builtins
        path, made_of = modules.path_of(module.__name__), Dependencies()
        try:
            with (
                collecting() as made_of,
                outside.watching_calls() if outside.is_watching() else nullcontext(),
            ):
                super().exec_module(module)
            modules.by_path[path] = module
        finally:  # whoever has it run depends on it, by whichever way of importing, even if it goes on without it
            modules.made_of[path] = made_of
            modules.checksums[path] = checksum(self._source or b"")
            modules.depend_on(path)


def checksum(source: bytes) -> bytes:
    """What tells the bytes of one module from those of any other."""
    return blake2b(source, digest_size=16).digest()


class _Finder:
    """Finds `engine_site_N.x` in the root of site N, with our loader; asked for nothing else."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in _sites or path is None:
            return None
        for folder in path:
            finder = FileFinder(folder, (Loader, [".py"]))
            if spec := finder.find_spec(name):
                return spec
        return None


_sites: dict[str, Imports] = {}


@dataclass(slots=True)
class Imports:
    """The modules that one load of a site has imported. `root` is its absolute directory."""

    root: str
    name: str = field(init=False)
    builtins: dict[str, Any] = field(init=False)
    made_of: dict[str, Dependencies] = field(default_factory=dict)
    """The dependencies of importing a module, by its path: what it read, and the modules that it imports."""
    checksums: dict[str, bytes] = field(default_factory=dict)
    """What was imported, by path: the checksum of the bytes of the module."""
    by_path: dict[str, ModuleType] = field(default_factory=dict)
    """The modules that were imported."""
    remembered: dict[str, Dependencies] = field(default_factory=dict)
    """What modules that can remember have read since, by path."""
    watched: bool = field(default_factory=outside.is_watching)
    elsewhere: dict[str, str] = field(default_factory=dict)
    """The paths of modules that do not lie below `root`, by their files."""
    _own: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = f"engine_site_{next(_numbers)}"
        self.builtins = {**vars(builtins), "__import__": self._import}
        package = ModuleType(self.name)
        package.__path__ = [self.root]
        sys.modules[self.name] = package
        _sites[self.name] = self
        if _Finder not in sys.meta_path:
            sys.meta_path.insert(0, _Finder)
        if self.watched and importlib.import_module is _import_module:
            importlib.import_module = _imported_by_name

    def path_of(self, name: str) -> str:
        """The path of a module of this site by its name."""
        file = getattr(sys.modules.get(name), "__file__", None)
        return (self.path_of_file(file) if file else None) or name

    def path_of_file(self, file: str) -> str | None:
        """The path of a file of this site by where it lies."""
        return self.elsewhere.get(file) or below(self.root, file)

    def location(self, path: str) -> str:
        """The file of a module, by its path."""
        module = self.by_path.get(path)
        return getattr(module, "__file__", None) or f"{self.root}/{path}"

    def uses(self, path: str) -> Iterator[str]:
        """A module and all that it imports, by path."""
        waiting, known = [path], {path}
        while waiting:
            yield (path := waiting.pop())
            used = {key[1] for key in self.made_of.get(path, ()) if key[0] == "module"} - known
            known |= used
            waiting += sorted(used)

    def depend_on(self, path: str) -> None:
        """Note that what is made now depends on a module, and on all that its import has read and imported."""
        if is_collecting():
            depend_all(self.made_by(path))

    def made_by(self, path: str) -> Dependencies:
        """What a module is made of, and all that it imports."""
        found: Dependencies = {("module", path): None}
        for used in self.uses(path):
            found.update(self.made_of.get(used, {}))
        return found

    def observed(self, path: str, call: Callable[[], T]) -> T:
        """What `call`, which runs code of the module at `path`, returns; its dependencies are noted."""
        if not is_collecting():
            return call()
        with collecting() as made_of, outside.watching_calls():
            value = call()
        lazily = (key[1] for key in made_of if key[0] == "module")
        for used in [used for used in dict.fromkeys([*self.uses(path), *lazily]) if self.remembers(used)]:
            depend("memory", used)
            self.remembered.setdefault(used, {}).update(made_of)
        return value

    @property
    def can_remember(self) -> bool:
        """Whether any module has something that can hold a value from one call to the next."""
        return any(map(self.remembers, self.by_path))

    def remembers(self, path: str) -> bool:
        """Whether a module has anything that can hold a value from one call to the next."""
        module = self.by_path.get(path)
        own = {} if module is None else vars(module)
        return any(can_hold(value, module) for name, value in own.items() if not name.startswith("__"))

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        top = name.partition(".")[0]
        try:
            if level or not self.has(top):
                found = builtins.__import__(name, globals, locals, fromlist, level)
                self._depend_on(found, fromlist or (), top)
                return found
            module = importlib.import_module(f"{self.name}.{name}")
            for part in fromlist or ():
                if part != "*" and not hasattr(module, part) and hasattr(module, "__path__"):
                    importlib.import_module(f"{self.name}.{name}.{part}")
        except ModuleNotFoundError as error:
            self._depend_on_missing(error.name or name)
            raise
        except Exception:
            if not level and not self.has(top):
                self._depend_on_missing(top)
                self._depend_on_code()
            raise
        self._depend_on(module, fromlist or (), top)
        return module if fromlist else sys.modules[f"{self.name}.{top}"]

    def _depend_on_missing(self, name: str) -> None:
        """Note that a module was looked for in vain."""
        if name.startswith(f"{self.name}."):
            path = name.removeprefix(f"{self.name}.").replace(".", "/")
            depend("module", f"{path}.py")
            depend("module", f"{path}/__init__.py")
        else:
            top = name.partition(".")[0]
            depend("import", top)
            depend("code", top)

    def _depend_on(self, module: ModuleType, parts: Sequence[str], top: str) -> None:
        """Note an import: of modules of the site, or of one that the site would shadow if it had it."""
        if not is_collecting():
            return
        # By its type: a lazy object, as Django's settings are, would wake up to tell its class.
        named = (getattr(module, name, None) for name in parts)
        found = [module, *(part for part in named if part is not None and issubclass(type(part), ModuleType))]
        for part in parts:
            if part != "*" and not hasattr(module, part):
                self._depend_on_missing(f"{module.__name__}.{part}")
        for each in found:
            name = each.__name__
            while name.startswith(f"{self.name}."):
                self.depend_on(self.path_of(name))
                name = name.rpartition(".")[0]
        if not module.__name__.startswith(self.name):
            depend("import", top)
            self._depend_on_code()
            if top in outside.DATABASE_DRIVERS:
                depend("changing", "a database")

    def _depend_on_code(self) -> None:
        """Note all code that is not installed: an import may have led to any of it."""
        for top in _code():
            depend("code", top)

    def imported(self, module: ModuleType) -> None:
        """Note the import of a module of this site."""
        self._depend_on(module, (), "")

    def has(self, top: str) -> bool:
        """Whether the site has a module of that name at its root."""
        if top not in self._own:
            self._own[top] = is_own(self.root, top)
        return self._own[top]

    def forget(self) -> None:
        """Forget every module of this load."""
        _sites.pop(self.name, None)
        for name in [name for name in sys.modules if name == self.name or name.startswith(self.name + ".")]:
            del sys.modules[name]
            _looked_at.discard(name)


_import_module = importlib.import_module


@functools.wraps(_import_module)
def _imported_by_name(name: str, package: str | None = None) -> ModuleType:
    """`importlib.import_module` in a process that is watched: it asks no `__import__`."""
    module = _import_module(name, package)
    modules = _sites.get(module.__name__.partition(".")[0])
    if modules is not None:
        modules.imported(module)
    return module


_looked_at: set[str] = set()
"""The names of modules that were looked at."""
_not_installed: set[str] = set()
"""The modules of Python that were imported from elsewhere than its packages, as from `PYTHONPATH`."""


def _code() -> list[str]:
    """The modules of Python, the first of each package, that no version of a package tells of."""
    if len(sys.modules) != len(_looked_at):
        fresh = sys.modules.keys() - _looked_at
        _looked_at.update(fresh)
        tops = {name.partition(".")[0] for name in fresh if name[0] != "_"} - _sites.keys() - {"engine"}
        files = ((top, getattr(sys.modules.get(top), "__file__", None)) for top in tops)
        _not_installed.update(top for top, file in files if file and not file.startswith(outside.INSTALLED))
    return sorted(_not_installed)


def _changing(function: F, what: str) -> F:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        depend("changing", what)
        return function(*args, **kwargs)

    return call  # type: ignore[return-value]


def observed(function: F) -> F:
    """A function of a site that notes its dependencies when it is called, as one of a library that tells the time.

    Others are given back as they are.
    """
    modules = _sites.get((getattr(function, "__module__", None) or "").partition(".")[0])
    if modules is None:
        what = outside.changing(function)
        return function if what is None else _changing(function, what)
    path = modules.path_of(function.__module__)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if not is_collecting():
            return function(*args, **kwargs)
        modules.depend_on(path)
        return modules.observed(path, lambda: function(*args, **kwargs))

    return call  # type: ignore[return-value]
