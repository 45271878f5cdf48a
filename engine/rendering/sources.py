"""Which files of a site are templates, and what is put before their texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.rendering.layouts import Layouts
from engine.rendering.site_environment import Source, built_in
from engine.source.files import SourceFile
from engine.source.tree import Directory

SUFFIXES = (".html", ".jinja")


def template_sources(
    directories: Iterable[Directory], shared: Iterable[SourceFile], layouts: Layouts
) -> dict[str, Source]:
    """Every template by its name: the built-in ones, those of `templates/`, and those among the pages."""
    sources = built_in()
    sources.update({file.path: Source(file) for file in shared})
    for directory in directories:
        sources.update(_of_directory(directory, layouts))
    return sources


def _of_directory(directory: Directory, layouts: Layouts) -> Iterator[tuple[str, Source]]:
    """Its pages, its partials, its error pages and its layout."""
    errors = (file for files in directory.error_files.values() for file in files)
    for file in (*directory.files, *directory.private, *errors):
        if file.name.lower().endswith(SUFFIXES):
            yield file.path, Source(file, matter=True)
    if directory.layout_file:
        parent = layouts.parent(directory)
        yield directory.layout_file.path, Source(directory.layout_file, parent_layout=parent)
