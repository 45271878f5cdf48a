"""The compressed siblings of frozen files."""

from __future__ import annotations

import gzip
from hashlib import blake2b
from pathlib import Path

import pytest

from engine.freeze.compress import INDEX, Compressed, compress

brotli = pytest.importorskip("brotli", reason="the extra `compress` is not installed")
zstandard = pytest.importorskip("zstandard", reason="the extra `compress` is not installed")
PAGE = b"<p>the same again</p>\n" * 100


class Output:
    """A directory of frozen files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.files: dict[str, str] = {}

    def add(self, name: str, body: bytes) -> None:
        (self.root / name).write_bytes(body)
        self.files[name] = blake2b(body).hexdigest()

    def compress(self) -> Compressed:
        return compress(self.root, self.files)


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path)


def test_each_sibling_gives_the_file_back(output: Output) -> None:
    output.add("page.html", PAGE)
    assert output.compress().written == ("page.html.br", "page.html.gz", "page.html.zst")
    assert gzip.decompress((output.root / "page.html.gz").read_bytes()) == PAGE
    assert brotli.decompress((output.root / "page.html.br").read_bytes()) == PAGE
    assert zstandard.ZstdDecompressor().decompress((output.root / "page.html.zst").read_bytes()) == PAGE


def test_the_bytes_are_the_same_each_time(output: Output) -> None:
    output.add("page.html", PAGE)
    output.compress()
    siblings = [output.root / f"page.html{ending}" for ending in (".br", ".gz", ".zst")]
    first = [file.read_bytes() for file in siblings]
    (output.root / INDEX).unlink()
    for file in siblings:
        file.unlink()
    output.compress()
    assert [file.read_bytes() for file in siblings] == first
    assert (output.root / "page.html.gz").read_bytes()[4:8] == bytes(4)


def test_a_file_that_did_not_change_is_not_compressed_again(output: Output) -> None:
    output.add("page.html", PAGE)
    output.compress()
    (output.root / "page.html.gz").write_bytes(b"as it was")
    again = output.compress()
    assert again.written == () and len(again.unchanged) == 3
    assert (output.root / "page.html.gz").read_bytes() == b"as it was"
    output.add("page.html", PAGE * 2)
    assert "page.html.gz" in output.compress().written


def test_what_does_not_get_smaller_has_no_sibling(output: Output) -> None:
    output.add("tiny.html", b"<p>")
    output.add("photo.jpg", bytes(5000))
    assert output.compress().written == ()
    assert sorted(it.name for it in output.root.iterdir()) == [INDEX, "photo.jpg", "tiny.html"]


def test_the_siblings_of_a_file_that_is_gone_are_removed(output: Output) -> None:
    output.add("page.html", PAGE)
    output.compress()
    del output.files["page.html"]
    assert output.compress().removed == ("page.html.br", "page.html.gz", "page.html.zst")
    assert not (output.root / "page.html.gz").exists()


def test_an_authors_own_file_is_left_alone(output: Output) -> None:
    output.add("page.html", PAGE)
    output.add("page.html.gz", b"of the author")
    output.compress()
    assert (output.root / "page.html.gz").read_bytes() == b"of the author"
