"""Relative links in Markdown name files of the site; here they become the URLs of these files."""

from __future__ import annotations

import difflib
import posixpath
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from urllib.parse import unquote

from engine.errors import Fault, SiteError
from engine.trace import depend

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # RFC 3986 3.1
PARTS = re.compile(r"([^?#]*)(.*)", re.DOTALL)
SOURCE_SUFFIXES = (".md", ".markdown", ".html", ".py", ".jinja")
"""A relative link that ends so is meant as a file, and has to exist."""

INDEXES = (*(f"index{suffix}" for suffix in SOURCE_SUFFIXES), "README.md")
"""What a link to a directory means: its index, else what code hosts show for it."""

FULL = ("https://", "http://")
"""What most links that need no look begin with."""

ROOT_MARK = "@/"
"""What a path from the root of the pages begins with that has to be a file, as Zola writes it."""

MADE_BY = (".py", ".jinja")
"""`feed.xml` is made by the file `feed.xml.py` or `feed.xml.jinja`."""


def _no_names(_: str) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class SourceLinks:
    """Resolves the links of the Markdown file `source_path`, which is relative to the site, as all paths here.

    `url_of` gives the URL of a page or asset below the site's root, percent-encoded and without `base_path`, and
    `None` for what has no one URL (a draft, a private file, a route with parameters). `exists` says whether there is
    such a file. `names` lists the paths of the files in a directory, to find the one that was meant. `known` and
    `rooted` keep what was found, for all files of a site.
    """

    source_path: str
    url_of: Callable[[str], str | None]
    exists: Callable[[str], bool]
    base_path: str = ""
    names: Callable[[str], Iterable[str]] = _no_names
    known: dict[tuple[str, bool], str | None] = field(default_factory=dict)
    rooted: dict[str, str | None] = field(default_factory=dict)

    def __call__(self, href: str, line: int) -> str:
        """The same as `resolve`."""
        return self.resolve(href, line)

    def resolve(self, href: str, line: int) -> str:
        """The URL to write for `href`, as it stands on `line` of the file.

        URLs with a scheme or a host, `#fragment` and `?query` stay as they are; a path from the root gets `base_path`;
        a relative path to a file, with its suffix or without, or to a directory with an index becomes that page's
        URL, its query and fragment kept. Other relative paths stay: they are URLs. Raises `SiteError` (`dead-link`,
        `link-outside`).
        """
        if href.startswith(FULL):
            return href
        parts = PARTS.match(href)
        assert parts is not None  # both groups may be empty
        path, rest = parts.groups()
        if not path or path.startswith("//") or SCHEME.match(href):
            return href
        is_rooted = path.startswith("/")
        depend("link", self._root if is_rooted else self.source_path, path)
        if is_rooted:
            url = self._rooted(path)
            return (self.base_path + path if url is None else url) + rest
        target = self._target(path, line)
        url = self._url(target, path)
        if url is not None:
            return url + rest
        if path.lower().endswith(SOURCE_SUFFIXES):
            raise SiteError(self._dead(path, target, line))
        return href

    def _url(self, target: str, path: str) -> str | None:
        """The URL of the file `target`, which a link calls `path`; of the page that it is without its suffix or is
        the output of; or of the directory's index."""
        key = (target, path.endswith("/"))
        if key not in self.known:
            self.known[key] = self._found(*key)
        return self.known[key]

    def _rooted(self, path: str) -> str | None:
        if path not in self.rooted:
            self.rooted[path] = self._url(self._from_root(path), path)
        return self.rooted[path]

    def _found(self, target: str, is_directory: bool) -> str | None:
        suffixes = MADE_BY if is_directory else SOURCE_SUFFIXES
        candidates = [
            target,
            *(target + suffix for suffix in suffixes),
            *(f"{target}/{name}" for name in INDEXES),
        ]
        for candidate in candidates:
            url = self.url_of(candidate) if self.exists(candidate) else None
            if url is not None:
                return self.base_path + url
        return None

    def _from_root(self, path: str) -> str:
        """The path of the file that `path`, which begins with `/`, names below the pages."""
        return (self._root + posixpath.normpath("/" + _decoded(path).strip("/"))).rstrip("/")

    def _target(self, path: str, line: int) -> str:
        """The path of the file that the relative `path` names."""
        named = _decoded(path)
        from_root = named.startswith(ROOT_MARK)
        folder = self._root if from_root else posixpath.dirname(self.source_path)
        target = posixpath.normpath(posixpath.join(folder, named.removeprefix(ROOT_MARK)))
        if target != self._root and not target.startswith(f"{self._root}/"):
            what = f"links to `{unquote(path)}`, which is outside {self._root}/"
            hint = "A link is relative to its file; a URL of the site begins with /"
            raise SiteError(Fault("link-outside", self.source_path, what, hint, line))
        return target

    @property
    def _root(self) -> str:
        return self.source_path.partition("/")[0]

    def _dead(self, path: str, target: str, line: int) -> Fault:
        if self.exists(target):
            what = f"links to `{unquote(path)}`, which has no URL of its own"
            hint = "It is a draft, private, an error page, at fault, or has parameters; write the URL that you mean"
            return Fault("dead-link", self.source_path, what, hint, line)
        what = f"links to `{unquote(path)}`, which does not exist"
        return Fault("dead-link", self.source_path, what, self._meant(target), line)

    def _meant(self, target: str) -> str:
        """A hint with the file of the nearest name in the directory of `target`, else with what to do."""
        folder, name = posixpath.split(target)
        names = sorted({posixpath.basename(path) for path in self.names(folder)})
        near = difflib.get_close_matches(name, names, 1)
        if not near:
            return "Correct the link, or make the file"
        start = posixpath.dirname(self.source_path)
        return f"The nearest name is `{posixpath.relpath(posixpath.join(folder, near[0]), start)}`"


@dataclass(frozen=True, slots=True)
class SiteLinks:
    """Where the links of a site lead: the URL of each file that has one, by path, and the paths of all `others`."""

    urls: Mapping[str, str]
    others: Collection[str]
    base_path: str = ""
    _known: dict[tuple[str, bool], str | None] = field(default_factory=dict)
    _rooted: dict[str, str | None] = field(default_factory=dict)

    def of(self, path: str) -> SourceLinks:
        """The links of one Markdown file."""
        return SourceLinks(
            path,
            self.urls.get,
            self._exists,
            self.base_path,
            self._names,
            self._known,
            self._rooted,
        )

    def _exists(self, path: str) -> bool:
        return path in self.urls or path in self.others

    def _names(self, folder: str) -> list[str]:
        return [path for path in chain(self.urls, self.others) if path.rpartition("/")[0] == folder]


def _decoded(path: str) -> str:
    """The path as a file name: percent-decoded, NFC."""
    return unicodedata.normalize("NFC", unquote(path))
