"""A site that was frozen for its tests."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from engine.app.app import App
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.target import Report

WORKER = "PYTEST_XDIST_WORKER"
"""Is set in the processes among which pytest-xdist divides the tests: each processor has one already."""


def freeze_into(app: App, output: Path, *, keep_going: bool = False, hybrid: bool | None = None) -> Report:
    """Freeze the site of `app`. Nothing is written into the site itself."""
    wanted = app.config.freeze.hybrid if hybrid is None else hybrid
    options = FreezeOptions(
        str(output), jobs=1 if WORKER in os.environ else 0, keep_going=keep_going, hybrid=wanted
    )
    with warnings.catch_warnings():
        # A live server has threads. Python warns of forks beside them; those here take none of their locks.
        warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
        return freeze(app, options)


@dataclass(frozen=True)
class FrozenSite:
    """The files of a frozen site: `root` is their directory, `paths` the URL path of each page and asset."""

    root: Path
    paths: tuple[str, ...]
    base_path: str = ""

    @classmethod
    def of(cls, report: Report, base_path: str) -> FrozenSite:
        """The site of a freeze that has published it."""
        paths = (it.target.path for it in report.results if it.digest and it.target.status == 200)
        return cls(Path(report.output), tuple(sorted(paths)), base_path)

    def file(self, path: str) -> Path:
        """The file that a host answers with. Raises `FileNotFoundError` where there is none."""
        plain = unquote(path.partition("#")[0].partition("?")[0])
        if f"{plain}/".startswith(f"{self.base_path}/"):
            plain = plain.removeprefix(self.base_path)
        name = plain.strip("/")
        tries = [f"{name}/index.html"] if plain.endswith("/") or not name else [name, f"{name}.html"]
        for file in (self.root / it.lstrip("/") for it in tries):
            if file.is_file():
                return file
        raise FileNotFoundError(f"{path} is no frozen page. There are {', '.join(self.paths[:20])}")

    def read(self, path: str) -> str:
        """The text of a page."""
        return self.file(path).read_text("utf-8")

    def read_bytes(self, path: str) -> bytes:
        """The bytes of a page or an asset."""
        return self.file(path).read_bytes()
