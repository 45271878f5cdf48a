"""Small sites on disk, and the two doors to them: served and frozen."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from werkzeug.test import Client

from engine import App, SiteError, create_app
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.target import Report
from engine.http.media_types import media_type

Files = Mapping[str, str | bytes]
SHARED = Path(__file__).parents[1].parent / "shared"


@dataclass(frozen=True)
class Answer:
    """What a visitor gets."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def type(self) -> str:
        return self.headers.get("Content-Type", "")


def write_site(root: Path, files: Files) -> Path:
    """A site of these files: text is dedented and written as UTF-8."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = textwrap.dedent(content).lstrip("\n").encode()
        file.write_bytes(content)
    (root / "pages").mkdir(parents=True, exist_ok=True)
    return root


class Served:
    """The site behind the app."""

    name = "served"

    def __init__(self, root: Path, **settings: Any) -> None:
        self.app: App = create_app(root, **settings)
        self.client = Client(self.app)

    def get(self, path: str, **options: Any) -> Answer:
        response = self.client.get(path, **options)
        return Answer(response.status_code, response.get_data(), dict(response.headers))


class Frozen:
    """The site as a static host would serve its frozen files."""

    name = "frozen"

    def __init__(self, root: Path, output: Path, **settings: Any) -> None:
        self.report = freeze_site(root, output, **settings)
        if self.report.faults:
            raise SiteError(self.report.faults)
        self.output = output

    def get(self, path: str, **options: Any) -> Answer:
        path = unquote(path.partition("?")[0])
        file = self.output / path.strip("/")
        if path.endswith("/"):
            file = file / "index.html"
        elif file.is_dir():
            return Answer(308, b"", {"Location": path + "/"})
        if not file.is_file():
            missing = self.output / "404.html"
            return Answer(404, missing.read_bytes(), {"Content-Type": media_type("404.html")})
        return Answer(200, file.read_bytes(), {"Content-Type": media_type(file.name)})


Door = Served | Frozen


def freeze_site(
    root: Path,
    output: Path,
    *,
    jobs: int = 1,
    keep_going: bool = False,
    hybrid: bool = False,
    **settings: Any,
) -> Report:
    """Freeze the site at `root`."""
    return freeze(create_app(root, **settings), FreezeOptions(str(output), jobs, keep_going, hybrid))
