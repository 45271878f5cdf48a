"""The walk over a site's files, and reading one."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from engine.errors import SiteError
from engine.source.files import SourceFile, Walk, walk


def put(root: Path, *paths: str, text: str = "x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def paths(walked: Walk) -> list[str]:
    return [file.path for file in walked.files]


def only(root: Path, data: bytes) -> SourceFile:
    (root / "pages").mkdir()
    (root / "pages/a.md").write_bytes(data)
    [file] = walk(str(root), "pages").files
    return file


def fault_of(file: SourceFile) -> tuple[str, int | None, int | None]:
    with pytest.raises(SiteError) as caught:
        file.read_text()
    [fault] = caught.value.faults
    assert fault.file == "pages/a.md"
    return fault.code, fault.line, fault.column


def test_a_file_knows_its_path_in_the_site_and_its_place_on_disk(tmp_path: Path) -> None:
    put(tmp_path, "pages/blog/feed.xml.py", text="abc")
    [file] = walk(str(tmp_path), "pages").files
    assert (file.path, file.name, file.suffix, file.size) == (
        "pages/blog/feed.xml.py",
        "feed.xml.py",
        ".py",
        3,
    )
    assert file.location == str(tmp_path / "pages/blog/feed.xml.py")
    assert file.mtime_ns == (tmp_path / "pages/blog/feed.xml.py").stat().st_mtime_ns
    assert file.read() == b"abc"


def test_files_come_in_the_order_of_the_code_points_of_their_paths(tmp_path: Path) -> None:
    names = [
        "pages/b.md",
        "pages/a/z.md",
        "pages/a.md",
        "pages/Z.md",
        "pages/é.md",
        "pages/a-b.md",
        "pages/😀.md",
    ]
    put(tmp_path, *names)
    assert paths(walk(str(tmp_path), "pages")) == sorted(names)


def test_a_missing_folder_has_no_files(tmp_path: Path) -> None:
    assert walk(str(tmp_path), "data") == Walk((), ())


def test_a_folder_that_is_a_file_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "pages")
    assert [fault.code for fault in walk(str(tmp_path), "pages").faults] == ["not-a-directory"]


def test_names_with_a_dot_and_litter_are_skipped_and_private_names_are_not(tmp_path: Path) -> None:
    put(
        tmp_path, "pages/.hidden", "pages/.git/config", "pages/.well-known/security.txt", "pages/_layout.html"
    )
    put(tmp_path, "pages/a.md~", "pages/#a.md#", "pages/.#a.md", "pages/a.md.swp", "pages/__pycache__/a.pyc")
    put(tmp_path, "pages/_private/x.md", "pages/a#b.md")
    assert paths(walk(str(tmp_path), "pages")) == [
        "pages/.well-known/security.txt",
        "pages/_layout.html",
        "pages/_private/x.md",
        "pages/a#b.md",
    ]


def test_ignored_globs_hold_for_files_and_whole_directories(tmp_path: Path) -> None:
    put(tmp_path, "pages/a.md", "pages/a.tmp", "pages/deep/b.tmp", "pages/node_modules/x/y.js")
    assert paths(walk(str(tmp_path), "pages", ("*.tmp", "pages/node_modules"))) == ["pages/a.md"]


def test_a_link_inside_the_site_is_followed(tmp_path: Path) -> None:
    put(tmp_path, "shared/part.md", "pages/index.md")
    (tmp_path / "pages/linked").symlink_to("../shared")
    (tmp_path / "pages/one.md").symlink_to(tmp_path / "shared/part.md")
    walked = walk(str(tmp_path), "pages")
    assert paths(walked) == ["pages/index.md", "pages/linked/part.md", "pages/one.md"]
    assert walked.files[1].read_text() == "x"
    assert walked.faults == ()


def test_a_site_reached_through_a_link_is_walked_as_any_other(tmp_path: Path) -> None:
    put(tmp_path, "real/pages/a.md", "real/pages/b/c.md")
    (tmp_path / "real/pages/d").symlink_to("b")
    (tmp_path / "site").symlink_to("real")
    walked = walk(str(tmp_path / "site"), "pages")
    assert (paths(walked), walked.faults) == (["pages/a.md", "pages/b/c.md", "pages/d/c.md"], ())


@pytest.mark.parametrize(
    "target", ["../../outside", "../../outside/secret.txt", "/etc", "../../site-neighbour"]
)
def test_a_link_out_of_the_site_is_a_fault_that_names_both_ends(tmp_path: Path, target: str) -> None:
    put(tmp_path, "outside/secret.txt", "site-neighbour/x.txt", "site/pages/a.md")
    (tmp_path / "site/pages/link").symlink_to(target)
    walked = walk(str(tmp_path / "site"), "pages")
    [fault] = walked.faults
    assert paths(walked) == ["pages/a.md"]
    assert (fault.code, fault.file) == ("symlink-outside", "pages/link")
    assert target in fault.what


def test_a_folder_that_is_itself_a_link_out_of_the_site_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "outside/secret.txt")
    (tmp_path / "site").mkdir()
    (tmp_path / "site/static").symlink_to("../outside")
    walked = walk(str(tmp_path / "site"), "static")
    assert (walked.files, [fault.code for fault in walked.faults]) == ((), ["symlink-outside"])


def test_a_link_to_nothing_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "pages/a.md")
    (tmp_path / "pages/link.md").symlink_to("gone.md")
    [fault] = walk(str(tmp_path), "pages").faults
    assert str(fault) == (
        "pages/link.md: this link leads to gone.md, which does not exist. Remove the link, or make its target."
    )


def test_links_that_go_in_a_circle_are_faults_and_the_walk_ends(tmp_path: Path) -> None:
    put(tmp_path, "pages/a/x.md", "pages/b/y.md")
    (tmp_path / "pages/a/up").symlink_to("..")
    (tmp_path / "pages/a/other").symlink_to("../b")
    (tmp_path / "pages/b/other").symlink_to("../a")
    (tmp_path / "pages/self").symlink_to("self")
    walked = walk(str(tmp_path), "pages")
    assert {fault.code for fault in walked.faults} == {"symlink-loop"}
    assert {"pages/a/up", "pages/self", "pages/a/other/other"} <= {fault.file for fault in walked.faults}
    assert "pages/a/other/y.md" in paths(walked)


def test_pipes_and_sockets_are_faults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "pages/a.md")
    os.mkfifo(tmp_path / "pages/pipe")
    monkeypatch.chdir(tmp_path / "pages")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door")
        (tmp_path / "pages/null").symlink_to("pipe")
        walked = walk(str(tmp_path), "pages")
    assert paths(walked) == ["pages/a.md"]
    assert [(fault.code, fault.file) for fault in walked.faults] == [
        ("special-file", "pages/door"),
        ("special-file", "pages/null"),
        ("special-file", "pages/pipe"),
    ]


def test_a_name_that_is_not_utf8_is_a_fault_that_can_be_printed(tmp_path: Path) -> None:
    put(tmp_path, "pages/a.md", "pages/line\nbreak.md")
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/pages/caf\xe9.md")).write_text("x")
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    walked = walk(str(tmp_path), "pages")
    assert paths(walked) == ["pages/a.md"]
    assert [fault.code for fault in walked.faults] == ["bad-name", "bad-name"]
    assert [str(fault).encode().partition(b":")[0] for fault in walked.faults] == [
        rb"pages/caf\xe9.md",
        rb"pages/line\x0abreak.md",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_directory_that_may_not_be_read_is_a_fault(tmp_path: Path) -> None:
    put(tmp_path, "pages/closed/a.md")
    (tmp_path / "pages/closed").chmod(0)
    [fault] = walk(str(tmp_path), "pages").faults
    (tmp_path / "pages/closed").chmod(0o700)
    assert (fault.code, fault.file) == ("unreadable", "pages/closed")


def test_a_path_too_long_for_the_system_is_a_fault_and_not_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pages").mkdir()
    monkeypatch.chdir(tmp_path / "pages")
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    walked = walk(str(tmp_path), "pages")
    assert walked.files == ()
    assert [fault.code for fault in walked.faults] == ["unreadable"]


def test_a_file_that_vanished_since_the_walk_is_a_fault(tmp_path: Path) -> None:
    file = only(tmp_path, b"x")
    Path(file.location).unlink()
    assert fault_of(file) == ("unreadable", None, None)


def test_text_comes_without_byte_order_mark_and_with_one_kind_of_line_end(tmp_path: Path) -> None:
    assert only(tmp_path, b"\xef\xbb\xbfa\r\nb\rc\n\xc3\xa9").read_text() == "a\nb\nc\né"


def test_only_one_byte_order_mark_is_dropped(tmp_path: Path) -> None:
    assert only(tmp_path, b"\xef\xbb\xbf" * 2 + b"a").read_text() == "\ufeffa"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"caf\xe9", ("not-utf8", 1, 4)),
        (b"\xef\xbb\xbfa\r\n\xc3\xa9\xff", ("not-utf8", 2, 2)),
        (b"a\rb\r\n\xed\xa0\x80", ("not-utf8", 3, 1)),
        (b"\xff\xfea\x00", ("not-utf8", 1, 1)),
        (b"\xfe\xff\x00a", ("not-utf8", 1, 1)),
        (b"a\nbc\x00d", ("nul-character", 2, 3)),
    ],
)
def test_text_that_is_not_utf8_or_holds_a_nul_is_a_fault_with_its_place(
    tmp_path: Path, data: bytes, fault: tuple[str, int, int]
) -> None:
    assert fault_of(only(tmp_path, data)) == fault


def test_utf16_is_named_with_the_way_to_convert_it(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match=r"UTF-16, not UTF-8\. Convert it: iconv"):
        only(tmp_path, "text".encode("utf-16")).read_text()


@pytest.mark.parametrize("text", ["", "short", "x" * 3_000_000], ids=["emptied", "shorter", "longer"])
def test_a_file_that_has_another_size_since_it_was_found_is_read_whole(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pages" / "a.md"
    path.parent.mkdir()
    path.write_text("as it was")
    [file] = walk(str(tmp_path), "pages", ()).files
    path.write_text(text)
    assert file.read() == text.encode()
