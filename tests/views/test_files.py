"""A handler sends files of its site, and of a directory that it names; nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Door, Files, Served, freeze_site

RETURN = "from pathlib import Path\n\n\ndef get():\n    return Path({!r})\n"
SEND = """
from engine import request, send_from_directory

def get():
    return send_from_directory({!r}, request.args["name"])
"""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory beside the site, with a file and a link out of it."""
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers/a.txt").write_text("a paper")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "papers/link.txt").symlink_to("../secret.txt")
    return tmp_path / "papers"


def test_a_relative_path_counts_from_the_site(
    door: Callable[..., Door], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = door({"data/a.txt": "own", "pages/a.txt.py": RETURN.format("data/a.txt")})
    monkeypatch.chdir(tmp_path)
    assert opened.get("/a.txt").text == "own"


@pytest.mark.parametrize(
    "path", ["{}/a.txt", "../papers/a.txt", "data/../../papers/a.txt", "/etc/passwd", "data/out"]
)
def test_a_path_out_of_the_site_is_refused_by_the_name_of_the_function(
    served: Callable[..., Served], outside: Path, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = path.format(outside)
    door = served({"data/x": "", "pages/a.py": RETURN.format(path)})
    os.symlink(outside / "a.txt", Path(door.app.root, "data/out"))
    answer = door.get("/a/")
    assert (answer.status, "paper" in answer.text) == (500, False)
    assert (
        f"pages/a.py:4: `get()` returned the file {path}, which is outside the site. If it may be sent,"
        in caplog.text
    )


def test_the_freeze_refuses_it_too(outside: Path, site: Callable[[Files], Path], tmp_path: Path) -> None:
    root = site({"pages/a.txt.py": RETURN.format("../papers/a.txt")})
    report = freeze_site(root, tmp_path / "dist")
    assert [(fault.code, fault.file) for fault in report.faults] == [("handler-file", "pages/a.txt.py")]


def test_a_directory_that_is_named_may_be_anywhere(served: Callable[..., Served], outside: Path) -> None:
    for directory in (str(outside), "../papers"):
        door = served({"pages/a.py": SEND.format(directory)})
        answer = door.get("/a/?name=a.txt")
        assert (answer.status, answer.text, answer.type) == (200, "a paper", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt",
        "/etc/passwd",
        "link.txt",
        "b.txt",
        "",
        ".",
        "..",
        "a.txt/",
        "%00",
        "a.txt%00",
        "../papers2/x",
    ],
)
def test_a_name_that_leads_out_of_the_directory_is_not_found(
    served: Callable[..., Served], outside: Path, name: str
) -> None:
    (outside.parent / "papers2").mkdir()
    (outside.parent / "papers2/x").write_text("secret")
    door = served({"pages/a.py": SEND.format(str(outside))})
    answer = door.get(f"/a/?name={name}")
    assert "secret" not in answer.text
    assert answer.status == 404 or name == "a.txt/"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a b.txt", 'attachment; filename="a b.txt"'),
        ("日.txt", "attachment; filename*=UTF-8''%E6%97%A5.txt"),
    ],
)
def test_an_attachment_has_its_name(served: Callable[..., Served], name: str, header: str) -> None:
    page = SEND.replace('["name"]', '["name"], as_attachment=True').format("data")
    answer = served({f"data/{name}": "own", "pages/a.py": page}).get(f"/a/?name={name}")
    assert (answer.text, answer.headers["Content-Disposition"]) == ("own", header)


def test_a_name_that_no_header_can_hold_keeps_no_file_from_being_sent(served: Callable[..., Served]) -> None:
    send = "send_from_directory('data', 'a.txt', as_attachment=True, download_name='a\\nb\\x7f.txt')"
    page = f"from engine import send_from_directory\n\ndef get():\n    return {send}\n"
    answer = served({"data/a.txt": "own", "pages/a.py": page}).get("/a/")
    assert (answer.text, answer.headers["Content-Disposition"]) == ("own", "attachment; filename=ab.txt")


def test_what_is_said_of_a_file_is_sent_with_it(served: Callable[..., Served], outside: Path) -> None:
    options = "mimetype='text/x-paper', as_attachment=True, download_name='b.txt', max_age=60"
    send = f"send_from_directory({str(outside)!r}, 'a.txt', {options})"
    page = f"from engine import send_from_directory\n\ndef get():\n    return {send}\n"
    headers = served({"pages/a.py": page}).get("/a/").headers
    assert headers["Content-Type"] == "text/x-paper; charset=utf-8"
    assert headers["Content-Disposition"] == "attachment; filename=b.txt"
    assert headers["Cache-Control"] == "public, max-age=60"
    assert "ETag" in headers


@pytest.mark.parametrize("more", ["", ", conditional=False"])
def test_a_file_that_is_kept_under_a_number_is_shown_under_its_name(
    served: Callable[..., Served], more: str
) -> None:
    send = f"send_from_directory('data', '81', download_name='frog.png'{more})"
    page = f"from engine import send_from_directory\n\ndef get():\n    return {send}\n"
    answer = served({"data/81": "own", "pages/a.py": page}).get("/a/")
    assert (answer.text, answer.type) == ("own", "image/png")
    assert answer.headers["Content-Disposition"] == "inline; filename=frog.png"


@pytest.mark.parametrize(
    ("more", "tag", "status"),
    [
        ("conditional=True", None, 304),
        ("conditional=False", None, 200),
        ("etag='own'", '"own"', 304),
        ("etag=False", "", 200),
        ("last_modified=0", None, 304),
    ],
)
def test_what_identifies_a_file_of_a_directory_can_be_said(
    served: Callable[..., Served], more: str, tag: str | None, status: int
) -> None:
    send = f"send_from_directory('data', 'a.txt', as_attachment=True, {more})"
    page = f"from engine import send_from_directory\n\ndef get():\n    return {send}\n"
    door = served({"data/a.txt": "own", "pages/a.py": page})
    answer = door.get("/a/")
    assert (answer.text, answer.headers["Content-Disposition"]) == ("own", "attachment; filename=a.txt")
    found = answer.headers.get("ETag", "")
    assert found == tag if tag is not None else found
    assert ("1970" in answer.headers["Last-Modified"]) is more.startswith("last")
    assert door.get("/a/", headers={"If-None-Match": found or '"x"'}).status == status
