"""Asks the app for one target, writes what it answers into the stage, looks for links in it: each a step by itself."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from engine.app.app import App
from engine.errors import EngineError, Fault, SiteError
from engine.freeze.asking import crawl
from engine.freeze.asking.addresses import Addresses
from engine.freeze.incremental.bodies import Place, note_body
from engine.freeze.plain import packed
from engine.freeze.publish.stage import Stage
from engine.freeze.secrets import Scan, Secret
from engine.freeze.target import Link, Result, Target
from engine.http.media_types import media_type
from engine.http.outgoing import Response
from engine.rendering.renderer import Kept
from engine.routing.table import Found
from engine.trace import Dependencies, Touch, Trace, collecting, depend
from engine.views.blame import said, way_out

SAYS = {
    "session": "reads the session",
    "cookies": "reads cookies",
    "headers": "reads the headers of the request",
    "query": "reads the query string",
    "body": "reads the body of the request",
    "host": "reads the host of the request",
    "address": "reads the address of the visitor",
    "nonce": "asks for a nonce",
    "path": "reads the path of the request",
}
CRAWLED = {
    "text/html": crawl.in_html,
    "application/xhtml+xml": crawl.in_html,
    "text/css": crawl.in_css,
}
LEAVE = "Say `freeze = False` to leave the page to the server"
EITHER = (
    "Say `freeze = True` to freeze what it reads now, or `freeze = False` to leave the page to the server"
)
HINTS = {"host": "Set base_url in site.toml and use url_for(…, _external=True), or say `freeze = False`"}


class Keeping(NamedTuple):
    """How answers are kept: where they go, what their links mean, what must not be in them."""

    stage: Stage
    addresses: Addresses
    secrets: tuple[Secret, ...]


class Answer(NamedTuple):
    """What a target was answered with. `body` is that of a sound page, `kept` its rendered Markdown, where it has any.

    There is no body where there is nothing to write, or a large file is written already.
    """

    result: Result
    body: bytes | None = None
    mimetype: str = ""
    kept: Kept | None = None


def ask(app: App, target: Target, keeping: Keeping) -> Answer:
    """What `target` is answered with."""
    environ, modules = environ_for(app, target), app.site.modules
    with collecting() as dependencies:
        modules.depend_on("app.py")
        return _asked(app, target, environ, keeping, dependencies)


def _asked(
    app: App, target: Target, environ: dict[str, Any], keeping: Keeping, dependencies: Dependencies
) -> Answer:
    depend("match", target.path)
    response, trace = app.observe(environ)
    with closing(response):
        if trace.error is not None:
            # Whoever freezes a page with a session needs no key for it, and is told what is wrong with the page.
            is_session = type(trace.error) is EngineError and _visitor_faults(app, target, trace, response)
            return Answer(Result(target, faults=is_session or raised(app, target, trace.error)))
        if 300 <= response.status_code < 400 and response.location:
            faults = _visitor_faults(app, target, trace, response)
            moved = None if faults else (response.location, response.status_code)
            return Answer(Result(target, faults=faults, redirect=moved, dependencies=tuple(dependencies)))
        return _kept(app, target, trace, response, keeping, dependencies)


def _kept(
    app: App,
    target: Target,
    trace: Trace,
    response: Response,
    keeping: Keeping,
    dependencies: Dependencies,
) -> Answer:
    mimetype = response.mimetype or ""
    is_large = response.direct_passthrough and mimetype not in CRAWLED
    try:
        body = b"" if is_large else _body(response)
    except Exception as error:  # the generator of a streamed body is the site's code
        return Answer(Result(target, faults=raised(app, target, error)))
    faults = (*_visitor_faults(app, target, trace, response), *_answer_faults(target, response, mimetype))
    if faults:
        status = 0 if response.status_code == target.status else response.status_code
        return Answer(Result(target, faults=(*faults, *trace.faults), status=status))
    for fault in trace.faults:  # its line may change where no text does
        depend("file", fault.file)
    result = Result(target, faults=tuple(trace.faults))
    if is_large:
        result = _stored(result, response.iter_encoded(), keeping)
    result = result._replace(dependencies=tuple(dependencies))
    return Answer(result, None if is_large else body, mimetype, app.site.renderer.kept(target.source))


def written(answer: Answer, keeping: Keeping) -> Answer:
    """The answer with its file in the stage; one that is at fault is not there."""
    if answer.body is None:
        return answer
    result = _stored(answer.result, [answer.body], keeping)
    return answer._replace(result=result, body=answer.body if result.digest else None)


def _stored(result: Result, body: Iterable[bytes], keeping: Keeping) -> Result:
    """The result of a page whose body is in the stage, unless it holds a secret."""
    target, scan = result.target, Scan(keeping.secrets)
    digest, size = keeping.stage.write(target.output, scan.through(body))
    if scan.found:
        keeping.stage.discard(target.output)
        return Result(target, faults=scan.faults(target.url, target.source))
    return result._replace(digest=digest, size=size)


def looked_through(answer: Answer, addresses: Addresses) -> Result:
    """The result of a written answer with the links and ids in it, and the place of its body."""
    result, body, mimetype, kept = answer
    if not body:
        return result
    place = Place.of(kept, body) if kept else None
    found, target = _found(body, mimetype, place), result.target
    links = [link for link in addresses.links(target, found) if not _is_own(link, target)]
    return result._replace(
        links=tuple(links),
        anchors=packed(found.ids),
        body=note_body(place, result.dependencies) if place else b"",
    )


def _is_own(link: Link, target: Target) -> bool:
    """Whether a link leads to the page that it stands on, as the canonical one: that is always right."""
    return link.path == target.path and link.inside and not link.fragment


def _body(response: Response) -> bytes:
    response.direct_passthrough = False
    return response.get_data()


def environ_for(app: App, target: Target) -> dict[str, Any]:
    """The WSGI environ (PEP 3333) of a plain GET, as the site's own address sends it."""
    path = (
        target.path
        if target.path.isascii()
        else target.path.encode("utf-8", "surrogateescape").decode("latin-1")
    )
    return {**_environ(app.site.config.base_url), "PATH_INFO": path, "wsgi.input": io.BytesIO()}


@cache
def _environ(base_url: str) -> dict[str, Any]:
    """What is the same in every request."""
    scheme, _, rest = base_url.partition("://") if base_url else ("http", "", "localhost")
    host, _, port = rest.partition("/")[0].partition(":")
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "QUERY_STRING": "",
        "SERVER_NAME": host,
        "SERVER_PORT": port or ("443" if scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": f"{host}:{port}" if port else host,
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _found(body: bytes, mimetype: str, place: Place | None) -> crawl.Found:
    """What a text holds. Of the rendered Markdown in it the renderer may know that already."""
    read = CRAWLED.get(mimetype)
    if read is None:
        return crawl.Found((), frozenset())
    if place and read is crawl.in_html and (marks := place.kept.body.marks):
        before, after = (body[: place.start], body[place.start + len(place.html) :])
        inner = crawl.of_attributes(*marks)
        found = crawl.around(before.decode("utf-8", "replace"), inner, after.decode("utf-8", "replace"))
        if found is not None:
            return found
    return read(body.decode("utf-8", "replace"))


def raised(app: App, target: Target, error: BaseException) -> tuple[Fault, ...]:
    """What the site's code raised, as faults at the innermost line of the site."""
    if isinstance(error, SiteError):
        return error.faults
    place = app.site.modules.fault(error, target.source)
    what = f"{target.url} failed: {type(error).__name__}: {said(error)}".rstrip(": ")
    return (Fault("page-failed", place.file, what, way_out(error), place.line),)


def _visitor_faults(app: App, target: Target, trace: Trace, response: Response) -> tuple[Fault, ...]:
    touches = list(trace.visitor)
    if target.status == 404 and "path" in trace.touches:
        touches.append(trace.touches["path"])
    faults = [_touched(app, target, touch) for touch in touches]
    if trace.changing and not _says_static(app, target):
        faults += (_changing(app, target, touch) for touch in trace.changing.values())
    names = response.names()
    if "set-cookie" in names and not any(touch.what == "session" for touch in touches):
        faults.append(Fault("freeze-cookie", target.source, f"{target.url} sets a cookie", LEAVE))
    if not touches and "cache-control" in names and response.cache_control.private:
        faults.append(
            Fault("freeze-private", target.source, f"{target.url} is marked private by Cache-Control", LEAVE)
        )
    return tuple(faults)


def _touched(app: App, target: Target, touch: Touch) -> Fault:
    what = f"{target.url} {SAYS[touch.what]}, so that it would differ from visitor to visitor"
    file, line = _place(app, target, touch)
    return Fault("freeze-visitor", file, what, HINTS.get(touch.what, LEAVE), line)


def _changing(app: App, target: Target, touch: Touch) -> Fault:
    what = f"{target.url} reads {touch.what}, which changes without any file of the site"
    file, line = _place(app, target, touch)
    return Fault("freeze-changing", file, what, EITHER, line)


def _says_static(app: App, target: Target) -> bool:
    """Whether a page asserts that it can be frozen."""
    match = app.site.routes.match(target.path)
    if isinstance(match, Found):
        view = app.site.views.get(match.route.id)
    else:
        view = app.site.error_view(app.site.tree.path, target.status)
    return view is not None and view.freeze is True


def _place(app: App, target: Target, touch: Touch) -> tuple[str, int | None]:
    """The file of the site and the line of a touch."""
    file, root = touch.file, Path(app.config.root)
    place = (
        Path(file).relative_to(root).as_posix() if file and Path(file).is_relative_to(root) else target.source
    )
    return place, touch.line if place != target.source or file else None


def _answer_faults(target: Target, response: Response, mimetype: str) -> tuple[Fault, ...]:
    if response.status_code != target.status:
        what = f"{target.url} answers {response.status_code}, not {target.status}"
        return (Fault("freeze-status", target.source, what, LEAVE),)
    expected = media_type(target.output).partition(";")[0]
    if mimetype != expected and target.status == 200:
        what = f"{target.url} is {mimetype or None}, but a host would send {target.output} as {expected}"
        hint = "Give the page a name with the suffix of its type, as data.json.py"
        return (Fault("freeze-type", target.source, what, hint),)
    return ()
