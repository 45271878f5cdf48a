"""Assets are sent as they are, with a type and validators, in ranges, small and large ones alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from doors import Served
from engine.views.asset import IN_MEMORY


@pytest.fixture(params=[10, IN_MEMORY + 1], ids=["small", "large"])
def door(request: pytest.FixtureRequest, served: Callable[..., Served]) -> Served:
    return served({"pages/a.bin": bytes(range(10)) + b"x" * (request.param - 10), "pages/page.md": "x"})


def test_an_asset_has_validators_and_answers_conditions(door: Served) -> None:
    first = door.get("/a.bin")
    assert first.headers["Cache-Control"] == "no-cache"
    tag, changed = first.headers["ETag"], first.headers["Last-Modified"]
    assert door.get("/a.bin", headers={"If-None-Match": tag}).status == 304
    assert door.get("/a.bin", headers={"If-None-Match": '"other"'}).status == 200
    assert door.get("/a.bin", headers={"If-Modified-Since": changed}).status == 304
    assert door.get("/a.bin", headers={"If-Match": '"other"'}).status == 412


def test_an_asset_is_sent_in_ranges(door: Served) -> None:
    part = door.get("/a.bin", headers={"Range": "bytes=2-4"})
    assert (part.status, part.body) == (206, bytes([2, 3, 4]))
    assert part.headers["Content-Range"].startswith("bytes 2-4/")
    assert door.get("/a.bin", headers={"Range": "bytes=99999999-"}).status == 416


def test_head_has_the_length_and_no_body(door: Served) -> None:
    whole, head = door.get("/a.bin"), door.get("/a.bin", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == whole.headers["Content-Length"] == str(len(whole.body))


def test_an_asset_answers_no_other_method(door: Served) -> None:
    door.get("/a.bin")
    answer = door.get("/a.bin", method="POST")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_an_asset_that_was_removed_since_the_load_gets_an_error_as_its_answer(
    door: Served, caplog: pytest.LogCaptureFixture
) -> None:
    file = Path(door.app.root) / "pages/a.bin"
    is_large = file.stat().st_size > IN_MEMORY
    file.unlink()
    client = door.app.test_client(propagate=False)
    assert [client.get("/a.bin").status_code for _ in range(2)] == ([404, 404] if is_large else [500, 500])
    assert is_large or "pages/a.bin" in caplog.text


def test_a_page_has_validators_too(door: Served) -> None:
    tag = door.get("/page/").headers["ETag"]
    assert door.get("/page/", headers={"If-None-Match": tag}).status == 304


def test_what_is_outside_is_never_sent(site: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    root = site(
        {
            "pages/a.md": "x",
            "static/a.txt": "x",
            "data/secret.txt": "secret",
            "templates/secret.txt": "secret",
        }
    )
    door = Served(root)
    for path in (
        *(
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/static/../../secret.txt",
            "/a.txt/../../secret.txt",
        ),
        *(
            "/data/secret.txt",
            "/../data/secret.txt",
            "/templates/secret.txt",
            "/%00",
            "/a.txt%00",
            "/a.md",
            "/pages/a.md",
        ),
        *(
            f"/{root}/static/a.txt",
            f"/%2f{root}/static/a.txt",
            "/..\\secret.txt",
            "/site.toml",
            "/%252e%252e/secret.txt",
        ),
    ):
        assert door.get(path).status == 404, path


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_out_of_the_site_is_refused_and_one_within_is_followed(
    site: Callable[..., Path], faults: Callable[..., list[str]], tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    root = site({"pages/real.txt": "real"})
    (root / "pages/link.txt").symlink_to("real.txt")
    assert Served(root).get("/link.txt").text == "real"
    (root / "static").mkdir()
    (root / "static/out.txt").symlink_to(tmp_path / "secret.txt")
    assert faults({}) == [
        f"static/out.txt: this link leads out of the site, to {tmp_path}/secret.txt. Copy the target into the site."
    ]
