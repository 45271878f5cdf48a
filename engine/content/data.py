"""The files of `data/`, as `data.<name>` in templates and handlers. Read whole when the site loads."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from types import MappingProxyType
from typing import Any

from engine.errors import Fault, SiteError
from engine.source.document import DATA_LIMIT
from engine.source.files import SourceFile, Walk
from engine.source.formats import SUFFIXES, load_file
from engine.source.frozen import FrozenDict, FrozenList, refuse
from engine.trace import depend


class Data(FrozenDict):
    """One directory of `data/`: its files and directories by name, as items and as attributes.

    A name wins over a method of mappings: with `data/items.yaml`, `data.items` is what that file holds.
    Whoever takes a file, finds a name missing or lists the names depends on just that.
    """

    def __init__(self, entries: Mapping[str, Any] = MappingProxyType({}), path: str = "data") -> None:
        super().__init__(entries)
        self.__dict__["_path"] = path

    def __getattribute__(self, name: str) -> Any:
        if name[0] != "_" and dict.__contains__(self, name):
            return self[name]
        return dict.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        self._depend(name)
        raise AttributeError(f"there is no data `{name}`; there is {', '.join(dict.keys(self)) or 'none'}")

    __setattr__ = __delattr__ = refuse

    def __getitem__(self, name: Any) -> Any:
        self._depend(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._depend(name)
        return super().__contains__(name)

    def __iter__(self) -> Iterator[Any]:
        depend("data-names", self._path)
        return super().__iter__()

    def __len__(self) -> int:
        depend("data-names", self._path)
        return super().__len__()

    def __eq__(self, other: object) -> bool:
        self._depend_on_all()
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        self._depend_on_all()
        return super().__repr__()

    def get(self, name: Any, default: Any = None) -> Any:
        self._depend(name)
        return super().get(name, default)

    def keys(self) -> Any:
        depend("data-names", self._path)
        return super().keys()

    def values(self) -> Any:
        self._depend_on_all()
        return super().values()

    def items(self) -> Any:
        self._depend_on_all()
        return super().items()

    def copy(self) -> dict[Any, Any]:
        self._depend_on_all()
        return super().copy()

    def __or__(self, other: Any) -> Any:
        return self.copy() | other

    def __ror__(self, other: Any) -> Any:
        return other | self.copy()

    def __reduce__(self) -> tuple[type, tuple[dict[Any, Any]]]:
        return Data, (self.copy(),)

    def _depend(self, name: object) -> None:
        if isinstance(name, str):
            depend("data", f"{self._path}/{name}")

    def _depend_on_all(self) -> None:
        depend("data-names", self._path)
        for name in dict.keys(self):
            self._depend(name)


def load_data(walk: Walk, folder: str = "data") -> tuple[Data, list[Fault]]:
    """The data files among those that `walk` found below `folder`, and a fault for each that is unsound.

    `data/team/people.yaml` is `data.team.people`. YAML, TOML and JSON hold any value, CSV a list of mappings
    by its header, all text. Mappings and lists cannot be changed. Names that begin with `_` are left out, and
    so are files of other kinds.
    """
    faults: list[Fault] = []
    directories: dict[str, dict[str, Any]] = {folder: {}}
    names: dict[str, str] = {}
    for file in walk.files:
        if file.suffix not in READERS or "/_" in file.path[len(folder) :]:
            continue
        directory = file.path.rpartition("/")[0]
        _make(directories, directory)
        name = file.path.removesuffix(file.suffix)
        if name in names:
            what = f"{names[name]} has the same name in `data`"
            faults.append(Fault("data-collision", file.path, what, "Rename one of the two"))
            continue
        names[name] = file.path
        try:
            directories[directory][name.rpartition("/")[2]] = _frozen(READERS[file.suffix](file))
        except SiteError as error:
            faults.extend(error.faults)
    for path in directories.keys() & names.keys():
        what = f"the directory {path} has the same name in `data`"
        faults.append(Fault("data-collision", names[path], what, "Rename one of the two"))
    return _nested(directories, folder), sorted(faults, key=lambda fault: fault.sort_key)


def _make(directories: dict[str, dict[str, Any]], path: str) -> None:
    while path not in directories:
        directories[path] = {}
        path = path.rpartition("/")[0]


def _nested(directories: dict[str, dict[str, Any]], folder: str) -> Data:
    """Each directory put into the one above it, the deepest first."""
    for path in sorted(directories, key=lambda path: path.count("/"), reverse=True):
        if path != folder:
            above, _, name = path.rpartition("/")
            directories[above][name] = Data(dict(sorted(directories[path].items())), path)
    return Data(dict(sorted(directories[folder].items())), folder)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return FrozenDict({key: _frozen(item) for key, item in value.items()})
    if isinstance(value, list):
        return FrozenList(map(_frozen, value))
    return value


def _read_document(file: SourceFile) -> Any:
    return load_file(file).value


def _read_csv(file: SourceFile) -> list[dict[str, str]]:
    """The rows of a CSV file (RFC 4180, with a header) as mappings. Empty lines are skipped."""
    if file.size > DATA_LIMIT:
        what = f"this file is larger than {DATA_LIMIT // 1024} kB"
        raise SiteError(Fault("data-limit", file.path, what, "Split it up"))
    rows = _csv_rows(file)
    line, header = next(rows, (1, []))
    if any(not name for name in header) or len(set(header)) < len(header):
        what = "the header has an empty name, or one name twice"
        raise SiteError(Fault("csv-header", file.path, what, "Give each column a name of its own", line))
    faults: list[Fault] = []
    records: list[dict[str, str]] = []
    for line, row in rows:
        if len(row) != len(header):
            what = f"this row has {len(row)} fields; the header has {len(header)}"
            faults.append(
                Fault("csv-ragged", file.path, what, "Put a field that holds a comma in quotes", line)
            )
        records.append(dict(zip(header, row, strict=False)))
    if faults:
        raise SiteError(faults)
    return records


def _csv_rows(file: SourceFile) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line at which it begins."""
    reader = csv.reader(StringIO(file.read_text()), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        what = f"this cannot be read as CSV: {error}"
        raise SiteError(Fault("bad-csv", file.path, what, "Double a quote inside of quotes", line)) from None


READERS: dict[str, Callable[[SourceFile], Any]] = {
    **dict.fromkeys(SUFFIXES, _read_document),
    ".csv": _read_csv,
}
"""How a data file is read, by its suffix."""
