"""The site as it is now: loaded again after each change, swapped whole, never half. The only caller of `load` here."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from werkzeug.wsgi import ClosingIterator

from engine.app.app import App
from engine.config import Config
from engine.dev.events import RELOAD, STYLES, TEXTS
from engine.errors import Fault, SiteError
from engine.loading import load
from engine.source.survey import survey

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("engine")

LATER = 1.0  # seconds without another change


@dataclass(slots=True)
class Edition:
    """One load of the site: its app, as far as it can stand, and its faults. `users` counts its running requests."""

    app: App | None
    faults: tuple[Fault, ...] = ()
    users: int = 0
    retired: bool = False


class News(NamedTuple):
    """What a swap brought: the changed paths, the faults that stand now, the seconds that it took.

    `retold` is true where the loaded site just tells other texts of its pages.
    """

    paths: frozenset[str]
    faults: tuple[Fault, ...]
    seconds: float
    retold: bool = False

    @property
    def kind(self) -> str:
        """What an open page has to do, as `Channel` tells it."""
        if self.faults or not self.paths:
            return RELOAD
        if all(path.endswith(".css") and path.startswith(("pages/", "static/")) for path in self.paths):
            return STYLES
        return TEXTS if self.retold else RELOAD


@dataclass(slots=True)
class Live:
    """The WSGI application of a site that changes. A request runs in the edition in which it began.

    `config` makes the settings anew for each load, and may raise `SiteError`.
    """

    config: Callable[[], Config]
    edition: Edition = field(default_factory=lambda: Edition(None))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _loading: threading.Lock = field(default_factory=threading.Lock)
    _later: threading.Timer | None = None

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the site now; empty where all of it stands."""
        return self.edition.faults

    @property
    def app(self) -> App | None:
        """The application that answers now; `None` where nothing of the site ever stood."""
        return self.edition.app

    def reload(self, paths: Iterable[str] = ()) -> News:
        """Load the site again and swap it in. Where nothing of it can stand, the old one stays, with the new faults.

        Where only bodies of pages have changed, the loaded site shows them, in another app that has kept no answer.
        What code of the site remembers of them is forgotten a little later, by a whole load for which nobody waits.
        """
        start, paths = time.perf_counter(), frozenset(paths)
        if self._later:
            self._later.cancel()
        if self._retells(paths):
            return News(paths, (), time.perf_counter() - start, retold=True)
        with self._loading:
            faults = self._swapped()
        return News(paths, faults, time.perf_counter() - start)

    def _retells(self, paths: frozenset[str]) -> bool:
        """Whether the loaded site tells the new texts, from now on; where not, it must be loaded again."""
        edition = self.edition
        if not paths or edition.app is None or edition.faults or not edition.app.site.takes_texts(paths):
            return False
        edition.app = edition.app.afresh()
        if edition.app.site.modules.can_remember:
            self._later = threading.Timer(LATER, self.reload)
            self._later.daemon = True
            self._later.start()
        return True

    def _swapped(self) -> tuple[Fault, ...]:
        """The faults of another load, which is the edition from now on if it can stand."""
        app, faults = _loaded(self.config, is_first=self.edition.app is None)
        with self._lock:
            old = self.edition
            if app is None:
                old.faults = faults
            else:
                self.edition = Edition(app, faults)
                old.retired = True
                _close_if_unused(old)
        return faults

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            edition = self.edition
            edition.users += 1
        assert edition.app is not None
        try:
            body = edition.app(environ, start_response)
        except BaseException:
            self._leave(edition)
            raise
        return ClosingIterator(body, lambda: self._leave(edition))

    def _leave(self, edition: Edition) -> None:
        with self._lock:
            edition.users -= 1
            _close_if_unused(edition)


def _close_if_unused(edition: Edition) -> None:
    if edition.retired and not edition.users and edition.app is not None:
        edition.app.site.modules.close()


def _loaded(config: Callable[[], Config], *, is_first: bool) -> tuple[App | None, tuple[Fault, ...]]:
    """What can stand of the site, and its faults. Whatever happens, the server goes on.

    The `is_first` load is quicker where there was one before in another process.
    """
    # What is loaded stays until the next load: to look through it for garbage takes as long as many answers.
    gc.unfreeze()
    try:
        settings = config()
        site, faults = load(settings, survey(settings.root) if is_first else None)
        return (App(site) if site is not None else None), faults
    except SiteError as error:
        return None, error.faults
    except Exception as error:
        log.exception("The site cannot be loaded")
        what = f"the site cannot be loaded: {type(error).__name__}: {error}".rstrip(".")
        return None, (Fault("load-failed", ".", what, "The terminal shows where"),)
    finally:
        gc.collect()
        gc.freeze()


def without_bytecode() -> None:
    """Have every module compiled from its text: cached bytecode is told by size and the second of the last change,
    and an author saves twice in one second."""
    sys.dont_write_bytecode = True
