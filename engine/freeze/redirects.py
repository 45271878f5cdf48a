"""Redirects of a frozen site: a page for hosts that know none, and `_redirects` for those that do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from urllib.parse import quote

from engine.app.app import App
from engine.freeze.paths import output_path
from engine.freeze.target import Result
from engine.freeze.write import Stage

FILE = "_redirects"
PAGE = "engine/redirect.html"


def write_redirects(
    app: App, stage: Stage, moves: Mapping[str, tuple[str, int]], rules: Iterable[str]
) -> dict[str, str]:
    """Write a page for each move (decoded path → location, status) and the rules; the files written, with digest."""
    written: dict[str, str] = {}
    for path, (location, _) in sorted(moves.items()):
        page = app.site.renderer.template(PAGE, {"location": location}).encode()
        output = output_path(
            path if "." in path.rpartition("/")[2] or path.endswith("/") else path + "/", is_file=True
        )
        _write(stage, written, output, page)
    base = app.config.base_path
    lines = [
        f"{base}{quote(path, safe='/')} {location} {status}"
        for path, (location, status) in sorted(moves.items())
    ]
    lines += sorted(rules)
    if lines:
        _write(stage, written, FILE, "".join(line + "\n" for line in lines).encode())
    return written


def _write(stage: Stage, written: dict[str, str], path: str, body: bytes) -> None:
    stage.write(path, body)
    written[path] = blake2b(body, digest_size=16).hexdigest()


def moves_of(results: Iterable[Result]) -> dict[str, tuple[str, int]]:
    """The redirects that pages answered."""
    return {result.target.path: result.redirect for result in results if result.redirect}
