"""What the tests of freezing share: a freeze of small files, its faults as they are printed, the tree it wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from doors import Files, freeze_site, write_site
from engine.freeze.target import Report

PLAIN = {"pages/_layout.html": "{{ content }}", "pages/404.html": "---\nlayout: false\n---\nNot here"}
"""A layout and an error page without anything of their own, so that a test shows all that is linked."""


class Freezer:
    """Freezes sites of files into one output."""

    def __init__(self, root: Path, output: Path) -> None:
        self.root = root
        self.output = output

    def __call__(self, files: Files, **options: Any) -> Report:
        """The report of a freeze of `files`, which are added to what is there."""
        return freeze_site(write_site(self.root, {**PLAIN, **files}), self.output, **options)

    def faults(self, files: Files, **options: Any) -> list[str]:
        """The faults of a freeze, as they are printed."""
        return [str(fault) for fault in self(files, **options).faults]

    def remove(self, path: str) -> None:
        """Take a file out of the site."""
        (self.root / path).unlink()

    @property
    def tree(self) -> dict[str, bytes]:
        """Every file of the output, by path."""
        return tree_of(self.output)

    def text(self, path: str) -> str:
        """The text of a file of the output."""
        return (self.output / path).read_text("utf-8")


def tree_of(root: Path) -> dict[str, bytes]:
    """Every file below a directory, by path."""
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
