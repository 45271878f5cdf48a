"""The tree of a site's directories, and what each says to everything below it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from engine.errors import Fault, SiteError
from engine.source.files import SourceFile, Walk

_SPOKEN = {
    "_data.yaml": "data_file",
    "_data.yml": "data_file",
    "_data.toml": "data_file",
    "_data.json": "data_file",
    "_layout.html": "layout_file",
    "_hooks.py": "hooks_file",
    "_schema.py": "schema_file",
}
"""The names by which a directory speaks, and the attribute that each fills."""

_STATUSES = "|".join(str(status.value) for status in HTTPStatus if status >= 400)
_ERROR_FILE = re.compile(rf"({_STATUSES})\.(?:md|markdown|html|py|jinja)", re.IGNORECASE)


@dataclass(slots=True, eq=False)
class Directory:
    """One public directory. Two are the same only if they are one; none changes once `build_tree` returns.

    `files` holds what is public and directly in it; `private` the names that begin with `_`, those in private
    directories below it among them; `error_files` its error pages by status. Each in the order of paths.
    """

    path: str
    parent: Directory | None = None
    files: tuple[SourceFile, ...] = ()
    private: tuple[SourceFile, ...] = ()
    children: tuple[Directory, ...] = ()
    data_file: SourceFile | None = None
    layout_file: SourceFile | None = None
    hooks_file: SourceFile | None = None
    schema_file: SourceFile | None = None
    error_files: Mapping[int, tuple[SourceFile, ...]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Directory {self.path}>"

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def chain(self) -> Iterator[Directory]:
        """This directory, then those above it, nearest first."""
        directory: Directory | None = self
        while directory is not None:
            yield directory
            directory = directory.parent

    def walk(self) -> Iterator[Directory]:
        """This directory and all below it, each before its children, in the order of paths."""
        waiting = [self]
        while waiting:
            directory = waiting.pop()
            yield directory
            waiting.extend(reversed(directory.children))


def build_tree(walk: Walk, folder: str) -> Directory:
    """The tree of the files that `walk` found below `folder`; its root has the path `folder`.

    Raises SiteError if a directory has two data files.
    """
    groups: defaultdict[str, list[SourceFile]] = defaultdict(list)
    for file in walk.files:
        groups[_owner(file.path, folder)].append(file)
    directories = _directories(groups, folder)
    faults: list[Fault] = []
    for path, files in groups.items():
        _fill(directories[path], files, faults)
    if faults:
        raise SiteError(faults)
    return directories[folder]


def _owner(path: str, folder: str) -> str:
    """The nearest public directory above a file."""
    above = path.rpartition("/")[0]
    private = above.find("/_", len(folder))
    return above if private < 0 else above[:private]


def _directories(paths: Iterable[str], folder: str) -> dict[str, Directory]:
    """A directory for each path and for all above it, parents linked with children."""
    directories = {folder: Directory(folder)}
    children: defaultdict[str, list[Directory]] = defaultdict(list)
    for path in sorted(_with_parents(paths, folder)):
        parent = path.rpartition("/")[0]
        directories[path] = Directory(path, directories[parent])
        children[parent].append(directories[path])
    for path, below in children.items():
        directories[path].children = tuple(below)
    return directories


def _with_parents(paths: Iterable[str], folder: str) -> set[str]:
    known: set[str] = set()
    for path in paths:
        above = path
        while above != folder and above not in known:
            known.add(above)
            above = above.rpartition("/")[0]
    return known


def _fill(directory: Directory, files: list[SourceFile], faults: list[Fault]) -> None:
    public: list[SourceFile] = []
    private: list[SourceFile] = []
    errors: defaultdict[int, list[SourceFile]] = defaultdict(list)
    start = len(directory.path) + 1
    for file in files:
        name = file.path[start:]
        if name in _SPOKEN:
            _speak(directory, _SPOKEN[name], file, faults)
        elif name[0] == "_":
            private.append(file)
        elif match := _ERROR_FILE.fullmatch(name):
            errors[int(match[1])].append(file)
        else:
            public.append(file)
    directory.files = tuple(public)
    directory.private = tuple(private)
    directory.error_files = {status: tuple(found) for status, found in sorted(errors.items())}


def _speak(directory: Directory, attribute: str, file: SourceFile, faults: list[Fault]) -> None:
    if (first := getattr(directory, attribute)) is not None:
        what = f"{first.path} says the same for this directory"
        faults.append(Fault("two-data-files", file.path, what, "Remove one of the two"))
    else:
        setattr(directory, attribute, file)
