"""Groups the files of a directory into pages: a handler and the template of the same stem are one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.routing.segments import Pattern, parse
from engine.source.files import SourceFile
from engine.source.tree import Directory
from engine.views.kinds import Kind, is_file_url, kind_of


class Unit(NamedTuple):
    """The files that make one page, or one asset. `stem` is the name without the suffix of its kind."""

    directory: Directory
    stem: str
    kind: Kind
    handler: SourceFile | None = None
    text: SourceFile | None = None
    asset: SourceFile | None = None

    @property
    def main(self) -> SourceFile:
        """The file that names the page in messages."""
        file = self.handler or self.text or self.asset
        assert file is not None
        return file

    @property
    def files(self) -> tuple[SourceFile, ...]:
        """Every file of the unit."""
        return tuple(file for file in (self.handler, self.text, self.asset) if file)

    @property
    def is_file(self) -> bool:
        return is_file_url(self.kind, self.stem)

    def pattern(self) -> Pattern:
        """The segments of its URL. Raises `SiteError` where the name is malformed."""
        below = self.directory.path.partition("/")[2]
        path = f"{below}/{self.stem}" if below else self.stem
        return parse(path, file=self.main.path, is_file=self.is_file, literal_name=self.asset is not None)


def units(directory: Directory, files: Iterable[SourceFile]) -> Iterator[Unit]:
    """The pages and assets that `files` of `directory` make, in the order of their stems."""
    stems: dict[str, list[tuple[Kind, SourceFile]]] = {}
    for file in files:
        kind, stem = kind_of(file.name)
        if kind.role == "asset":
            yield Unit(directory, stem, kind, asset=file)
        else:
            stems.setdefault(stem, []).append((kind, file))
    for stem in sorted(stems):
        yield from _of_stem(directory, stem, stems[stem])


def _of_stem(directory: Directory, stem: str, files: list[tuple[Kind, SourceFile]]) -> Iterator[Unit]:
    handlers = [pair for pair in files if pair[0].role == "handler"]
    texts = [pair for pair in files if pair[0].role != "handler"]
    if len(handlers) == 1 and len(texts) == 1:
        yield Unit(directory, stem, handlers[0][0], handler=handlers[0][1], text=texts[0][1])
        return
    for kind, file in handlers:
        yield Unit(directory, stem, kind, handler=file)
    for kind, file in texts:
        yield Unit(directory, stem, kind, text=file)
