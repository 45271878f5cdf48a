"""Where only the texts of a few pages have changed, a freeze makes the pages that show them, and no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from calm_sequences import calm_sequence
from engine.config import load_config
from engine.errors import SiteError
from engine.freeze.incremental.ledger_file import location, read_ledger
from engine.freeze.incremental.reasons import sentence
from freeze_tools import PLAIN, Bench

SITE = {
    **PLAIN,
    "pages/index.html": "{% for page in pages %}<a href='{{ page.url }}'>{{ page.title }}</a>{% endfor %}",
    "pages/a.md": "---\ntitle: A\n---\nAlpha. [b](b.md#part)\n",
    "pages/b.md": "---\ntitle: B\n---\n## Part\n\nBeta.\n",
    "pages/c.md": "---\ntitle: C\n---\nGamma.\n",
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A site that is frozen, and rests."""
    return begun(tmp_path, {})


def begun(root: Path, more: dict[str, str]) -> Bench:
    bench = Bench(root, {**SITE, **more}, surveyed=True)
    bench.freeze()
    return bench


def edited(bench: Bench, **texts: tuple[str, str]) -> tuple[list[str], int, bool]:
    """What a freeze writes after edits of pages, what it asks, and whether the output is another directory then.

    It agrees with a clean one.
    """
    for name, (old, new) in texts.items():
        bench.edit(f"pages/{name}.md", old, new)
    before = bench.output.stat().st_ino
    report, _ = bench.agrees()
    return report.written, report.asked, bench.output.stat().st_ino != before


def test_one_page_is_written_in_its_place(bench: Bench) -> None:
    others = {path: (bench.output / path).stat().st_ctime_ns for path in ("index.html", "b/index.html")}
    assert edited(bench, a=("Alpha", "Aleph")) == (["a/index.html"], 1, False)
    assert others == {path: (bench.output / path).stat().st_ctime_ns for path in others}
    bench.rests()


def test_of_several_pages_the_output_is_exchanged_whole(bench: Bench) -> None:
    written = (["a/index.html", "c/index.html"], 2, True)
    assert edited(bench, a=("Alpha", "Aleph"), c=("Gamma", "Gimel")) == written
    assert edited(bench, c=("Gimel", "Gamma")) == (["c/index.html"], 1, False)


def test_a_change_that_does_not_show_writes_nothing(bench: Bench) -> None:
    assert edited(bench, c=("Gamma.\n", "Gamma.\n\n\n")) == ([], 1, False)
    bench.rests()


def test_pages_that_show_the_text_of_another_are_made_too(tmp_path: Path) -> None:
    words = "{{ pages.get('/c/').content }}"
    bench = begun(tmp_path, {"pages/words.html": words})
    assert edited(bench, c=("Gamma", "Gimel")) == (["c/index.html", "words/index.html"], 2, True)


def test_a_ledger_that_the_disk_did_not_take_is_not_relied_on(tmp_path: Path) -> None:
    """The one before knows nothing of what pages depend on since."""
    bench = begun(tmp_path, {})
    in_the_way = location(load_config(bench.root), bench.output).with_suffix(".fresh")
    in_the_way.mkdir()
    bench.write("pages/index.html", "{{ pages.get('/c/').content }}")
    bench.freeze()
    in_the_way.rmdir()
    assert edited(bench, c=("Gamma", "Gimel"))[0] == ["c/index.html", "index.html"]
    in_the_way.mkdir()
    edited(bench, c=("Gimel", "Gamma"), a=("Alpha", "Aleph"))
    in_the_way.rmdir()
    assert bench.freeze().asked == 3
    bench.rests()


def test_the_reason_is_told(bench: Bench) -> None:
    edited(bench, c=("Gamma", "Gimel"))
    made = read_ledger(load_config(bench.root), bench.output).entries["/c/"].made
    assert [sentence(reason) for reason in made.why] == ["the body of pages/c.md changed"]


WHOLE = {
    "a title in the front matter": ("c", "title: C", "title: D"),
    "a key that only its author reads": ("c", "title: C", "title: C\nnote: x"),
    "a link to where no other leads": ("c", "Gamma", "[a](a.md#x)\n\n## X"),
    "a heading that is gone": ("b", "## Part", "## Port"),
}


@pytest.mark.parametrize("change", list(WHOLE))
def test_a_change_that_others_can_see_is_for_a_freeze_of_the_whole_site(bench: Bench, change: str) -> None:
    name, old, new = WHOLE[change]
    written, _, is_exchanged = edited(bench, **{name: (old, new)})
    assert is_exchanged or not written


ALONE = {
    "a link to where another leads": ("c", "Gamma", "[b](b.md#part) [a](a.md)"),
    "a link that is gone": ("a", "[b](b.md#part)", "b"),
    "a new heading": ("c", "Gamma", "## Gamma"),
    "a link to a heading of the page itself": ("c", "Gamma", "[down](#delta)\n\n## Delta"),
}


@pytest.mark.parametrize("change", list(ALONE))
def test_links_to_what_is_known_and_new_headings_are_for_one_page(bench: Bench, change: str) -> None:
    name, old, new = ALONE[change]
    assert edited(bench, **{name: (old, new)}) == ([f"{name}/index.html"], 1, False)
    bench.rests()


def test_a_page_that_only_a_link_has_shown_goes_with_it(tmp_path: Path) -> None:
    bench = begun(
        tmp_path,
        {
            "pages/w/[word].py": "def get(word):\n    return word\n",
            "pages/a.md": "---\ntitle: A\n---\n[x](/w/x/)\n",
            "pages/c.md": "---\ntitle: C\n---\n[y](/w/y/)\n",
        },
    )
    edited(bench, a=("[x](/w/x/)", "x"))
    assert not (bench.output / "w/x").exists()
    edited(bench, a=("x", "[z](/w/z/)"))
    assert (bench.output / "w/z").exists()


def test_what_a_key_of_the_directory_said_before_counts_when_the_page_says_it_itself(tmp_path: Path) -> None:
    bench = begun(
        tmp_path, {"pages/d/_data.yaml": "aliases: [/old/]\n", "pages/d/e.md": "---\ntitle: E\n---\nE"}
    )
    edited(bench, **{"d/e": ("title: E", "title: E\naliases: [/old/]")})
    assert (bench.output / "old/index.html").exists()


def test_a_dead_link_is_a_fault_and_nothing_is_published(bench: Bench) -> None:
    bench.edit("pages/c.md", "Gamma", "[x](/nowhere/)")
    assert [fault.code for fault in bench.freeze().faults] == ["dead-link"]


def test_a_heading_that_another_page_links_to_is_missed(bench: Bench) -> None:
    bench.edit("pages/b.md", "## Part\n", "")
    report = bench.freeze()
    assert [(fault.code, fault.file) for fault in report.faults] == [("dead-link", "pages/a.md")]


def test_pages_that_are_enumerated_from_a_text_are_found(tmp_path: Path) -> None:
    tag = (
        "from engine import current_app\n\ndef static_params():\n"
        "    text = current_app.site.pages.get('/c/').content.striptags()\n"
        "    return [{'word': word} for word in text.split()]\n"
        "def get(word):\n    return word\n"
    )
    bench = begun(tmp_path, {"pages/words/[word].py": tag})
    edited(bench, c=("Gamma.", "Gamma and delta"))
    assert (bench.output / "words/delta/index.html").exists()


def test_what_a_handler_reads_of_the_file_itself_is_seen(tmp_path: Path) -> None:
    reads = (
        "from pathlib import Path\n\ndef get():\n    return Path(__file__).with_name('c.md').read_text()\n"
    )
    bench = begun(tmp_path, {"pages/raw.py": reads})
    assert edited(bench, c=("Gamma", "Gimel"))[0] == ["c/index.html", "raw/index.html"]


def test_what_is_another_thing_while_the_page_is_asked_is_seen(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("one")
    page = (
        "from pathlib import Path\n\nfrom engine import current_app\n\n\ndef get():\n"
        f"    note, text = Path({str(note)!r}), str(current_app.site.pages.get('/c/').content)\n"
        "    note.write_text('another') if 'Gimel' in text else None\n    return note.read_text()\n"
    )
    bench = begun(tmp_path, {"pages/noted.txt.py": page})
    bench.edit("pages/c.md", "Gamma", "Gimel")
    bench.freeze()
    assert (bench.output / "noted.txt").read_text() == "another"
    note.write_text("one")
    assert bench.freeze().asked == 1


def test_what_a_module_remembers_of_a_text_is_seen(tmp_path: Path) -> None:
    module = (
        "from engine import current_app\n\nSEEN = {}\n\ndef first():\n"
        "    return SEEN.setdefault('text', str(current_app.site.pages.get('/c/').content))\n"
    )
    reads = "from memory import first\n\ndef get():\n    return first()\n"
    bench = begun(tmp_path, {"memory.py": module, "pages/one.py": reads, "pages/two.py": reads})
    assert edited(bench, c=("Gamma", "Gimel"))[0] == ["c/index.html", "one/index.html", "two/index.html"]


def test_a_page_that_the_engine_did_not_write_as_it_is_is_not_lost(bench: Bench) -> None:
    (bench.output / "a/index.html").write_text("mine")
    assert edited(bench, c=("Gamma", "Gimel"))[:2] == (["c/index.html"], 2)
    assert "Alpha" in (bench.output / "a/index.html").read_text()


def test_nothing_is_written_through_a_link_that_has_taken_the_place_of_a_directory(
    bench: Bench, tmp_path: Path
) -> None:
    (bench.output / "a").rename(tmp_path / "moved")
    (bench.output / "a").symlink_to(tmp_path / "moved")
    with pytest.raises(SiteError, match="was not written by the engine"):
        edited(bench, a=("Alpha", "Aleph"))
    assert "Alpha" in (tmp_path / "moved/index.html").read_text()


@pytest.mark.parametrize("seed", range(2))
def test_after_any_edits_of_texts_the_output_is_that_of_a_clean_freeze(seed: int, tmp_path: Path) -> None:
    reports = list(calm_sequence(seed, tmp_path))
    assert sum(report.asked for report in reports) < sum(report.pages for report in reports)


@pytest.mark.long
@pytest.mark.parametrize("part", range(4))
def test_after_very_many_edits_of_texts_the_output_is_that_of_a_clean_freeze(
    part: int, tmp_path: Path
) -> None:
    for seed in range(100 + part, 120, 4):
        for _ in calm_sequence(seed, tmp_path / "bench"):
            pass
        shutil.rmtree(tmp_path / "bench")
