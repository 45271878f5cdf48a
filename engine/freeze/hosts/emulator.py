"""A host as a WSGI application: it answers frozen files by the rules that were written for it, read back from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote

from engine.freeze.hosts.model import INDEX, MISSING, RULES, Deployment, Header
from engine.freeze.hosts.rules import PASSED_ON, Rules
from engine.http.media_types import HTML, TEXT, media_type
from engine.routing.paths import is_sound, quote
from engine.routing.redirects import GONE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Moved(NamedTuple):
    """The other spelling of a path."""

    path: str
    status: int


class Names(Protocol):
    """What tells whether there is a file."""

    def has(self, path: str) -> bool:
        """Whether there is one of this path."""


class Files:
    """The files below the output, by their path with a slash before it."""

    def __init__(self, root: str | Path, site: Deployment) -> None:
        self.root = Path(root).resolve()
        self.site = site
        self._literal = {"/" + output.file for output in site.literal}

    def has(self, path: str) -> bool:
        """Whether there is such a file, and it is inside the output."""
        file = self.root / path.strip("/")
        return not path.endswith("/") and file.is_file() and file.resolve().is_relative_to(self.root)

    @cached_property
    def lowered(self) -> Mapping[str, str]:
        """The files by their names in small letters; of two that share one, that in small letters."""
        found = (it.relative_to(self.root).as_posix() for it in self.root.rglob("*") if it.is_file())
        return {f"/{it.lower()}": f"/{it}" for it in sorted(found)}

    def is_hidden(self, path: str) -> bool:
        """Whether no address of the site is this file: it is one of a page, or of the host."""
        name = path.lstrip("/")
        if path in self._literal:
            return False
        return self.site.is_page_file(name) or name in (MISSING, "_redirects", ".htaccess")

    def is_literal(self, path: str) -> bool:
        return path in self._literal


Finder = Callable[[Files, str], str | Moved | None]
"""The file that answers a decoded path, its other spelling, or nothing."""


def strict(files: Files, path: str) -> str | Moved | None:
    """A host whose configuration we write: it follows the site's own policy of slashes."""
    if not is_sound(path):
        return None
    page = path + INDEX if path.endswith("/") else path + ".html" if files.site.slash == "never" else path
    if files.site.slash == "never" and path.endswith("/") and path != "/":
        page = path
    if files.has(page) and not files.is_literal(page) and (page != path or not files.is_hidden(page)):
        return page
    if files.has(path) and not files.is_hidden(path):
        return path
    bare = path.rstrip("/")
    if files.site.slash == "always" and not path.endswith("/") and files.has(f"{path}/{INDEX}"):
        return Moved(path + "/", 308)
    if path.endswith("/") and bare and files.site.slash == "never" and files.has(bare + ".html"):
        return Moved(bare, 308)
    if path.endswith("/") and bare and files.has(bare) and not files.is_hidden(bare):
        return Moved(bare, 308)
    return None


def cloudfront(files: Files, path: str) -> str | Moved | None:
    """The CloudFront function, which sees names and no files: what does not look like a file is a page."""
    found = strict(files, path)
    looks_like_page = "." not in path.rpartition("/")[2] and not path.endswith("/")
    if found is None and files.site.slash == "always" and looks_like_page and is_sound(path):
        return Moved(path + "/", 308)
    return found


def cloudflare(files: Files, path: str) -> str | Moved | None:
    """developers.cloudflare.com/pages/configuration: names without suffix, 308 to them; its rules are no files."""
    if path.removeprefix("/") in RULES:
        return None
    if path.endswith("/"):
        if files.has(path + INDEX):
            return path + INDEX
        return Moved(path[:-1], 308) if files.has(path[:-1] + ".html") else None
    if files.has(path):
        if path.endswith("/" + INDEX):
            return Moved(path.removesuffix(INDEX), 308)
        bare = path.removesuffix(".html")
        return Moved(bare, 308) if bare not in (path, "/") and not files.has(bare) else path
    return _without_suffix(files, path, 308)


class _Lowered:
    """The files as Netlify keeps them: in small letters."""

    def __init__(self, files: Files) -> None:
        self._names = files.lowered

    def has(self, path: str) -> bool:
        return path in self._names


def netlify(files: Files, path: str) -> str | Moved | None:
    """docs.netlify.com, redirect options, "Trailing slash"; what it answers was observed in trailing-slash-guide.

    It keeps names in small letters, and sends visitors of pages to those (github.com/mdn/yari/issues/35).
    """
    kept, small = _Lowered(files), path.lower()
    if small.endswith("/") and not kept.has(small + INDEX):
        return Moved(small[:-1], 301) if kept.has(small[:-1] + ".html") else None
    found = github(kept, small)
    if not isinstance(found, str):
        return found
    return Moved(small, 301) if small != path and found.endswith(".html") else files.lowered[found]


def github(files: Names, path: str) -> str | Moved | None:
    """GitHub Pages, as observed in github.com/slorber/trailing-slash-guide: a page by its name without suffix."""
    if path.endswith("/"):
        return path + INDEX if files.has(path + INDEX) else None
    return path if files.has(path) else _without_suffix(files, path, 301)


def _without_suffix(files: Names, path: str, status: int) -> str | Moved | None:
    if files.has(path + ".html"):
        return path + ".html"
    return Moved(path + "/", status) if files.has(f"{path}/{INDEX}") else None


# mime-db's types, where they differ from the engine's own (docs.github.com, "MIME types on GitHub Pages").
MIME_DB = {
    "ico": "image/vnd.microsoft.icon",
    "js": "application/javascript; charset=utf-8",
    "mjs": "application/javascript; charset=utf-8",
    "yaml": "text/yaml; charset=utf-8",
    "yml": "text/yaml; charset=utf-8",
}


def mime_db(file: str) -> str:
    """The type that hosts with mime-db send for a file."""
    return MIME_DB.get(file.rpartition(".")[2].lower()) or media_type(file)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a host answers, beyond what its rules say. `nearest` looks for the page of 404 from below.

    With `asks_server`, what is no file goes to the server of a hybrid site without a rule that says so.
    """

    find: Finder
    nearest: bool = True
    asks_server: bool = True
    kind: Callable[[str], str] = mime_db


class Emulator:
    """Answers as the host would. `rules` are those that were read back; `server` stands behind a hybrid site."""

    def __init__(
        self,
        root: str | Path,
        behaviour: Behaviour,
        rules: Rules,
        site: Deployment,
        server: WSGIApplication | None = None,
    ) -> None:
        self._files = Files(root, site)
        self._behaviour = behaviour
        self._rules = rules
        self._site = site
        self._server = server if site.hybrid else None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace") or "/"
        if self._server and self.is_passed_on(path, environ["REQUEST_METHOD"]):
            return self._server(environ, start_response)
        status, headers, body = self._answer(path, environ.get("QUERY_STRING", ""))
        if status == HTTPStatus.OK and environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, headers, body = HTTPStatus.METHOD_NOT_ALLOWED, [("Content-Type", TEXT)], b"405\n"
        start_response(
            f"{status} {HTTPStatus(status).phrase}", [*headers, ("Content-Length", str(len(body)))]
        )
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def is_passed_on(self, path: str, method: str = "GET") -> bool:
        """Whether the server behind a hybrid site gets a request for a decoded path: no file answers it."""
        if not self._site.hybrid:
            return False
        below = self._below(path)
        is_file = bool(below) and isinstance(self._behaviour.find(self._files, below), str)
        rules = (it for it in self._rules.redirects if it.location(quote(path)) is not None)
        rule = next((it for it in rules if it.force or not is_file), None)
        if rule is not None:
            return rule.status == PASSED_ON
        return self._behaviour.asks_server and (not is_file or method not in ("GET", "HEAD"))

    def _answer(self, path: str, query: str) -> tuple[int, list[Header], bytes]:
        below = self._below(path)
        file = self._behaviour.find(self._files, below) if below else None
        if moved := self._redirect(quote(path), isinstance(file, str)):
            return moved
        if isinstance(file, Moved):
            location = self._site.base_path + quote(file.path) + (f"?{query}" if query else "")
            return file.status, [("Content-Type", HTML), ("Location", location)], b""
        if file is None:
            return self._missing(below)
        headers = {"Content-Type": self._behaviour.kind(file), **self._headers(quote(path))}
        return HTTPStatus.OK, list(headers.items()), (self._files.root / file.strip("/")).read_bytes()

    def _below(self, path: str) -> str:
        """The path without the site's prefix; empty outside of it."""
        base = unquote(self._site.base_path)
        return path.removeprefix(base) if path.startswith(base + "/") else ""

    def _redirect(self, path: str, is_file: bool) -> tuple[int, list[Header], bytes] | None:
        for rule in self._rules.redirects:
            location = rule.location(path)
            if location is None or (is_file and not rule.force):
                continue
            if rule.status == GONE:
                return GONE, [("Content-Type", TEXT)], b"410\n"
            if rule.status != PASSED_ON:
                return rule.status, [("Content-Type", HTML), ("Location", location)], b""
        return None

    def _headers(self, path: str) -> Mapping[str, str]:
        """What the rules say for a path: values of one header are joined, in order."""
        found: dict[str, str] = {}
        for rule in self._rules.headers:
            if rule.pattern.fullmatch(path):
                found[rule.name] = f"{found[rule.name]}, {rule.value}" if rule.name in found else rule.value
        return found

    def _missing(self, path: str) -> tuple[int, list[Header], bytes]:
        for folder in _up(path) if self._behaviour.nearest else ("/",):
            if self._files.has(folder + MISSING):
                body = (self._files.root / (folder + MISSING).strip("/")).read_bytes()
                return HTTPStatus.NOT_FOUND, [("Content-Type", HTML)], body
        return HTTPStatus.NOT_FOUND, [("Content-Type", TEXT)], b"404\n"


def _up(path: str) -> Iterator[str]:
    """The directories above a path, the nearest first, each with its last slash."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder + "/"
        folder = folder.rpartition("/")[0]
    yield "/"
