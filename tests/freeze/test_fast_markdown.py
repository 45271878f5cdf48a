"""A site whose Markdown the fast engine reads."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from commands import run
from freeze_tools import tree_of

PAGES = {
    "pages/index.md": "# Home\n\n[About](about.md) *us*\n",
    "pages/about.md": "# About\n\nA note[^1].\n\n[^1]: Below.\n",
    "pages/list.html": "{% set about = pages.get('/about/') %}{{ about.summary }} {{ about.words }}",
}
FAST = '[markdown]\nengine = "fast"\n'


def frozen(root: Path, *options: str) -> dict:
    done = run("freeze", root, "--json", *options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.long
def test_the_fast_engine_freezes_the_same_site(site: Callable[..., Path]) -> None:
    root = site(PAGES)
    assert frozen(root)["fallbacks"] == 0
    default = tree_of(root / "dist")
    site({"site.toml": FAST})
    frozen(root)
    assert tree_of(root / "dist") == default


def test_a_freeze_tells_how_many_files_the_fast_engine_left(site: Callable[..., Path]) -> None:
    root = site({"site.toml": FAST, **PAGES})
    report = frozen(root)
    assert (report["fallbacks"], report["asked"]) == (1, report["pages"])
    said = run("freeze", root).stderr
    assert "The default Markdown engine read 1 Markdown file, which the fast one leaves to it.\n" in said


@pytest.mark.long
def test_a_freeze_that_keeps_pages_counts_theirs_too(site: Callable[..., Path]) -> None:
    root = site({"site.toml": FAST, **PAGES})
    frozen(root)
    report = frozen(root)
    assert (report["fallbacks"], report["asked"]) == (1, 0)
    site({"pages/about.md": "# About\n\nNo note.\n"})
    assert frozen(root)["fallbacks"] == 0


def test_workers_count_what_the_fast_engine_left(site: Callable[..., Path]) -> None:
    texts = {f"pages/p{number}.md": f"text[^1]\n\n[^1]: {number}\n" for number in range(80)}
    assert frozen(site({"site.toml": FAST, **texts}), "--jobs", "2")["fallbacks"] == 80


def test_a_dead_link_is_told_at_its_place(site: Callable[..., Path]) -> None:
    root = site({"site.toml": FAST, "pages/index.md": "---\ntitle: T\n---\n\nSee [a](a.md).\n"})
    assert "pages/index.md:5:5: links to `a.md`, which does not exist." in run("freeze", root).stderr


def test_an_engine_that_does_not_exist_is_a_fault(faults: Callable[..., list[str]]) -> None:
    assert faults({"site.toml": '[markdown]\nengine = "slow"\n', "pages/index.md": ""}) == [
        'site.toml:2:1: `markdown.engine` must be "default" or "fast", not \'slow\'.'
    ]


def test_a_site_that_wants_the_fast_engine_without_its_package_is_told_what_to_install(
    faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.config.FAST_NEEDS", "no_such_package")
    assert faults({"site.toml": FAST, "pages/index.md": ""}) == [
        'site.toml:2:1: `markdown.engine` is "fast", which needs no_such_package. '
        "Install it: pip install 'pages-engine[fast]'."
    ]
