"""Which layout wraps a page: the one its front matter names, else the nearest `_layout.html`, else the built-in one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.source.tree import Directory

BUILT_IN = "engine/layout.html"


@dataclass(slots=True)
class Layouts:
    """Names of layouts, by the directory that a page stands in. `data` is what each directory's own data file says."""

    data: Mapping[str, Mapping[str, Any]]
    _of: dict[str, str | None] = field(default_factory=dict)

    def of_page(self, meta: Mapping[str, Any], directory: Directory) -> str | None:
        """The template name of the layout of a page, `None` where it opted out.

        `meta` is the page's own front matter, without what it inherits.
        """
        return _named(meta["layout"]) if "layout" in meta else self.of_directory(directory)

    def of_directory(self, directory: Directory) -> str | None:
        """The layout of a page in `directory` that says nothing of its own."""
        if directory.path not in self._of:
            self._of[directory.path] = self._find(directory)
        return self._of[directory.path]

    def named_by(self, directory: Directory) -> Directory | None:
        """The directory whose data file says which layout pages in `directory` have; `None` where no file does."""
        for each in directory.chain():
            if "layout" in self.data.get(each.path, {}):
                return each
            if each.layout_file:
                return None
        return None

    def parent(self, directory: Directory) -> str | None:
        """What `parent_layout` means in the `_layout.html` of `directory`."""
        return self.of_directory(directory.parent) if directory.parent else BUILT_IN

    def _find(self, directory: Directory) -> str | None:
        own = self.data.get(directory.path, {})
        if "layout" in own:
            return _named(own["layout"])
        if directory.layout_file:
            return directory.layout_file.path
        return self.parent(directory)


def _named(layout: Any) -> str | None:
    return None if layout is False else str(layout)
