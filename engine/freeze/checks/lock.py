"""The URLs that were published: `urls.lock`, so that no freeze drops one by accident.

A line is a URL without the site's prefix and the digest of what was there. A URL of the lock stands if there is a page,
a file or a redirect at it, or if it is said to be gone. Where it does not, the same content at another URL is its
new place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from engine.app.app import App
from engine.errors import Fault, SiteError
from engine.freeze.target import Result
from engine.http.media_types import media_type
from engine.routing.table import Found, Moved
from engine.views.redirect import GoneView, RedirectView

FILE = "urls.lock"
HEAD = "# The URLs that were published. `engine freeze --lock` writes them down. Commit this file.\n"
SHORT = 16
"""Hexadecimal digits of a digest."""
PARTS = ("text/css", "text/javascript", "font/", "application/json+map")
"""Media types of what pages are made of: nobody keeps a link to it."""

_LINE = re.compile(rf"(/\S*) ([0-9a-f]{{{SHORT}}})")


class Locked(NamedTuple):
    """One URL of the lock: its path, percent-encoded, the digest of what was there, and its line, from 1."""

    url: str
    digest: str
    line: int


def read_lock(root: str) -> list[Locked] | None:
    """The URLs of the lock; `None` where the site has none. Raises `SiteError` for each line that is none."""
    try:
        text = Path(root, FILE).read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SiteError(
            Fault("bad-lock", FILE, f"cannot be read: {error}", "Take it from history")
        ) from error
    locked: list[Locked] = []
    faults: list[Fault] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if match := _LINE.fullmatch(line.rstrip()):
            locked.append(Locked(match[1], match[2], number))
        else:
            what = "this is no URL of the site with the digest of what was there"
            faults.append(Fault("bad-lock", FILE, what, "Take the line from history, or remove it", number))
    if faults:
        raise SiteError(faults)
    return locked


def check_lock(
    app: App, locked: Iterable[Locked], results: Mapping[str, Result], *, hybrid: bool
) -> list[Fault]:
    """A fault for each URL of the lock that nothing stands at any more, with the way out."""
    locked = list(locked)
    dropped = [it for it in locked if not _stands(app, unquote(it.url), results, hybrid=hybrid)]
    if not dropped:
        return []
    known = {it.url for it in locked}
    fresh = {url: digest for url, digest in published(app, results.values()).items() if url not in known}
    sources = {_path(app, result): result.target.source for result in results.values()}
    faults = []
    for it in dropped:
        now = [url for url, digest in fresh.items() if digest == it.digest]
        faults.append(_dropped(it, now[0], sources[now[0]]) if len(now) == 1 else _lost(it))
    return faults


def _stands(app: App, path: str, results: Mapping[str, Result], *, hybrid: bool) -> bool:
    result = results.get(path)
    if path in app.site.left_out or (result and (result.digest or result.redirect or result.faults)):
        return True  # or there will be one, when the fault of the page is mended
    match = app.site.routes.match(path)
    if isinstance(match, Moved):
        return _stands(app, unquote(match.location), results, hybrid=hybrid)
    if not isinstance(match, Found):
        return False
    return isinstance(app.site.views.get(match.route.id), (RedirectView, GoneView)) or (
        hybrid and result is None
    )


def _dropped(locked: Locked, now: str, source: str) -> Fault:
    old = unquote(locked.url)
    where = f"`aliases: [{old}]` to {source}"
    if not source.endswith((".md", ".html")):
        where = f'`"{old}" = "{unquote(now)}"` to [redirects] in site.toml'
    hint = f"What was there is at {now} now: add {where}"
    return Fault("url-dropped", FILE, _what(locked), hint, locked.line)


def _lost(locked: Locked) -> Fault:
    hint = f'Redirect it in site.toml, or say `"{unquote(locked.url)}" = 410` there'
    return Fault("url-dropped", FILE, _what(locked), hint, locked.line)


def _what(locked: Locked) -> str:
    return f"{locked.url} was published, and nothing is there any more"


def published(app: App, results: Iterable[Result]) -> dict[str, str]:
    """What is to be locked: URLs, each with the digest of its content, which is that of the body of a page."""
    bodies = {page.source.path: page.body_digest.hex() for page in app.site.pages}
    return {
        _path(app, result): bodies.get(result.target.source, result.digest)[:SHORT]
        for result in results
        if result.digest and result.target.status == 200 and not _is_part(result)
    }


def _is_part(result: Result) -> bool:
    return media_type(result.target.output).startswith(PARTS) or result.target.output.startswith("_")


def _path(app: App, result: Result) -> str:
    return result.target.url.removeprefix(app.config.base_path) or "/"


def write_lock(root: str, locked: Iterable[Locked], urls: Mapping[str, str]) -> None:
    """Lock `urls` too. What was locked stays so: a redirect stands at it now. Raises `SiteError`."""
    merged = {**{it.url: it.digest for it in locked}, **urls}
    path = Path(root, FILE)
    fresh = path.with_suffix(".lock.new")
    try:
        fresh.write_text(
            HEAD + "".join(f"{url} {digest}\n" for url, digest in sorted(merged.items())), "utf-8"
        )
        fresh.replace(path)
    except OSError as error:
        raise SiteError(
            Fault(
                "output-unwritable", FILE, f"cannot be written: {error.strerror}", "The old one is untouched"
            )
        ) from error
