"""Where in the sources of a site a link stands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

from engine.app.app import App
from engine.errors import SiteError
from engine.views.page import PageView
from engine.views.view import View

DESTINATION = re.compile(
    r"""(?:\]\([ \n]*<?|\[[^\]\n]+\]:[ \n]*<?|\b(?:href|src)\s*=\s*["']?)([^\s"'<>)]+)"""
)
"""Where a link may lead to, in the text of a Markdown page."""

ANYWHERE, RAW = r"""\"'(\s<=\]""", "\"'="
"""What stands before a link: in any text, and in the raw HTML of Markdown, whose own links are known otherwise."""


class Places:
    """Finds links in the files that a page is made of, for one freeze."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._base = app.config.base_path
        self._pages = {view.page.source.path: view for view in _page_views(app.site.views.values())}
        # Of this instance: a cache of the class would keep the site for as long as the process.
        self._links = lru_cache(maxsize=8)(self._read_links)
        self._text = lru_cache(maxsize=256)(self._read_text)

    def find(self, source: str, href: str) -> list[tuple[str, int, int]]:
        """The file, line and column of each place at which the page of `source`, or a template, says `href`."""
        for file in (source, *self._app.site.renderer.templates.names):
            if offsets := self._offsets(file, href):
                text = self._text(file)
                return [(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)) for at in offsets]
        return []

    def _offsets(self, file: str, href: str) -> list[int]:
        """Where a file says `href`: in Markdown where links are that mean it, and never in an example."""
        text = self._text(file)
        starts = self._links(file).get(href)
        if starts is None:
            return _written(text, href, self._base, RAW if self._is_markdown(file) else ANYWHERE)
        return [self._destination(file, text, start, href) for start in starts]

    def _destination(self, file: str, text: str, start: int, href: str) -> int:
        """Where the destination of the link at `start` is written; `start` itself where that is unclear."""
        end = text.find("\n\n", start)
        found = DESTINATION.finditer(text, start, len(text) if end < 0 else end)
        return next((match.start(1) for match in found if self._means(file, match[1], href)), start)

    def _means(self, file: str, written: str, href: str) -> bool:
        try:
            return self._app.site.renderer.link(file, html.unescape(written)) == href
        except SiteError:
            return written == href

    def _read_links(self, file: str) -> Mapping[str, list[int]]:
        """Where the links of a Markdown page begin, by the URL that they become."""
        if not self._is_markdown(file):
            return {}
        view = self._pages[file]
        lines = [0]
        for line in self._text(file).split("\n"):
            lines.append(lines[-1] + len(line) + 1)
        found: dict[str, list[int]] = {}
        for url, number, column in self._app.site.renderer.link_places(view.page.source, view.recipe.trust):
            found.setdefault(url, []).append(lines[number - 1] + (column or 1) - 1)
        return found

    def _is_markdown(self, file: str) -> bool:
        return (view := self._pages.get(file)) is not None and view.recipe.template is None

    def _read_text(self, file: str) -> str:
        try:
            return (Path(self._app.config.root) / file).read_text("utf-8-sig", "replace")
        except OSError:
            return ""


def _page_views(views: Iterable[View]) -> Iterable[PageView]:
    return (view for view in views if isinstance(view, PageView))


def _written(text: str, href: str, base: str, before: str) -> list[int]:
    """Where a text first says `href` after one of `before`: as it is, without the prefix, or escaped."""
    for spelling in dict.fromkeys([href, href.removeprefix(base), unquote(href), html.escape(href)]):
        pattern = rf"""(?<=[{before}]){re.escape(spelling)}(?=["')\s>]|$)"""
        if len(spelling) > 1 and (found := re.search(pattern, text)):
            return [found.start()]
    return []
