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
    r"""(?:\]\([ \n]*<?|^ {0,3}\[[^\]\n]+\]:[ \n]*<?|\b(?:href|src)\s*=\s*["']?)([^\s"'<>)]+)""", re.M
)
"""Where a link may lead to, in the text of a Markdown page."""


class Places:
    """Finds links in the files that a page is made of, for one freeze."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._base = app.config.base_path
        self._pages = {view.page.source.path: view for view in _page_views(app.site.views.values())}

    def find(self, source: str, href: str) -> tuple[str, int, int] | None:
        """The file, the line and the column at which the page of `source`, or a template, says `href`."""
        for file in (source, *self._app.site.renderer.templates.names):
            offset = self._offset(file, href)
            if offset is not None:
                before = self._text(file)[:offset]
                return file, before.count("\n") + 1, offset - before.rfind("\n")
        return None

    def _offset(self, file: str, href: str) -> int | None:
        """Where a file says `href`: in Markdown where the link stands that is written so, never in an example."""
        text = self._text(file)
        start = self._links(file).get(href)
        if start is None:
            return _written(text, href, self._base)
        found = (it for it in DESTINATION.finditer(text, start) if self._means(file, it[1], href))
        return next((it.start(1) for it in found), start)

    def _means(self, file: str, written: str, href: str) -> bool:
        try:
            return self._app.site.renderer.link(file, html.unescape(written)) == href
        except SiteError:
            return written == href

    @lru_cache(maxsize=8)  # noqa: B019  it lives as long as one freeze, which asks for one page after the other
    def _links(self, file: str) -> Mapping[str, int]:
        """The offset of each link of a Markdown page, by the URL that it becomes; of the first where there are more."""
        view = self._pages.get(file)
        if view is None or view.recipe.template is not None:
            return {}
        starts = [0]
        for line in self._text(file).splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        places = self._app.site.renderer.link_places(view.page.source, view.recipe.trust)
        return {url: starts[line - 1] + (column or 1) - 1 for url, line, column in reversed(places)}

    @lru_cache(maxsize=256)  # noqa: B019
    def _text(self, file: str) -> str:
        try:
            return (Path(self._app.config.root) / file).read_text("utf-8-sig", "replace")
        except OSError:
            return ""


def _page_views(views: Iterable[View]) -> Iterable[PageView]:
    return (view for view in views if isinstance(view, PageView))


def _written(text: str, href: str, base: str) -> int | None:
    """Where a text says `href`, as it is, without the prefix, or escaped."""
    for spelling in dict.fromkeys([href, href.removeprefix(base), unquote(href), html.escape(href)]):
        pattern = rf"""(?<=["'(\s<=\]]){re.escape(spelling)}(?=["')\s>]|$)"""
        if len(spelling) > 1 and (found := re.search(pattern, text)):
            return found.start()
    return None
