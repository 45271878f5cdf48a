"""What the tests of freezing share: a freeze of small files, its faults as they are printed, the tree it wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from doors import Files, freeze_site, write_site
from engine import outside
from engine.app.app import App
from engine.config import load_config
from engine.freeze.asking.addresses import Addresses
from engine.freeze.asking.ask import Keeping
from engine.freeze.asking.asker import Asker
from engine.freeze.finishing import folder_beside, write_beside
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.incremental.standing import Seen, look, read_standing
from engine.freeze.incremental.surroundings import Surroundings
from engine.freeze.publish.stage import Stage
from engine.freeze.publish.write import read_manifest
from engine.freeze.secrets import secrets_of
from engine.freeze.target import Report, Result, Target
from engine.loading import load

PLAIN = {"pages/_layout.html": "{{ content }}", "pages/404.html": "---\nlayout: false\n---\nNot here"}
"""A layout and an error page without anything of their own, so that a test shows all that is linked."""


TAMPERED = b"tampered"
"""What somebody else writes into the output."""


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


class Crew(NamedTuple):
    """Asks pages in this process."""

    asker: Asker

    def ask(self, targets: Sequence[Target]) -> Iterator[Result]:
        return map(self.asker.ask, targets)


@contextmanager
def hire_nobody(app: App, stage: Stage) -> Iterator[Crew]:
    """Have all pages asked in this process, which takes half of the time. They must not end it."""
    yield Crew(Asker(app, Keeping(stage, Addresses(app.config), secrets_of(app.config))))


class Bench:
    """A site that is edited, frozen incrementally into one output and clean into another. `root` holds all three.

    Without `jobs` all is made in this process. If it is not `surveyed`, each freeze looks at every file: one that looks
    from outside waits a moment for what was changed just now.
    """

    def __init__(
        self, root: Path, files: Mapping[str, str] | None = None, *, jobs: int = 1, surveyed: bool = False
    ) -> None:
        self.root = root / "site"
        self.output, self.clean_output = self.root / "dist", root / "clean"
        self.jobs = jobs
        self.surveyed = surveyed
        for path, text in (files or {}).items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def freeze(self, *, clean: bool = False) -> Report:
        """The report of a freeze of a fresh load, as the command makes it, without the start of a process."""
        output = self.clean_output if clean else self.output
        as_command = (str(output), None, False, None, None, None)  # without options
        seen = look(str(self.root), *as_command) if self.surveyed else Seen(as_command, None)
        before = None if clean else read_standing(str(self.root), seen)
        if clean:
            shutil.rmtree(output, ignore_errors=True)
        elif before and not before.changed:
            then = before.standing
            return Report(str(output), then.pages, unchanged=sorted(then.stamps), published=True)
        outside.watch()
        surroundings = Surroundings()
        with outside.looking_before(surroundings.of):
            site, faults = load(load_config(self.root), None if clean else seen.survey)
        if site is None:
            return Report(str(output), faults=faults)
        try:
            hire = None if self.jobs else hire_nobody
            options = FreezeOptions(
                str(output),
                jobs=self.jobs,
                clean=clean,
                keep_going=True,
                hire=hire,
                seen=seen,
                before=before,
                surroundings=surroundings,
            )
            report = freeze(App(site), options, known=faults)
            if report.published and report.finished:
                write_beside(folder_beside(str(self.root), ""), report.finished.beside)
            return report
        finally:
            site.modules.close()

    def agrees(self) -> tuple[Report, Report]:
        """The reports of an incremental freeze, and of a clean one that has shown its output to be right."""
        report = self.freeze()
        clean = self.freeze(clean=True)
        self._sweep()
        assert (report.faults, report.published) == (clean.faults, clean.published)
        if not clean.published:  # where nothing of the site can stand, the old output does
            return report, clean
        assert list(_differences(tree_of(self.output), tree_of(self.clean_output))) == []
        assert report.asked <= clean.asked
        return report, clean

    def _sweep(self) -> None:
        """Remove what somebody wrote over a page that is no more: a freeze leaves that alone."""
        published = read_manifest(self.output)
        for path, body in tree_of(self.output).items():
            if path not in published and body == TAMPERED:
                (self.output / path).unlink()

    def rests(self) -> None:
        """Freeze once more where nothing has changed: no page is made, and nothing is written."""
        before = self._stamps()
        report = self.freeze()
        assert (report.asked, report.written, report.removed) == (0, [], [])
        assert self._stamps() == before

    def _stamps(self) -> dict[str, int]:
        ledgers = self.root.glob(".engine/freeze/*.ledger")
        return {str(path): path.lstat().st_ctime_ns for path in (*self.output.rglob("*"), *ledgers)}

    def made(self) -> set[str]:
        """The pages that a freeze has made, by their outputs' stamps."""
        before = {path: (self.output / path).stat().st_ino for path in tree_of(self.output)}
        self.agrees()
        after = {path: (self.output / path).stat().st_ino for path in tree_of(self.output)}
        return {path for path in after if after[path] != before.get(path)} - {".engine.json"}


def _differences(found: Mapping[str, bytes], expected: Mapping[str, bytes]) -> Iterator[str]:
    """The files that are not the same in two trees: a difference of whole trees would be too long to be read."""
    for path in sorted(found.keys() | expected.keys()):
        if found.get(path) != expected.get(path):
            yield f"{path}: {found.get(path)!r:.300} is not {expected.get(path)!r:.300}"
