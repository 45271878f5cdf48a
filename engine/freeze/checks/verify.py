"""Replays every frozen answer against the app and a host. A difference that a visitor could see is a fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urljoin

from engine.app.app import App
from engine.errors import Fault
from engine.freeze.hosts.asking import Answer, ask, declared
from engine.freeze.hosts.emulator import Emulator
from engine.freeze.hosts.inventory import host_of
from engine.freeze.hosts.model import Capture, Deployment, Dynamic, Output, Redirect, filled
from engine.freeze.hosts.table import Host
from engine.routing.redirects import GONE
from engine.routing.table import Missing

EXAMPLE = "an-example"
"""What stands for each parameter of a redirect."""
ALIKE = {"application/javascript": "text/javascript", "image/vnd.microsoft.icon": "image/x-icon"}
"""Media types with two names (RFC 9239, §6; IANA's registration of image/vnd.microsoft.icon)."""


def verify(app: App, site: Deployment, root: str | Path, host: Host) -> list[Fault]:
    """Every difference between what `app` answers and what `host` would, from the files below `root`.

    Status, body, type, location and declared headers count, of pages, assets, redirects and error pages (but the
    headers of error pages, which no host takes from us). Behind a hybrid site stands `app`, and what it keeps must
    reach it. The rules are made for the host first, and what it does not take is a fault too.
    """
    made = host.make(site)
    if host.is_server:
        return made.faults
    emulator = Emulator(root, host.behaviour, host.read({**made.beside, **made.inside}), site, app)
    replay = _Replay(app, emulator, host)
    faults = list(made.faults)
    for dynamic in site.dynamic if site.hybrid else ():
        faults += replay.dynamic(dynamic)
    for output in (it for it in site.outputs if it.file not in made.inside):
        faults += replay.missing(output) if output.status == 404 else replay.page(output)
    for redirect in site.redirects if host.sends_redirects else ():
        faults += replay.redirect(redirect)
    for gone in site.gone if host.knows_gone else ():
        faults += replay.gone(gone)
    return faults


class _Replay:
    """Asks both, and compares."""

    def __init__(self, app: App, emulator: Emulator, host: Host) -> None:
        self._app = app
        self._emulator = emulator
        self._host = host
        self._name = host_of(app)

    def _ask(self, url: str) -> tuple[Answer, Answer]:
        return ask(self._app, url, host=self._name), ask(self._emulator, url, host=self._name)

    def page(self, output: Output) -> Iterator[Fault]:
        """A page or an asset, and its other spelling."""
        ours, theirs = self._ask(output.url)
        yield from self._compared(output.file, output.url, ours, theirs)
        other = output.url.rstrip("/") if output.url.endswith("/") else ""
        if other:
            ours, theirs = self._ask(other)
            if ours.status == 308:
                yield from self._moved(output.file, other, ours, theirs)

    def missing(self, output: Output) -> Iterator[Fault]:
        """An error page, at an address that nobody has."""
        url = f"{output.url}there-is-no-such-page-here/"
        path = unquote(url.removeprefix(self._app.config.base_path))
        if isinstance(self._app.site.routes.match(path), Missing):  # else a catch-all answers everything here
            yield from self._compared(output.file, url, *self._ask(url))

    def redirect(self, redirect: Redirect) -> Iterator[Fault]:
        """A redirect, with and without its last slash; one with parameters by an example of each."""
        example = {it.name: EXAMPLE for it in redirect.source if isinstance(it, Capture)}
        path, location = filled(redirect.source, example), filled(redirect.target, example)
        for url in dict.fromkeys((path + "/", path or "/")):
            ours, theirs = self._ask(url)
            if ours.header("Location") == location:
                # What a catch-all takes may end with a slash, and hosts differ in whether it belongs to it.
                loose = any(isinstance(it, Capture) and it.rest for it in redirect.source)
                yield from self._moved(redirect.file, url, ours, theirs, loose=loose)

    def gone(self, gone: Redirect) -> Iterator[Fault]:
        """An address that is gone, by the status alone: a frozen site has no page for it."""
        url = filled(gone.source, {it.name: EXAMPLE for it in gone.source if isinstance(it, Capture)})
        ours, theirs = self._ask(url or "/")
        if ours.status == GONE != theirs.status:
            yield self._differs(gone.file, url, "status", str(ours.status), str(theirs.status))

    def dynamic(self, dynamic: Dynamic) -> Iterator[Fault]:
        """A route of the server: no file of the output may answer it. It is not asked, as that may do something."""
        path = unquote(self._app.config.base_path) + dynamic.route
        if "[" not in path and "GET" in dynamic.methods and not self._emulator.is_passed_on(path):
            what = f"{path} is answered by a file on {self._host.title}, and not by the server"
            yield Fault("verify-differs", dynamic.source, what, "Rename one of the two")

    def _moved(
        self, file: str, url: str, ours: Answer, theirs: Answer, *, loose: bool = False
    ) -> Iterator[Fault]:
        expected = self._host.statuses.get(ours.status, ours.status)
        # A host that moves other spellings by itself says 301 for good, and we 308.
        if theirs.status not in (expected, ours.status, 301 if ours.status == 308 else expected):
            yield self._differs(file, url, "status", str(ours.status), str(theirs.status))
        there, here = (urljoin(url, it.header("Location")) for it in (theirs, ours))
        if there != here and not (loose and there.rstrip("/") == here.rstrip("/")):
            yield self._differs(file, url, "location", here, there)

    def _compared(self, file: str, url: str, ours: Answer, theirs: Answer) -> Iterator[Fault]:
        if ours.status != theirs.status:
            yield self._differs(file, url, "status", str(ours.status), str(theirs.status))
            return
        if ours.body != theirs.body:
            sizes = (f"{len(it.body):,} bytes" for it in (ours, theirs))
            yield self._differs(file, url, "body", *sizes)
        kinds = [_kind(it.header("Content-Type")) for it in (ours, theirs)]
        if kinds[0] != kinds[1]:
            yield self._differs(file, url, "type", *kinds)
        if self._host.sends_headers and ours.status == 200:
            for name in sorted({name for name, _ in declared(ours.headers)}):
                if (here := ours.header(name)) != (there := theirs.header(name)):
                    yield self._differs(file, url, name, here, there or "nothing")

    def _differs(self, file: str, url: str, what: str, ours: str, theirs: str) -> Fault:
        said = f"{url} has another {what} on {self._host.title}: {theirs}, and {ours} from the server"
        return Fault(
            "verify-differs", file, said, "Look at what the page reads, and at what the host is told"
        )


def _kind(value: str) -> str:
    """A media type for comparison: its other name, and its charset if it is not UTF-8."""
    kind, _, parameters = value.partition(";")
    kind = ALIKE.get(kind.strip().lower(), kind.strip().lower())
    charset = parameters.strip().lower()
    return kind if charset in ("", "charset=utf-8") else f"{kind}; {charset}"
