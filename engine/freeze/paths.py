"""The one function that makes output paths, and refuses what would leave the output or not fit every system."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import Fault
from engine.freeze.target import Target
from engine.routing.names import reserved_character, reserved_name
from engine.routing.paths import folded

INDEX = "index.html"


def output_path(path: str, *, is_file: bool) -> str:
    """The file, relative to the output, for a decoded URL path: `/about/` → `about/index.html`.

    Raises `ValueError` with the reason where there is no such file.
    """
    names = path.strip("/").split("/") if path.strip("/") else []
    for name in names:
        if reason := _unfit(name):
            raise ValueError(reason)
    if path.endswith("/"):
        return "/".join([*names, INDEX])
    return "/".join(names) if is_file else "/".join(names) + ".html"


def _unfit(name: str) -> str | None:
    if name in ("", ".", ".."):
        return f"the segment {name!r} would leave its directory"
    if character := reserved_character(name):
        return f"the segment {name!r} holds {character}, which is no part of a file name everywhere"
    if reason := reserved_name(name):
        return f"the segment {name[:60]!r} {reason}"
    return None


class Outputs:
    """The files that will be written, which must be able to stand beside each other on every system."""

    def __init__(self) -> None:
        self._files: dict[str, Target] = {}
        self._folders: dict[str, Target] = {}

    def add(self, target: Target) -> Fault | None:
        """Take the file of `target` in, or say which other one is in its way."""
        key = folded(target.output)
        if other := self._files.get(key):
            return _clash(target, other, f"would be written to {target.output}, as {other.url} would")
        if other := self._folder(key):
            return _clash(
                target, other, f"would be the file {target.output}, which {other.url} needs as a directory"
            )
        folders = list(self._new_folders(key))
        for folder in folders:
            if other := self._files.get(folder):
                return _clash(
                    target, other, f"needs a directory where {other.url} is the file {other.output}"
                )
        self._files[key] = target
        if key.endswith(f"/{INDEX}"):  # by this name its directory is known
            folders = folders[1:]
        self._folders.update(dict.fromkeys(folders, target))
        return None

    def _folder(self, key: str) -> Target | None:
        """What has first needed a directory."""
        return self._folders.get(key) or self._files.get(f"{key}/{INDEX}")

    def _new_folders(self, key: str) -> Iterator[str]:
        folder = key.rpartition("/")[0]
        while folder and not self._folder(folder):
            yield folder
            folder = folder.rpartition("/")[0]


def _clash(target: Target, other: Target, what: str) -> Fault:
    same = target.source == other.source
    hint = "Choose one of the two" if same else f"Rename one of {target.source} and {other.source}"
    return Fault("freeze-clash", target.source, f"{target.url} {what}", hint)
