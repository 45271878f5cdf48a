"""Smaller siblings of frozen files: `.gz`, `.br` and `.zst`, for hosts that send them as they are."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import EngineError
from engine.http.media_types import media_type

INDEX = ".engine-compressed.json"
"""In the output: what was compressed, by sibling with the digest of what it came from."""
SMALLEST = 256
"""Bytes; below that the headers of one more variant cost more than is won."""
TYPES = frozenset(
    [
        "application/atom+xml",
        "application/geo+json",
        "application/json",
        "application/ld+json",
        "application/manifest+json",
        "application/rss+xml",
        "application/toml",
        "application/wasm",
        "application/xhtml+xml",
        "application/xml",
        "application/yaml",
        "font/otf",
        "font/ttf",
        "image/bmp",
        "image/svg+xml",
        "image/x-icon",
    ]
)
"""Types that get smaller, beside all of text/: the others are compressed already."""


@dataclass(frozen=True, slots=True)
class Compressed:
    """What `compress` did, as paths in the output."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]


def is_compressible(file: str) -> bool:
    """Whether a file of this name is worth it."""
    kind = media_type(file).partition(";")[0]
    return kind.startswith("text/") or kind in TYPES


def encoders() -> dict[str, Callable[[bytes], bytes]]:
    """The encoders by suffix, each with the same bytes for the same content. Raises `EngineError` without the extra."""
    try:
        import brotli  # type: ignore[import-untyped]  # noqa: PLC0415  optional: the extra `compress`
        import zstandard  # noqa: PLC0415
    except ImportError as error:
        what = f"{error.name} is not installed. Install it: pip install 'pages-engine[compress]'"
        raise EngineError(what) from None
    return {
        ".br": lambda body: bytes(brotli.compress(body)),
        # With no time in its header; level 9 is the best that zlib has.
        ".gz": lambda body: gzip.compress(body, 9, mtime=0),
        ".zst": lambda body: zstandard.ZstdCompressor(level=19).compress(body),
    }


def compress(output: Path, files: Mapping[str, str]) -> Compressed:
    """Write the siblings of `files`, the paths below `output` with the digests of their contents.

    One whose file did not change stays as it is. One that is not smaller is not kept. A sibling of ours whose file is
    gone is removed; a file that is a name of a sibling already is left to its author.
    """
    old, new = _read(output), dict[str, str]()
    written: list[str] = []
    encode = encoders()
    for file, digest in sorted(files.items()):
        if not is_compressible(file):
            continue
        for ending in encode:
            sibling = file + ending
            if sibling in files or (sibling not in old and (output / sibling).exists()):
                continue
            new[sibling] = digest
            if old.get(sibling) != digest or not _stands(output, file, sibling):
                written += _write(output, file, sibling, encode[ending])
    removed = sorted(old.keys() - new.keys() - files.keys())
    for sibling in removed:
        (output / sibling).unlink(missing_ok=True)
    _replace(output / INDEX, json.dumps(new, indent=0, sort_keys=True).encode())
    unchanged = [it for it in sorted(new.keys() - set(written)) if (output / it).exists()]
    return Compressed(tuple(written), tuple(unchanged), tuple(removed))


def _stands(output: Path, file: str, sibling: str) -> bool:
    """Whether the sibling is there, or was not kept because the file is small."""
    return (output / sibling).exists() or (output / file).stat().st_size < SMALLEST


def _write(output: Path, file: str, sibling: str, encode: Callable[[bytes], bytes]) -> Iterator[str]:
    body = (output / file).read_bytes()
    packed = encode(body) if len(body) >= SMALLEST else body
    if len(packed) < len(body):
        _replace(output / sibling, packed)
        yield sibling
    else:
        (output / sibling).unlink(missing_ok=True)


def _replace(file: Path, body: bytes) -> None:
    """Write a file whole: a host that reads it meanwhile gets the old one."""
    beside = file.with_name(f".{file.name}.engine-new")
    beside.write_bytes(body)
    os.replace(beside, file)


def _read(output: Path) -> dict[str, str]:
    try:
        found = json.loads((output / INDEX).read_text("utf-8"))
        return {str(path): str(digest) for path, digest in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
