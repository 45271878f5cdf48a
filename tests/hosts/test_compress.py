"""`engine freeze --compress`: the compressed siblings of frozen files."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from commands import run
from doors import Files, write_site
from engine import create_app
from engine.freeze.finishing import Finish
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.target import Report
from freeze_tools import PLAIN, tree_of

brotli = pytest.importorskip("brotli", reason="the extra `compress` is not installed")
zstandard = pytest.importorskip("zstandard", reason="the extra `compress` is not installed")
BODY = "<p>the same again</p>\n" * 100
SITE: Files = {
    **PLAIN,
    "pages/index.html": f"---\nlayout: false\n---\n{BODY}",
    "static/tiny.txt": "tiny",
    "static/photo.jpg": bytes(5000),
}
ENDINGS = (".br", ".gz", ".zst")


class Packing:
    """A site that is frozen with compressed siblings."""

    def __init__(self, root: Path) -> None:
        self.root = root / "site"
        self.output = root / "dist"

    def __call__(self, files: Files | None = None, *, clean: bool = False, compress: bool = True) -> Report:
        app = create_app(write_site(self.root, files or {}))
        options = FreezeOptions(str(self.output), 1, clean=clean, finish=Finish(compress=compress))
        report = freeze(app, options)
        assert not report.faults
        return report

    def siblings(self) -> list[str]:
        return sorted(it.name for it in self.output.rglob("*") if it.name.endswith(ENDINGS))

    def inodes(self) -> dict[str, int]:
        return {name: (self.output / name).stat().st_ino for name in self.siblings()}


@pytest.fixture
def packing(tmp_path: Path) -> Packing:
    packing = Packing(tmp_path)
    packing(SITE)
    return packing


def test_each_sibling_gives_the_file_back(packing: Packing) -> None:
    page = (packing.output / "index.html").read_bytes()
    assert gzip.decompress((packing.output / "index.html.gz").read_bytes()) == page
    assert brotli.decompress((packing.output / "index.html.br").read_bytes()) == page
    packed = (packing.output / "index.html.zst").read_bytes()
    assert zstandard.ZstdDecompressor().decompress(packed) == page


def test_what_does_not_get_smaller_has_no_sibling(packing: Packing) -> None:
    assert packing.siblings() == [f"index.html{ending}" for ending in ENDINGS]


def test_the_bytes_are_those_of_a_clean_freeze(packing: Packing, tmp_path: Path) -> None:
    packing({"pages/more.html": f"---\nlayout: false\n---\n{BODY}more"})
    once = tree_of(packing.output)
    clean = Packing(tmp_path / "clean")
    clean({**SITE, "pages/more.html": f"---\nlayout: false\n---\n{BODY}more"})
    assert tree_of(clean.output) == once
    assert once["index.html.gz"][4:8] == bytes(4)


def test_what_did_not_change_is_not_compressed_again(packing: Packing) -> None:
    """The siblings are the very files of the freeze before, although the output was published anew."""
    before = packing.inodes()
    report = packing({"static/new.txt": "new"})
    assert packing.inodes() == before
    assert report.written == ["new.txt"]


def test_what_changed_is_compressed_again(packing: Packing) -> None:
    packing({"pages/index.html": f"---\nlayout: false\n---\n{BODY}{BODY}"})
    page = (packing.output / "index.html").read_bytes()
    assert len(page) > len(BODY)
    assert gzip.decompress((packing.output / "index.html.gz").read_bytes()) == page


def test_content_that_moved_is_not_compressed_again(packing: Packing) -> None:
    before = packing.inodes()["index.html.br"]
    packing({"pages/moved/index.html": f"---\nlayout: false\n---\n{BODY}", "pages/index.html": "Here"})
    assert (packing.output / "moved/index.html.br").stat().st_ino == before


def test_nothing_is_written_where_nothing_changed(packing: Packing) -> None:
    stamp = packing.output.stat().st_ino
    report = packing()
    assert report.written == [] and packing.output.stat().st_ino == stamp


def test_a_sibling_that_somebody_spoilt_is_made_again(packing: Packing) -> None:
    good = (packing.output / "index.html.gz").read_bytes()
    os.unlink(packing.output / "index.html.gz")
    (packing.output / "index.html.gz").write_bytes(b"spoilt")
    packing()
    assert (packing.output / "index.html.gz").read_bytes() == good


def test_the_siblings_of_a_file_that_is_gone_are_removed(packing: Packing) -> None:
    packing({"pages/more.html": f"---\nlayout: false\n---\n{BODY}"})
    (packing.root / "pages/more.html").unlink()
    packing()
    assert packing.siblings() == [f"index.html{ending}" for ending in ENDINGS]


def test_a_freeze_without_it_leaves_none(packing: Packing) -> None:
    packing(compress=False)
    assert packing.siblings() == []


def test_an_authors_own_file_is_left_alone(packing: Packing) -> None:
    packing({"static/a.txt": BODY, "static/a.txt.gz": b"of the author"})
    assert (packing.output / "a.txt.gz").read_bytes() == b"of the author"


def test_the_command_and_the_settings_ask_for_it(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site", SITE)
    assert run("freeze", "--quiet", "--compress", site).returncode == 0
    assert (site / "dist/index.html.br").exists()
    write_site(site, {"site.toml": "[deploy]\ncompress = true\n"})
    assert run("freeze", "--quiet", site).returncode == 0
    assert (site / "dist/index.html.br").exists()
