"""The one function that makes output paths, and refuses what would leave the output or not fit every system."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.errors import Fault
from engine.freeze.target import Target
from engine.routing.names import reserved_character, reserved_name
from engine.routing.paths import folded


def output_path(path: str, *, is_file: bool) -> str:
    """The file, relative to the output, for a decoded URL path: `/about/` → `about/index.html`.

    Raises `ValueError` with the reason where there is no such file.
    """
    names = path.strip("/").split("/") if path.strip("/") else []
    for name in names:
        if reason := _unfit(name):
            raise ValueError(reason)
    if path.endswith("/"):
        return "/".join([*names, "index.html"])
    return "/".join(names) if is_file else "/".join(names) + ".html"


def _unfit(name: str) -> str | None:
    if name in ("", ".", ".."):
        return f"the segment {name!r} would leave its directory"
    if character := reserved_character(name):
        return f"the segment {name!r} holds {character}, which is no part of a file name everywhere"
    if reason := reserved_name(name):
        return f"the segment {name[:60]!r} {reason}"
    return None


def clashes(targets: Iterable[Target]) -> Iterator[tuple[Target, Fault]]:
    """Targets that cannot all be files: two of one name on some system, or a file where another needs a directory."""
    seen: dict[str, Target] = {}
    folders: dict[str, Target] = {}
    for target in targets:
        key = folded(target.output)
        if other := seen.get(key):
            yield target, _clash(target, other, f"would be written to {target.output}, as {other.url} would")
            continue
        seen[key] = target
        parts = key.split("/")
        for depth in range(1, len(parts)):
            folders.setdefault("/".join(parts[:depth]), target)
    for key, target in seen.items():
        if other := folders.get(key):
            what = f"would be the file {target.output}, which {other.url} needs as a directory"
            yield target, _clash(target, other, what)


def _clash(target: Target, other: Target, what: str) -> Fault:
    same = target.source == other.source
    hint = "Yield each page once" if same else f"Rename one of {target.source} and {other.source}"
    return Fault("freeze-clash", target.source, f"{target.url} {what}", hint)
