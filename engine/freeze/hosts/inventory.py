"""Reads the values that hosts need out of an app and the list of its frozen files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from engine.app.app import App
from engine.freeze.hosts.asking import ask, declared
from engine.freeze.hosts.model import (
    INDEX,
    MISSING,
    RULES,
    Address,
    Capture,
    Deployment,
    Dynamic,
    Header,
    Output,
    Redirect,
)
from engine.freeze.plan import make_plan
from engine.http.defaults import DefaultHeaders
from engine.http.media_types import HTML
from engine.routing.paths import quote, quote_reference
from engine.routing.redirects import GONE
from engine.routing.route import Route
from engine.routing.segments import Param, Static
from engine.routing.shapes import AFFIXED, PLAIN, REST
from engine.routing.table import Found
from engine.views.redirect import GoneView, RedirectView


def inventory(app: App, files: Iterable[str], **options: Any) -> Deployment:
    """The deployment of `files`, frozen from the site of `app`; `options` are further fields of it."""
    # An author's own `_redirects` has our rules in it by now, and is no answer of the app any more.
    answers = sorted(set(files) - {"_redirects"})
    found = [it for file in answers if (it := _frozen(app, file)) is not None]
    outputs, everywhere = _divided(
        [it for it in found if isinstance(it, Output)], DefaultHeaders(app.config.headers).plain
    )
    redirects = [it for it in found if isinstance(it, Redirect)]
    for view in _redirect_views(app):
        if (address := _address(app, view.redirect.route)) is not None:
            redirects.append(Redirect(address, _target(app, view), view.redirect.code, view.source))
    return replace(
        rest(app, make_plan(app).open),
        outputs=outputs,
        everywhere=everywhere,
        redirects=tuple(sorted(redirects, key=lambda it: (not it.is_static, str(it.source)))),
        gone=tuple(sorted(_gone(app), key=lambda it: (not it.is_static, str(it.source)))),
        slash=app.config.slash,
        name=app.config.name,
        own=dict(_own(app)),
        **options,
    )


def _divided(
    outputs: Iterable[Output], defaults: Iterable[Header]
) -> tuple[tuple[Output, ...], tuple[Header, ...]]:
    """The outputs without those headers that all of them have, and these."""
    every = tuple(outputs)
    pages = [it.headers for it in every if it.status == 200]
    shared = tuple(header for header in defaults if all(header in headers for headers in pages))
    bare = (
        replace(it, headers=tuple(header for header in it.headers if header not in shared)) for it in every
    )
    return tuple(bare), shared


def rest(app: App, open: Collection[str]) -> Deployment:
    """What stays with the server, for which no page is asked; `open` are the ids of routes that nobody enumerates."""
    unruly = (it for it in _redirect_views(app) if _address(app, it.redirect.route) is None)
    return Deployment(
        (),
        unruly=tuple(sorted((it.redirect.route.id, it.source) for it in unruly)),
        dynamic=tuple(_dynamic(app)),
        open=tuple(_routes(app, (it for it in app.site.routes.routes if it.id in open))),
        base_path=app.config.base_path,
        server=app.config.deploy.server,
    )


def _own(app: App) -> Iterator[tuple[str, str]]:
    for name in RULES:
        answer = ask(app, f"{app.config.base_path}/{name}", host=host_of(app))
        if answer.status == 200:
            yield name, answer.body.decode("utf-8", "replace").rstrip() + "\n"


def host_of(app: App) -> str:
    """A host name that the app answers to."""
    if app.config.base_url:
        return app.config.base_url.partition("://")[2].partition("/")[0]
    return app.config.trusted_hosts[0].lstrip(".") if app.config.trusted_hosts else "localhost"


def _frozen(app: App, file: str) -> Output | Redirect | None:
    """The answer behind a frozen file; `None` for a file that is no answer, as a list of rules."""
    for path in _paths(file, app.config.slash):
        match = app.site.routes.match(path)
        if isinstance(match, Found):
            if isinstance(app.site.views.get(match.route.id), RedirectView):
                return None
            return _answer(app, file, path, match.route)
    if file.rpartition("/")[2] == MISSING:
        folder = file.removesuffix(MISSING)
        return Output(file, f"{app.config.base_path}/{quote(folder)}", HTML, 404)
    return None


def _answer(app: App, file: str, path: str, route: Route) -> Output | Redirect | None:
    url = app.config.base_path + quote(path)
    answer = ask(app, url, host=host_of(app))
    if answer.status == 200:
        return Output(file, url, answer.header("Content-Type"), 200, declared(answer.headers))
    if location := answer.header("Location"):
        return Redirect((url.rstrip("/"),), (location,), answer.status, route.source)
    return None


def _paths(file: str, slash: str) -> Iterator[str]:
    """The decoded paths that a frozen file may answer, the likelier first."""
    if file.rpartition("/")[2] == INDEX:
        yield "/" + file.removesuffix(INDEX)
    if slash == "never" and file.endswith(".html"):
        yield "/" + file.removesuffix(".html")
    yield "/" + file


def _gone(app: App) -> Iterator[Redirect]:
    """The addresses that are said to be gone, where a rule can express them; all others are merely not there."""
    for route in app.site.routes.routes:
        view = app.site.views.get(route.id)
        if isinstance(view, GoneView) and (address := _address(app, route)) is not None:
            yield Redirect(address, (), GONE, view.source)


def _redirect_views(app: App) -> Iterator[RedirectView]:
    return (view for view in app.site.views.values() if isinstance(view, RedirectView))


def _address(app: App, route: Route) -> Address | None:
    """The pieces of a route; `None` where a host would need to know types, or what comes after a catch-all."""
    parts: list[str | Capture] = [app.config.base_path]
    for segment in route.segments:
        parts.append("/")
        if isinstance(segment, Static):
            parts.append(quote(segment.text))
        elif segment.rank == REST and segment is route.segments[-1]:
            parts.append(Capture(segment.names[0], rest=True))
        elif segment.rank in (PLAIN, AFFIXED) and not any(slot.converter for slot in segment.slots):
            parts += _affixed(segment)
        else:
            return None
    return _joined(parts)


def _affixed(segment: Param) -> Iterator[str | Capture]:
    for text, name in zip(segment.texts, [*segment.names, ""], strict=True):
        yield quote(text)
        if name:
            yield Capture(name)


def _target(app: App, view: RedirectView) -> Address:
    base = app.config.base_path if view.redirect.target[0] == "/" else ""
    slots = {
        part.name: part for part in (_address(app, view.redirect.route) or ()) if isinstance(part, Capture)
    }
    parts = (quote_reference(it) if isinstance(it, str) else slots[it.name] for it in view.redirect.parts)
    return _joined([base, *parts])


def _joined(parts: Iterable[str | Capture]) -> Address:
    """Neighbouring texts as one, and none that is empty."""
    joined: list[str | Capture] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, str) and isinstance(last, str):
            joined[-1] = last + part
        elif part != "":
            joined.append(part)
    return tuple(joined)


def _dynamic(app: App) -> Iterator[Dynamic]:
    for route in app.site.routes.routes:
        view = app.site.views.get(route.id)
        if view is not None and view.freeze is False and not isinstance(view, RedirectView | GoneView):
            yield from _routes(app, [route])


def _routes(app: App, routes: Iterable[Route]) -> Iterator[Dynamic]:
    for route in routes:
        view = app.site.views[route.id]
        yield Dynamic(unquote(app.site.routes.canonical(route)), tuple(view.methods), view.source)
