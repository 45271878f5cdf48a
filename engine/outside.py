"""What the code of a site reads of the world outside of the site: files, the environment, clocks, chance, the network.

Python tells of most of it: audit hooks (PEP 578) of opened files and sockets, a profile function of calls into C.
What it is silent about, the environment and `os.stat`, is watched by wrappers that change nothing else.
Nothing here does anything before `watch()`, or where nobody collects dependencies.
"""

from __future__ import annotations

import _thread
import datetime
import functools
import gc
import os
import random
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import source_from_cache
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.trace import Dependency, depend, is_collecting

try:
    import _uuid  # type: ignore[import-not-found]
except ImportError:  # where Python was built without it, it uses the clock itself
    _uuid = None

ENGINE = str(Path(__file__).parent) + "/"
SOURCES = ENGINE + "source/files.py"
"""Reads for whoever calls it, be it the engine or a handler."""
SENT = ENGINE + "http/files.py"
"""Reads what a handler said that is to be sent."""
INSTALLED = tuple(
    sorted({sysconfig.get_path(name) + "/" for name in ("stdlib", "platstdlib", "purelib", "platlib")})
)
"""Python and its packages: another version of one is another key of the whole cache."""
MACHINE = ("/proc/", "/dev/", "/sys/", "/usr/share/zoneinfo/")
MEMORY = "/dev/shm/"
"""A file system like any other, where a site may lie."""

DATABASE_DRIVERS = frozenset(
    {
        *("asyncpg", "duckdb", "mysql", "MySQLdb", "oracledb", "psycopg", "psycopg2"),
        *("pymongo", "pymssql", "pymysql", "pyodbc", "redis", "dbm", "shelve"),
    }
)
"""Libraries that speak with a server, or read their files, from C, where no hook hears them."""

_watching = False
_look_before: Callable[[Dependency], object] | None = None


def watch() -> None:
    """Watch this process from now on. There is no way back, as Python keeps its audit hooks."""
    global _watching  # noqa: PLW0603
    if not _watching:
        _watching = True
        sys.addaudithook(_audit)
        os.environ.__class__ = _Environment
        if os.supports_bytes_environ:
            os.environb.__class__ = _Environment
        for name in ("stat", "lstat", "access", "readlink"):
            setattr(os, name, _watched(getattr(os, name)))
        os.getcwd = _asked_where


@contextmanager
def looking_before(look: Callable[[Dependency], object]) -> Iterator[None]:
    """Call `look` with each path that code within is about to look at: what is there may change, also by that code."""
    global _look_before  # noqa: PLW0603
    before, _look_before = _look_before, look
    try:
        yield
    finally:
        _look_before = before


def is_watching() -> bool:
    """Whether `watch()` was called."""
    return _watching


class _Environment(os._Environ):  # type: ignore[type-arg]
    def __getitem__(self, name: str) -> str:
        depend("environment", os.fsdecode(name))
        value: str = super().__getitem__(name)
        return value

    def __iter__(self) -> Iterator[str]:
        depend("environment-names")
        return super().__iter__()


def _watched(function: Callable[..., Any]) -> Callable[..., Any]:
    """`os.stat` and its like, which no audit event tells of."""

    @functools.wraps(function)
    def asked(path: Any, *args: Any, **kwargs: Any) -> Any:
        if is_collecting():
            _depend_on_path("stat", path)
        return function(path, *args, **kwargs)

    return asked


_where = os.getcwd


def _asked_where() -> str:
    if is_collecting() and not _is_the_engine():
        depend("working-directory")
    return _where()


def _audit(event: str, args: tuple[Any, ...]) -> None:
    heard = _EVENTS.get(event)
    if heard is not None and is_collecting():
        heard(*args)


def _opened(path: Any, mode: str | None, flags: int) -> None:
    if flags & (os.O_WRONLY | os.O_RDWR) == os.O_WRONLY:
        return
    if not (isinstance(path, str) and path.endswith(".pyc")):
        _depend_on_path("disk", path)
        return
    _depend_on_path("disk", path, is_kept=False)
    with suppress(ValueError):
        _depend_on_path("disk", source_from_cache(path))


def _listed(path: Any = ".") -> None:
    _depend_on_path("folder", path or ".")


def _connected(database: Any, *_: Any) -> None:
    if not isinstance(database, (str, bytes, os.PathLike)) or os.fspath(database) in (":memory:", "", b""):
        return
    name = os.fsdecode(database)
    if name.startswith("file:"):
        name = unquote(urlsplit(name).path)
    for part in ("", "-wal", "-journal"):  # what is committed may not be in the file itself yet
        _depend_on_path("disk", name + part)


def _spoke(*_: Any) -> None:
    depend("changing", "the network or another program")


def _parted() -> None:
    """A thread was started. What it reads, nobody collects; one that an import starts is not for this page."""
    if not (_is_the_engine() or _is_importing()):
        depend("changing", "another thread")


_EVENTS: dict[str, Callable[..., None]] = {
    "open": _opened,
    "os.listdir": _listed,
    "os.scandir": _listed,
    "sqlite3.connect": _connected,
    **dict.fromkeys(
        (
            "socket.connect",
            "socket.getaddrinfo",
            "socket.gethostbyname",
            "socket.gethostname",
            "socket.sendto",
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.fork",
            "os.posix_spawn",
        ),
        _spoke,
    ),
}


def _depend_on_path(kind: str, path: Any, *, is_kept: bool = True) -> None:
    """Note that a path is looked at. One that is not `is_kept` may be written anew, by Python, before it is read."""
    if isinstance(path, int) or _is_the_engine():
        return
    full = os.fsdecode(path)
    if not os.path.isabs(full):
        depend("working-directory")
        full = os.path.join(_where(), full)
    full = os.path.normpath(full)
    if full.startswith(MEMORY) or not full.startswith((*INSTALLED, ENGINE, *MACHINE)):
        depend(kind, full)
        if is_kept and _look_before is not None:
            _look_before((kind, full))


def _is_the_engine() -> bool:
    """Whether the engine reads for itself, or has Python import a module: it says so itself, and more exactly."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        is_engine = _is_of_the_engine(frame.f_code.co_filename)
        if is_engine is not None:
            return is_engine
        frame = frame.f_back
    return False


@functools.lru_cache(maxsize=4096)
def _is_of_the_engine(file: str) -> bool | None:
    """Whether what a file asks for is for the engine; of a file that asks for its caller, nothing."""
    if file.startswith(ENGINE) and file not in (__file__, SOURCES):
        return file != SENT
    return None if file.startswith((*INSTALLED, ENGINE, "<frozen")) else False


def _is_importing() -> bool:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


_CLOCKS = "the clock"
_CHANCE = "chance"
_CHANGING: dict[Any, str] = {
    **dict.fromkeys(
        (
            time.time,
            time.time_ns,
            time.monotonic,
            time.monotonic_ns,
            time.perf_counter,
            time.perf_counter_ns,
            time.process_time,
            time.process_time_ns,
            time.thread_time,
            time.thread_time_ns,
            time.clock_gettime,
            time.clock_gettime_ns,
            time.asctime,
            time.localtime,
            time.gmtime,
            time.ctime,
            time.strftime,
            datetime.datetime.now,
            datetime.datetime.utcnow,
            datetime.datetime.today,
            datetime.date.today,
        ),
        _CLOCKS,
    ),
    **dict.fromkeys((random.random, random.getrandbits, os.urandom), _CHANCE),
    getattr(_uuid, "generate_time_safe", None): _CLOCKS,
    os.getpid: "the number of the process",
}
"""Functions in C whose answer is another one each time."""


def changing(function: Any) -> str | None:
    """What a function of a library asks that is another thing each time, as far as one can tell without a call."""
    try:
        known = _CHANGING.get(function)
    except TypeError:  # it has no hash
        return None
    if known is None and _is_of_a_clock(getattr(function, "__self__", None), function):
        return _CLOCKS
    return known or (_CHANCE if getattr(function, "__module__", None) in _OF_CHANCE else None)


@contextmanager
def watching_calls() -> Iterator[None]:
    """Notice what the code run within asks of clocks and of chance."""
    before = sys.getprofile()
    if before is not None and not callable(before):  # a profiler in C, which could not be put back
        depend("changing", _CLOCKS)
        yield
        return
    sys.setprofile(_called)
    try:
        yield
    finally:
        sys.setprofile(before)


def _called(frame: FrameType, event: str, function: Any) -> None:
    if event == "c_call":
        if function in _CHANGING:
            if not _is_of_the_collector(frame):
                depend("changing", _CHANGING[function])
        elif function in _PARTING:
            _parted()
        elif type(owner := getattr(function, "__self__", None)) in _OWNERS:
            _called_of(owner, function)
    elif event == "call" and frame.f_code is _SEED and frame.f_locals.get("a") is None:
        depend("changing", _CHANCE)  # a generator of random numbers with a seed of its own would be no chance


def _is_of_the_collector(frame: FrameType) -> bool:
    """Whether the search for garbage has called, which comes at any moment: as a library that takes its time has it."""
    return any(getattr(it, "__code__", None) is frame.f_code for it in gc.callbacks)


def _called_of(owner: Any, method: Any) -> None:
    if type(owner) is os.DirEntry and method.__name__ == "stat":
        _depend_on_path("stat", owner.path)
    elif _is_of_a_clock(owner, method):
        depend("changing", _CLOCKS)


def _is_of_a_clock(owner: Any, method: Any) -> bool:
    """Whether a method tells the time, of the library's class or of one that is made from it."""
    return type(owner) is type and issubclass(owner, datetime.date) and method.__name__ in _NOW


_OWNERS = (os.DirEntry, type)
"""The types of what has such methods: most calls are of others, and none costs more."""
_OF_CHANCE = frozenset(("random", "secrets", "uuid"))
"""Modules whose functions answer by chance."""
_NOW = ("now", "utcnow", "today")
_PARTING = {
    getattr(_thread, name) for name in ("start_new_thread", "start_joinable_thread") if hasattr(_thread, name)
}
_SEED = random.Random.seed.__code__
