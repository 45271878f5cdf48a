"""Files in forms: fields that hold what was sent, and what may be asked of it.

The name and the type that a browser tells of a file are the visitor's words. `FileType` looks at the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import wtforms
from werkzeug.datastructures import FileStorage
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import FileInput

KINDS: dict[str, re.Pattern[bytes]] = {
    kind: re.compile(start, re.DOTALL)
    for kind, start in {
        "image/png": rb"\x89PNG\r\n\x1a\n",
        "image/jpeg": rb"\xff\xd8\xff",
        "image/gif": rb"GIF8[79]a",
        "image/webp": rb"RIFF.{4}WEBP",
        "image/avif": rb"\0\0.{2}ftypavif",
        "application/pdf": rb"%PDF-",
        "application/zip": rb"PK\x03\x04",
        "application/gzip": rb"\x1f\x8b\x08",
        "audio/mpeg": rb"ID3|\xff\xfb",
        "audio/ogg": rb"OggS",
        "video/mp4": rb"\0\0.{2}ftyp(?:isom|mp42)",
        "video/webm": rb"\x1aE\xdf\xa3",
    }.items()
}
"""Types that are known by their first bytes (WHATWG, MIME Sniffing, §6). What begins as HTML is no picture."""


class FileField(wtforms.FileField):
    """One file, a `FileStorage` of Werkzeug; `None` where none was chosen.

    `populate_obj` leaves what the object has where no file was sent.
    """

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.raw_data = _files(valuelist)
        self.data = self.raw_data[0] if self.raw_data else None

    def populate_obj(self, obj: object, name: str) -> None:
        if self.raw_data:
            super().populate_obj(obj, name)


class MultipleFileField(FileField):
    """Any number of files, as a list."""

    widget = FileInput(multiple=True)

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = self.raw_data = _files(valuelist)


def _files(values: Iterable[Any]) -> list[FileStorage]:
    """The files among what a field has sent. A browser sends one without a name where none was chosen."""
    return [it for it in values if isinstance(it, FileStorage) and it.filename]


class FileRequired:
    """At least one file must be sent."""

    field_flags = {"required": True}

    def __init__(self, message: str | None = None) -> None:
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        if not _files(field.raw_data or ()):
            raise StopValidation(self.message or field.gettext("This field is required."))


class FileSize:
    """Each file has at least `least` and at most `most` bytes, as it came."""

    def __init__(self, most: int, least: int = 0, message: str | None = None) -> None:
        self.most, self.least = most, least
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        for file in _files(field.raw_data or ()):
            size = file.stream.seek(0, 2)
            file.stream.seek(0)
            if not self.least <= size <= self.most:
                limit = (
                    f"at most {_shown(self.most)}" if size > self.most else f"at least {_shown(self.least)}"
                )
                raise ValidationError(self.message or f"A file here may have {limit}.")


def _shown(size: int) -> str:
    for unit, factor in (("MB", 1_000_000), ("kB", 1_000)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} bytes"


class FileSuffix:
    """The name of each file ends in one of `suffixes`, as `"png"`, in any case."""

    def __init__(self, *suffixes: str, message: str | None = None) -> None:
        self.suffixes = tuple(f".{suffix.lower().lstrip('.')}" for suffix in suffixes)
        self.message = message
        self.field_flags = {"accept": ",".join(self.suffixes)}

    def __call__(self, form: Any, field: Any) -> None:
        for file in _files(field.raw_data or ()):
            if not (file.filename or "").lower().endswith(self.suffixes):
                listed = ", ".join(suffix[1:] for suffix in self.suffixes)
                raise ValidationError(self.message or f"Choose a file of one of these kinds: {listed}.")


class FileType:
    """Each file is of one of `types`, as `"image/png"`, by its first bytes. Raises `ValueError` for an unknown type."""

    def __init__(self, *types: str, message: str | None = None) -> None:
        if unknown := [it for it in types if it not in KINDS]:
            known = ", ".join(KINDS)
            raise ValueError(f"FileType knows no bytes of {', '.join(unknown)}. It knows {known}.")
        self.types = types
        self.message = message
        self.field_flags = {"accept": ",".join(types)}

    def __call__(self, form: Any, field: Any) -> None:
        for file in _files(field.raw_data or ()):
            if kind_of(file) not in self.types:
                listed = ", ".join(it.partition("/")[2] for it in self.types)
                raise ValidationError(self.message or f"Choose a file of one of these kinds: {listed}.")


def kind_of(file: FileStorage) -> str | None:
    """The type of a file by its first bytes, where they tell."""
    head = file.stream.read(16)
    file.stream.seek(0)
    return next((kind for kind, start in KINDS.items() if start.match(head)), None)
