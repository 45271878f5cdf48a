"""What `freeze` wrote, served as a plain static host serves it: files, `index.html`, `404.html`, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from engine.http.media_types import HTML, TEXT, media_type
from engine.http.ready import FileReady, Ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

INDEX = "index.html"
MISSING = "404.html"
NOTHING = b"404 NOT FOUND\n"


@dataclass(frozen=True, slots=True)
class StaticHost:
    """The files below `output`, an absolute directory, at the URLs below `base_path` (`""` or `/prefix`)."""

    output: str
    base_path: str = ""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            return self._answer(environ)(environ, start_response)
        except NotFound:  # removed by a freeze since it was looked up
            return self._missing()(environ, start_response)

    def _answer(self, environ: WSGIEnvironment) -> WSGIApplication:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "surrogateescape") or "/"
        if path == "/" and self.base_path:
            return _moved(f"{self.base_path}/", "")
        below = path.removeprefix(self.base_path)
        if self.base_path and (below == path or below[:1] not in ("", "/")):
            return self._missing()
        file = self._find(below)
        if file is None:
            return self._missing()
        if os.path.isdir(file):
            # One slash at the beginning: with two, the location would be another host.
            location = quote(f"/{path.strip('/')}/", errors="surrogateescape")
            return _moved(location, environ.get("QUERY_STRING", ""))
        return FileReady(file, media_type(file))

    def _find(self, path: str) -> str | None:
        """The file that answers a path, or the directory that would with a slash; `None` if there is neither."""
        if "\0" in path or any(part.startswith(".") and part != ".well-known" for part in path.split("/")):
            return None
        found = safe_join(self.output, path.strip("/"))
        if found is None or not self._is_inside(found):
            return None
        if not os.path.isdir(found):
            return found if os.path.isfile(found) and not path.endswith("/") else None
        index = os.path.join(found, INDEX)
        if not os.path.isfile(index):
            return None
        return index if path.endswith("/") else found

    def _is_inside(self, file: str) -> bool:
        """Whether a link in the output leads out of it."""
        root = os.path.realpath(self.output)
        return f"{os.path.realpath(file)}/".startswith(f"{root.rstrip('/')}/")

    def _missing(self) -> WSGIApplication:
        try:
            page = Path(self.output, MISSING).read_bytes()
            return Ready(page, [("Content-Type", HTML)], status=HTTPStatus.NOT_FOUND)
        except OSError:
            return Ready(NOTHING, [("Content-Type", TEXT)], status=HTTPStatus.NOT_FOUND)


def _moved(location: str, query: str) -> WSGIApplication:
    headers = [("Content-Type", TEXT), ("Location", f"{location}?{query}" if query else location)]
    return Ready(b"", headers, status=HTTPStatus.MOVED_PERMANENTLY)
