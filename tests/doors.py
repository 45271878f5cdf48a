"""Small sites on disk, and the two doors to them: served and frozen."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from werkzeug.test import Client

from engine import App, SiteError, create_app
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.publish.write import MANIFEST
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
        body = content if isinstance(content, bytes) else textwrap.dedent(content).lstrip("\n").encode()
        file.write_bytes(body)
    (root / "pages").mkdir(parents=True, exist_ok=True)
    return root


class Served:
    """The site behind the app."""

    name = "served"

    def __init__(self, root: Path, **settings: Any) -> None:
        self.app: App = create_app(root, **settings)
        self.client = Client(self.app)

    def get(self, path: str, **options: Any) -> Answer:
        with self.client.open(path, **options) as response:
            return Answer(response.status_code, response.get_data(), dict(response.headers))


class Frozen:
    """The site as a static host serves its frozen files: one that knows `_redirects`, `404.html` and tidy names."""

    name = "frozen"

    def __init__(self, root: Path, output: Path, *, hybrid: bool = False, **settings: Any) -> None:
        app = create_app(root, **settings)
        self.report = freeze(app, FreezeOptions(str(output), jobs=1, hybrid=hybrid))
        if self.report.faults:
            raise SiteError(self.report.faults)
        self.output = output
        self._base = app.config.base_path
        self._rules = list(_rules(output / "_redirects"))

    def get(self, path: str, **options: Any) -> Answer:
        path, question, query = path.partition("?")
        for rule, location, status in self._rules:
            if found := rule.fullmatch(path.rstrip("/")):
                return Answer(status, b"", {"Location": _filled(location, found.groupdict())})
        if not f"{path}/".startswith(f"{self._base}/"):
            return self._missing()
        path = path.removeprefix(self._base) or "/"
        file = self.output / unquote(path).strip("/")
        if path.endswith("/"):
            return self._file(file / "index.html")
        if file.is_dir():
            return Answer(308, b"", {"Location": f"{self._base}{path}/{question}{query}"})
        return self._file(file if file.is_file() else file.with_name(file.name + ".html"))

    def _file(self, file: Path) -> Answer:
        if not file.is_file() or file.name == MANIFEST:
            return self._missing()
        return Answer(200, file.read_bytes(), {"Content-Type": media_type(file.name)})

    def _missing(self) -> Answer:
        return Answer(404, (self.output / "404.html").read_bytes(), {"Content-Type": media_type("404.html")})


def _rules(file: Path) -> Iterator[tuple[re.Pattern[str], str, int]]:
    """The rules of a `_redirects` file: the path without its last slash, the location, the status."""
    for line in file.read_text().splitlines() if file.is_file() else ():
        source, location, status = line.split()
        pattern = re.sub(
            r":([a-z]+)", r"(?P<\1>[^/]+)", re.escape(source.rstrip("/")).replace(r"\*", "(?P<splat>.*)")
        )
        yield re.compile(pattern), location, int(status)


def _filled(location: str, params: Mapping[str, str]) -> str:
    return re.sub(r":([a-z]+)", lambda name: params.get(name[1], name[0]), location)


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
