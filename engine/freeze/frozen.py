"""What a freeze has made, for hooks to look at before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path


class FrozenFiles(Mapping[str, bytes]):
    """The bytes of frozen files by their paths in the output, read when asked for.

    Those that are as they were before are in the old `output`, the others in the `stage`.
    """

    def __init__(self, files: Mapping[str, str], stage: str, output: str) -> None:
        self._files = files
        self._folders = (Path(stage), Path(output))

    def __getitem__(self, path: str) -> bytes:
        if path not in self._files:
            raise KeyError(path)
        folder = next(folder for folder in self._folders if (folder / path).is_file())
        return (folder / path).read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __len__(self) -> int:
        return len(self._files)
