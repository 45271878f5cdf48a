"""Content that others wrote, brought into sites by adding nothing but settings and layouts, and frozen."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "corpora"


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("corpora_tool", REPOSITORY / "tools" / "corpora.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = _tool()

CODES = {
    "eips": {"dead-link", "link-outside"},
    "til": {"dead-link"},
    "rust-blog": {"dead-link", "link-outside"},
    "pallets-website": {"dead-link"},
    "jekyll-test-source": {
        "bad-param-name",
        "bad-yaml",
        "dead-link",
        "duplicate-url",
        "not-utf8",
        "reserved-name",
        "template-error",
        "template-missing",
        "template-syntax",
    },
}
"""The kinds of faults that each corpus has. What they are: tools/corpora.py --faults."""

LEFT_OUT = CODES["jekyll-test-source"] - {"dead-link"}
"""The kinds of faults with which a page is not published."""


@dataclass(frozen=True)
class Frozen:
    """A corpus as a site, and what a freeze of it said and wrote."""

    name: str
    site: Path
    output: Path
    outcome: Any

    @property
    def faults(self) -> list[dict[str, Any]]:
        return self.outcome.report["faults"]

    @property
    def sources(self) -> list[str]:
        """The Markdown and HTML files that are pages: nothing on their way begins with `_`."""
        pages = self.site / "pages"
        paths = (path.relative_to(pages) for path in sorted(pages.rglob("*")) if path.is_file())
        public = (path for path in paths if not any(part[0] in "._" for part in path.parts))
        return [str(path) for path in public if path.suffix in (".md", ".markdown", ".html")]


@pytest.fixture(scope="module", params=tool.CORPORA)
def frozen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Frozen:
    if not (SHARED / request.param).is_dir():
        pytest.skip(f"the corpus {request.param} is not beside this checkout, in {SHARED}")
    work = tmp_path_factory.mktemp("corpus")
    site = tool.bring(request.param, work / "site", SHARED)
    return Frozen(
        request.param, site, work / "dist", tool.freeze(site, work / "dist", "--keep-going", "--jobs", "2")
    )


pytestmark = pytest.mark.long


def test_the_content_is_as_its_authors_wrote_it(frozen: Frozen) -> None:
    corpus = tool.CORPORA[frozen.name]
    content = SHARED / frozen.name / corpus.content
    for path in content.rglob("*"):
        below = path.relative_to(content)
        if below.parts[0] in corpus.published:
            below = Path(below.parts[0][1:], *below.parts[1:])
        copy = frozen.site / "pages" / below
        assert path.is_dir() or copy.read_bytes() == path.read_bytes(), below


def test_it_ends_with_faults_and_never_with_a_traceback(frozen: Frozen) -> None:
    assert "Traceback" not in frozen.outcome.said
    assert frozen.outcome.code == (1 if frozen.faults else 0)
    assert {fault["code"] for fault in frozen.faults} == CODES[frozen.name]


def test_without_keep_going_nothing_is_published(frozen: Frozen, tmp_path: Path) -> None:
    outcome = tool.freeze(frozen.site, tmp_path / "dist")
    assert "Traceback" not in outcome.said
    assert outcome.code == 1
    assert not (tmp_path / "dist").exists()


def test_each_fault_is_said_once_at_a_place_that_exists(frozen: Frozen) -> None:
    places = Counter(
        (fault["file"], fault["line"], fault["column"], fault["what"]) for fault in frozen.faults
    )
    assert [place for place, count in places.items() if count > 1] == []
    for fault in frozen.faults:
        text = (frozen.site / fault["file"]).read_bytes()
        lines = re.split(rb"\r\n?|\n", text)
        assert fault["line"] is None or 1 <= fault["line"] <= len(lines), fault
        if fault["column"] is not None and fault["code"] != "not-utf8":
            line = lines[fault["line"] - 1].decode("utf-8-sig")
            assert 1 <= fault["column"] <= len(line) + 1, fault


def test_a_dead_link_stands_where_the_fault_says(frozen: Frozen) -> None:
    for fault in frozen.faults:
        if fault["code"] != "dead-link":
            continue
        said = re.match(r"links to `?(.+?)`?, (?:which|but)", fault["what"])
        assert said is not None and fault["line"] is not None, fault
        lines = (frozen.site / fault["file"]).read_text("utf-8-sig").split("\n")
        here = "\n".join(lines[fault["line"] - 1 :])[fault["column"] - 1 :].partition("\n\n")[0]
        name = said[1].partition("#")[2] or said[1].rstrip("/").rpartition("/")[2]
        assert name[:40].rstrip("…") in here or "%5B" in said[1], fault


def test_every_page_without_a_fault_is_published(frozen: Frozen) -> None:
    bad = {fault["file"].removeprefix("pages/") for fault in frozen.faults if fault["code"] in LEFT_OUT}
    outputs = {source: _output(source) for source in frozen.sources}
    sound = {output for source, output in outputs.items() if source not in bad}
    published = {str(path.relative_to(frozen.output)) for path in frozen.output.rglob("index.html")}
    assert sound - published == set()
    assert (set(outputs.values()) - sound) & published == set()
    assert frozen.outcome.report["published"]


def _output(source: str) -> str:
    stem = source.rpartition(".")[0]
    directory = stem[: -len("index")].rstrip("/") if Path(stem).name == "index" else stem
    return f"{directory}/index.html".lstrip("/")


def test_two_runs_and_any_number_of_workers_write_the_same_bytes(frozen: Frozen, tmp_path: Path) -> None:
    again = tool.freeze(frozen.site, tmp_path / "dist", "--keep-going", "--jobs", "1")
    assert again.report["faults"] == frozen.faults
    files = [path.relative_to(frozen.output) for path in sorted(frozen.output.rglob("*")) if path.is_file()]
    assert files == [
        path.relative_to(tmp_path / "dist")
        for path in sorted((tmp_path / "dist").rglob("*"))
        if path.is_file()
    ]
    differing = [
        path
        for path in files
        if (frozen.output / path).read_bytes() != (tmp_path / "dist" / path).read_bytes()
    ]
    assert differing == []


def test_every_page_but_a_home_without_one_shows_a_title(frozen: Frozen) -> None:
    for page in frozen.output.rglob("index.html"):
        text = page.read_text("utf-8")
        if 'http-equiv="refresh"' not in text and page.parent != frozen.output:
            assert re.search(r"<title>[^<]+</title>", text), page
            assert "<h1" in text, page


def test_what_is_private_is_nowhere_in_the_output(frozen: Frozen) -> None:
    names = [path.relative_to(frozen.output).parts for path in frozen.output.rglob("*")]
    engine = {".engine.json", "_redirects"}
    assert [
        parts for parts in names if any(part[0] in "._" for part in parts) and parts[-1] not in engine
    ] == []


def test_with_the_layouts_that_it_names_the_hostile_corpus_has_only_its_other_faults(tmp_path: Path) -> None:
    if not (SHARED / "jekyll-test-source").is_dir():
        pytest.skip(f"the corpus jekyll-test-source is not beside this checkout, in {SHARED}")
    site = tool.bring("jekyll-test-source", tmp_path / "site", SHARED)
    (site / "templates").mkdir()
    for name in ("default", "post", "slide", "nil"):
        (site / "templates" / f"{name}.html").write_text('{% extends "engine/layout.html" %}')
    outcome = tool.freeze(site, tmp_path / "dist", "--keep-going")
    assert "Traceback" not in outcome.said
    codes = {fault["code"] for fault in outcome.report["faults"]}
    assert codes == CODES["jekyll-test-source"] - {"template-missing"}
    published = {path.parent.name for path in (tmp_path / "dist").rglob("index.html")}
    assert {"%# +", "2009-03-12-hash-#1", "2016-11-26-special-chars-(+)", "UTF8CRLFandBOM"} <= published
