"""`.env` of a site, in the environment of this process. The only import of python-dotenv."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from engine.errors import Fault, SiteError
from engine.source.files import SourceFile

FILE = ".env"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Variable(NamedTuple):
    """One variable as the file says it, and the line that does."""

    name: str
    value: str
    line: int


class Variables:
    """The variables that `.env` of the site at `root` has set here. What was set before it stays as it was.

    `lines` are the lines that set them, by name.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.lines: Mapping[str, int] = {}
        self._file = SourceFile(FILE, str(Path(root, FILE)), 0, 0)

    def update(self) -> None:
        """Set what the file says now, and no more what it said before. Raises `SiteError`, and then changes nothing."""
        found = {it.name: it for it in self._read()}
        mine = {name: it for name, it in found.items() if name in self.lines or name not in os.environ}
        for name in self.lines.keys() - mine.keys():
            os.environ.pop(name, None)
        os.environ.update({name: it.value for name, it in mine.items()})
        self.lines = {name: it.line for name, it in mine.items()}

    def _read(self) -> list[Variable]:
        if not os.path.lexists(self._file.location):
            return []
        faults: list[Fault] = []
        found = list(_variables(self._file.read_text(), faults))
        if faults:
            raise SiteError(faults)
        return found


def _variables(text: str, faults: list[Fault]) -> Iterator[Variable]:
    try:
        from dotenv.parser import parse_stream  # noqa: PLC0415  an extra
    except ImportError:
        what = "reading this needs python-dotenv"
        faults.append(Fault("env-extra", FILE, what, "Install it: pip install 'pages-engine[dotenv]'"))
        return
    for binding in parse_stream(io.StringIO(text)):
        written = binding.original.string
        line = binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")
        if binding.error:
            what, hint = "this is not NAME=VALUE", "Close the quotes, or put the whole value into quotes"
            faults.append(Fault("env-syntax", FILE, what, hint, line))
        elif binding.key is None:
            continue
        elif not NAME.fullmatch(binding.key):
            what, hint = f"`{binding.key}` is no name of a variable", "Take letters, digits and _"
            faults.append(Fault("env-name", FILE, what, hint, line))
        elif binding.value is None:
            hint = f"Write `{binding.key}=` for an empty one"
            faults.append(Fault("env-syntax", FILE, f"`{binding.key}` has no value", hint, line))
        else:
            yield Variable(binding.key, binding.value, line)
