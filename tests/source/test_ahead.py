"""Front matter that several processes read is what one process reads, whatever becomes of the others."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.config import load_config
from engine.errors import SiteError
from engine.loading import load
from engine.source.ahead import PAYS, reading
from engine.source.files import SourceFile, walk
from engine.source.frontmatter import Read, read_matter

TEXTS = (
    "---\ntitle: One\ndate: 2026-01-01\ntags: [a, b]\n---\nText.\n",
    "---\ntitle:\nweight: 3\n---\n# From the text\n",
    "# No front matter\n",
    "",
    "+++\ntitle = 'TOML'\nwhen = 2026-01-01T10:00:00Z\n[params]\ndeep = [1, 2.5, true]\n+++\nText\n",
    "---\ntitle: 1.10\ndescription: Größe\n---\n\n\nText\r\n",
    "---\ntitle: [not closed\n---\n",
    "---\nno end\n: x: y\n",
    "---\ndate: never\ntags: 7\n---\n",
    "---\naliases: [/was/here/]\ntags: []\n---\n",
)


@pytest.fixture
def files(tmp_path: Path) -> list[SourceFile]:
    for number in range(2 * PAYS + 100):
        file = tmp_path / "pages" / f"d{number % 7}" / f"p{number}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(TEXTS[number % len(TEXTS)].replace("/was/", f"/was-{number}/"), newline="")
    return list(walk(str(tmp_path), "pages", ()).files)


def what(read: Read, file: SourceFile) -> Any:
    """What a load takes from a file, or its faults."""
    try:
        matter = read(file)
    except SiteError as error:
        return error.faults
    title = None if matter.values.get("title") else matter.body
    places = {key: matter.place(key) for key in matter.values}
    return (matter.values, title, matter.body_line, matter.body_digest, matter.head, places)


@pytest.mark.parametrize("order", [list, reversed], ids=["in order", "backwards"])
def test_two_processes_read_what_one_reads(
    files: list[SourceFile], order: Callable[[list[SourceFile]], list[SourceFile]]
) -> None:
    with reading(files, 2) as read:
        assert len(multiprocessing.active_children()) == 1
        for file in order(files):
            assert what(read, file) == what(read_matter, file)
    assert multiprocessing.active_children() == []


def test_what_a_dead_process_has_not_told_is_read_all_the_same(files: list[SourceFile]) -> None:
    with reading(files, 2) as read:
        [process] = multiprocessing.active_children()
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert [what(read, file) for file in files] == [what(read_matter, file) for file in files]


def test_no_process_is_started_for_few_files(files: list[SourceFile]) -> None:
    with reading(files[:PAYS], 8) as read:
        assert multiprocessing.active_children() == []
        assert read is read_matter


def test_a_site_that_two_processes_read_is_the_same_with_the_same_faults(
    files: list[SourceFile], tmp_path: Path
) -> None:
    (alone, faults), (together, more) = (load(load_config(tmp_path), jobs=jobs) for jobs in (1, 2))
    assert alone and together
    assert faults and more == faults
    fields = ("path", "title", "meta", "body_digest", "head")
    assert [[getattr(page, name) for name in fields] for page in together.pages] == [
        [getattr(page, name) for name in fields] for page in alone.pages
    ]
    assert sorted(together.views) == sorted(alone.views)
