"""The tree of directories, and what each of them says."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import SiteError
from engine.source.files import SourceFile, Walk, walk
from engine.source.tree import Directory, build_tree
from growth import seconds


def tree(root: Path, *paths: str) -> Directory:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    return build_tree(walk(str(root), "pages"), "pages")


def names(files: tuple[SourceFile, ...]) -> list[str]:
    return [file.path.removeprefix("pages/") for file in files]


def test_directories_nest_as_on_disk_and_in_the_order_of_their_paths(tmp_path: Path) -> None:
    root = tree(tmp_path, "pages/index.md", "pages/b/x/y/deep.md", "pages/a/one.md", "pages/a-b/z.md")
    assert [directory.path for directory in root.walk()] == [
        "pages",
        "pages/a",
        "pages/a-b",
        "pages/b",
        "pages/b/x",
        "pages/b/x/y",
    ]
    assert names(root.files) == ["index.md"]


def test_the_chain_leads_from_a_directory_to_the_root(tmp_path: Path) -> None:
    root = tree(tmp_path, "pages/a/b/c.md")
    [a] = root.children
    [b] = a.children
    assert list(b.chain()) == [b, a, root]
    assert root.parent is None


def test_an_empty_site_has_a_root(tmp_path: Path) -> None:
    root = tree(tmp_path)
    assert (root.path, root.files, root.children) == ("pages", (), ())


def test_two_directories_are_equal_only_if_they_are_one(tmp_path: Path) -> None:
    first, second = tree(tmp_path, "pages/a.md"), tree(tmp_path)
    assert first != second
    assert len({first, second}) == 2


def test_what_a_directory_says_is_found_by_name_and_is_not_public(tmp_path: Path) -> None:
    root = tree(
        tmp_path, *(f"pages/{name}" for name in ("_data.yaml", "_layout.html", "_hooks.py", "_schema.py"))
    )
    told = (root.data_file, root.layout_file, root.hooks_file, root.schema_file)
    assert [file.name for file in told if file] == ["_data.yaml", "_layout.html", "_hooks.py", "_schema.py"]
    assert (root.files, root.private) == ((), ())


@pytest.mark.parametrize("name", ["_data.yml", "_data.toml", "_data.json"])
def test_data_may_come_in_other_formats(tmp_path: Path, name: str) -> None:
    found = tree(tmp_path, f"pages/{name}").data_file
    assert found is not None and found.name == name


def test_two_data_files_in_a_directory_are_a_fault_that_names_both(tmp_path: Path) -> None:
    with pytest.raises(SiteError) as caught:
        tree(tmp_path, "pages/_data.json", "pages/_data.yaml", "pages/x/_data.toml", "pages/x/_data.yml")
    assert list(map(str, caught.value.faults)) == [
        "pages/_data.yaml: pages/_data.json says the same for this directory. Remove one of the two.",
        "pages/x/_data.yml: pages/x/_data.toml says the same for this directory. Remove one of the two.",
    ]


def test_error_pages_are_kept_by_status_and_are_not_public(tmp_path: Path) -> None:
    root = tree(tmp_path, "pages/404.md", "pages/500.html", "pages/500.py", "pages/405.jinja", "pages/a.md")
    assert {status: names(files) for status, files in root.error_files.items()} == {
        404: ["404.md"],
        405: ["405.jinja"],
        500: ["500.html", "500.py"],
    }
    assert names(root.files) == ["a.md"]


def test_a_name_that_only_looks_like_an_error_page_is_public(tmp_path: Path) -> None:
    lookalikes = ["200.md", "404.png", "4040.md", "604.md", "x404.md"]
    assert names(tree(tmp_path, *(f"pages/{name}" for name in lookalikes)).files) == lookalikes


def test_private_files_and_directories_belong_to_the_nearest_public_directory(tmp_path: Path) -> None:
    root = tree(
        tmp_path, "pages/_a.html", "pages/_parts/b.html", "pages/_parts/c/_layout.html", "pages/x/_y/z.md"
    )
    assert names(root.private) == ["_a.html", "_parts/b.html", "_parts/c/_layout.html"]
    [x] = root.children
    assert names(x.private) == ["x/_y/z.md"]
    assert [directory.path for directory in root.walk()] == ["pages", "pages/x"]
    assert root.layout_file is None


@pytest.mark.long
def test_a_tree_of_many_directories_takes_time_in_proportion_to_them() -> None:
    def took(count: int) -> float:
        files = tuple(SourceFile(f"pages/d{n % 97:02}/e{n:06}/f.md", "", 0, 0) for n in range(count))
        walk = Walk(tuple(sorted(files, key=lambda file: file.path)))
        return seconds(lambda: build_tree(walk, "pages"), times=3)

    assert took(16_000) < 12 * took(4_000)


def test_directories_nested_a_thousand_deep_are_no_trouble() -> None:
    path = "pages" + "/d" * 1500 + "/f.md"
    root = build_tree(Walk((SourceFile(path, "", 0, 0),)), "pages")
    assert len(list(root.walk())) == 1501
