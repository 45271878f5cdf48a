"""The table of the data formats: which suffix is read by which loader."""

from __future__ import annotations

from typing import Protocol

from engine.errors import Fault, SiteError
from engine.source import json, toml, yaml
from engine.source.document import DATA_LIMIT, Document
from engine.source.files import SourceFile


class Loader(Protocol):
    """Reads a document. Raises SiteError with places in `file`; the text begins at its line `first_line`."""

    def __call__(self, text: str, *, file: str, first_line: int = 1, limit: int) -> Document: ...


LOADERS: dict[str, Loader] = {"yaml": yaml.load, "toml": toml.load, "json": json.load}

SUFFIXES = {".yaml": "yaml", ".yml": "yaml", ".toml": "toml", ".json": "json"}


def load_file(file: SourceFile, limit: int = DATA_LIMIT) -> Document:
    """Read a file of one of `SUFFIXES`, of at most `limit` bytes. Raises SiteError."""
    if file.size > limit:
        what = f"this file is larger than {limit // 1024} kB"
        raise SiteError(Fault("data-limit", file.path, what, "Split it up"))
    return LOADERS[SUFFIXES[file.suffix]](file.read_text(), file=file.path, limit=limit)
