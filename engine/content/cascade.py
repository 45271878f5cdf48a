"""What the `_data` file of each directory says to everything below it, nearest last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.content.keys import check_keys
from engine.errors import Fault, SiteError
from engine.source.frontmatter import load_defaults
from engine.source.tree import Directory


class Cascade:
    """The values that each directory sets (`own`), and those that hold in it (`of`), by the directory's path.

    `unknown` are the directories in which nobody knows what holds, because a file of theirs or above is at fault.
    """

    def __init__(self, root: Directory) -> None:
        self.own: dict[str, Mapping[str, Any]] = {}
        self.unknown: set[str] = set()
        self.faults: list[Fault] = []
        self._of: dict[str, Mapping[str, Any]] = {}
        for directory in root.walk():
            above = self._of[directory.parent.path] if directory.parent else {}
            known = len(self.faults)
            own = self._read(directory)
            if len(self.faults) > known or (directory.parent and directory.parent.path in self.unknown):
                self.unknown.add(directory.path)
            if own:
                self.own[directory.path] = own
            self._of[directory.path] = {**above, **own} if own else above

    def of(self, directory: Directory) -> Mapping[str, Any]:
        """The values that a page in `directory` starts from."""
        return self._of[directory.path]

    def _read(self, directory: Directory) -> Mapping[str, Any]:
        file = directory.data_file
        if file is None:
            return {}
        try:
            matter = load_defaults(file)
        except SiteError as error:
            self.faults += error.faults
            return {}
        values, faults = check_keys(matter, file.path)
        self.faults += faults
        return values
