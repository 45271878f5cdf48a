"""Smaller siblings of frozen files: `.gz`, `.br` and `.zst`, for hosts that send them as they are."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from engine.errors import EngineError
from engine.freeze.publish.stage import Stage
from engine.freeze.publish.write import digest_of, read_manifest
from engine.http.media_types import media_type

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


class Encoder(NamedTuple):
    """`version` differs where the bytes may; `encode` gives the same bytes for the same content."""

    version: str
    encode: Callable[[bytes], bytes]


def is_compressible(file: str) -> bool:
    """Whether a file of this name is worth it."""
    kind = media_type(file).partition(";")[0]
    return kind.startswith("text/") or kind in TYPES


def encoders() -> dict[str, Encoder]:
    """The encoders by suffix. Raises `EngineError` without the extra."""
    try:
        import brotli  # type: ignore[import-untyped]  # noqa: PLC0415  optional: the extra `compress`
        import zstandard  # noqa: PLC0415
    except ImportError as error:
        what = f"{error.name} is not installed. Install it: pip install 'pages-engine[compress]'"
        raise EngineError(what) from None
    return {
        ".br": Encoder(f"brotli {brotli.__version__}", lambda body: bytes(brotli.compress(body))),
        # With no time in its header; level 9 is the best that zlib has.
        ".gz": Encoder(f"zlib {zlib.ZLIB_RUNTIME_VERSION}", lambda body: gzip.compress(body, 9, mtime=0)),
        ".zst": Encoder(
            f"zstd {zstandard.ZSTD_VERSION}", lambda body: zstandard.ZstdCompressor(level=19).compress(body)
        ),
    }


def compress(stage: Stage, output: Path, files: Mapping[str, str], index: Path) -> dict[str, str]:
    """Write into the stage the siblings of `files`, which are in it, by path with digest; the siblings, alike.

    Content that the old output at `output` has packed is linked from there, whatever its name was: `index` is the file
    that says what came of which content. One that is not smaller has no sibling. A file that has the name of a sibling
    already is left to its author. Raises `EngineError` without the extra, `SiteError` where the disk does not take it.
    """
    packer = _Packer(stage, output, index)
    wanted = {file: digest for file, digest in sorted(files.items()) if is_compressible(file)}
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:  # the encoders let others run meanwhile
        made = threads.map(lambda file: packer.siblings(file, wanted[file], files), wanted)
        found = {sibling: digest for each in made for sibling, digest in each}
    packer.write_down()
    return found


class _Packer:
    """Packs contents, each once. `_known` and `_made` have the digest of what a content was packed into, `""` where
    that was not smaller."""

    def __init__(self, stage: Stage, output: Path, index: Path) -> None:
        self._stage = stage
        self._output = output
        self._index = index
        self._encoders = encoders()
        self._known = _read(index)
        self._made: dict[str, str] = {}
        self._there = {digest: path for path, digest in read_manifest(output).items()}

    def siblings(self, file: str, digest: str, files: Mapping[str, str]) -> list[tuple[str, str]]:
        """The siblings of a file of the stage with their digests, written."""
        found = (
            (file + it, self._packed(file, it, digest)) for it in self._encoders if file + it not in files
        )
        return [(sibling, packed) for sibling, packed in found if packed]

    def write_down(self) -> None:
        """Keep for the next freeze what came of which content; without it, it packs anew."""
        with contextlib.suppress(OSError):
            self._index.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._index.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps(self._made, sort_keys=True), "utf-8")
            fresh.replace(self._index)

    def _packed(self, file: str, ending: str, digest: str) -> str:
        key = f"{digest} {self._encoders[ending].version}"
        packed = self._known.get(key)
        if packed and not self._linked(packed, file + ending):
            packed = None
        if packed is None:
            packed = self._encoded(file, ending)
        self._made[key] = packed
        return packed

    def _linked(self, packed: str, sibling: str) -> bool:
        """Whether the old output has what is wanted, and the stage has it now."""
        source = self._there.get(packed)
        if source is None or digest_of(self._output / source) != packed:
            return False
        self._stage.keep(str(self._output), source, sibling)
        return True

    def _encoded(self, file: str, ending: str) -> str:
        body = Path(self._stage.root, file).read_bytes()
        packed = self._encoders[ending].encode(body) if len(body) >= SMALLEST else body
        return self._stage.write(file + ending, [packed])[0] if len(packed) < len(body) else ""


def _read(index: Path) -> dict[str, str]:
    try:
        found = json.loads(index.read_text("utf-8"))
        return {str(key): str(digest) for key, digest in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
