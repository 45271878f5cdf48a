"""The page that shows the faults of a site where the site itself cannot be shown."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug.test import run_wsgi_app

from engine.dev.hosts import refuse
from engine.dev.live import Live
from engine.errors import Fault, SiteError, sentence

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STYLE = Path(__file__).with_name("overlay.css")
log = logging.getLogger("engine")

AROUND = 3
"""Lines shown before and after the one at fault."""
LARGEST = 2 << 20
"""Bytes of a file of which an excerpt is shown."""
STATUS = "500 INTERNAL SERVER ERROR"


class Overlay:
    """Answers a browser's request for a page with the faults of the site while it has any, and with those that
    answering raises. All else goes to `app`: what still stands of the site. Who asks it for what does not, as a
    program for a page at fault, gets the faults as text."""

    def __init__(self, app: WSGIApplication, live: Live, root: str) -> None:
        self._app = app
        self._live = live
        self._root = Path(root).resolve()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        faults = self._live.faults
        if self._live.app is None or (faults and wants_page(environ)):
            return self._show(faults, environ, start_response)
        try:
            if not faults:
                return self._app(environ, start_response)
            body, status, headers = run_wsgi_app(self._app, environ)
            if not status.startswith("404"):
                start_response(status, list(headers))
                return body
            _close(body)
            return self._show(faults, environ, start_response)
        except SiteError as error:
            log.error("%s", error)
            known = (fault for fault in faults if fault not in error.faults)
            return self._show((*error.faults, *known), environ, start_response)

    def _show(
        self, faults: tuple[Fault, ...], environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if not wants_page(environ):
            return refuse(start_response, STATUS, "\n".join(map(str, faults)))
        page = fault_page(faults, self._root).encode("utf-8", "replace")
        headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))]
        start_response(STATUS, [*headers, ("Cache-Control", "no-store")])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page]


def _close(body: Iterable[bytes]) -> None:
    if callable(close := getattr(body, "close", None)):
        close()


def wants_page(environ: WSGIEnvironment) -> bool:
    """Whether a browser asks for something to show in a window (Fetch standard, §3.2: `Sec-Fetch-Dest`)."""
    if "text/html" not in environ.get("HTTP_ACCEPT", ""):
        return False
    return environ.get("HTTP_SEC_FETCH_DEST", "document") in ("document", "iframe", "frame", "empty")


def fault_page(faults: Iterable[Fault], root: Path) -> str:
    """A whole HTML page that lists the faults, each with the lines around it."""
    listed = list(faults)
    count = f"{len(listed)} fault{'' if len(listed) == 1 else 's'}"
    items = "\n".join(_item(fault, root) for fault in listed)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{count} · {escape(root.name)}</title>
<style>
{STYLE.read_text("utf-8")}</style>
</head>
<body>
<main>
<h1>{count} in {escape(root.name)}</h1>
<p class="note">This page goes away by itself once the site is mended.</p>
<ol>
{items}
</ol>
</main>
</body>
</html>
"""


def _item(fault: Fault, root: Path) -> str:
    place = ":".join(str(part) for part in (fault.file, fault.line, fault.column) if part is not None)
    hint = f'<p class="hint">{escape(sentence(fault.hint))}</p>' if fault.hint else ""
    return f"""<li>
<h2>{escape(place)}</h2>
<p class="what">{escape(sentence(fault.what))}</p>
{hint}{_excerpt(fault, root)}
<p class="code">{escape(fault.code)}</p>
</li>"""


def _excerpt(fault: Fault, root: Path) -> str:
    """The lines around the fault, where it has a line in a file of the site."""
    lines = _lines(root / fault.file, root) if fault.line else []
    if not lines or fault.line is None or fault.line > len(lines):
        return ""
    first = max(fault.line - AROUND, 1)
    shown = enumerate(lines[first - 1 : fault.line + AROUND], first)
    return "<pre>" + "".join(_line(number, text, fault) for number, text in shown) + "</pre>"


def _line(number: int, text: str, fault: Fault) -> str:
    row = f'<span class="number">{number:>5} </span>{escape(text)}\n'
    if number != fault.line:
        return row
    marked = f"<mark>{row}</mark>"
    if fault.column is None or fault.column > len(text) + 1:
        return marked
    # Tabs before the place are kept, so that the caret stands below it whatever their width.
    indent = "".join(character if character == "\t" else " " for character in text[: fault.column - 1])
    return f'{marked}<span class="caret">      {indent}^</span>\n'


def _lines(file: Path, root: Path) -> list[str]:
    """The lines of a file of the site; none where it is not one, or not a text that one reads."""
    try:
        real = file.resolve()
        if not real.is_relative_to(root) or real.stat().st_size > LARGEST:
            return []
        return list(_text_lines(real.read_text("utf-8-sig", "replace")))
    except (OSError, ValueError):
        return []


def _text_lines(text: str) -> Iterator[str]:
    # Not `splitlines`, which also ends a line at characters that no editor counts.
    yield from text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
