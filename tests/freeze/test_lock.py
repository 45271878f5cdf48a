"""`urls.lock`: a URL that was published stays, or its end is said."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from commands import run
from doors import write_site

SITE = {
    "pages/index.md": "Hello\n",
    "pages/blog/first.md": "---\ntitle: First\n---\nThe first of all.\n",
    "pages/notes/[name].py": "def static_params():\n    return ['a', 'b']\n\n\ndef get(name):\n    return name\n",
    "pages/paper.txt": "words\n",
    "static/style.css": "p { color: red }\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = write_site(tmp_path / "site", SITE)
    ended = run("freeze", root, "--lock")
    assert ended.returncode == 0, ended.stderr
    return root


def urls(root: Path) -> list[str]:
    lines = (root / "urls.lock").read_text().splitlines()
    return [line.split()[0] for line in lines if not line.startswith("#")]


def said(root: Path, *options: str) -> str:
    """What a freeze says that must fail."""
    ended = run("freeze", root, *options)
    assert ended.returncode == 1
    assert "Nothing was published" in ended.stderr
    return ended.stderr


def test_pages_and_files_are_locked_and_what_pages_are_made_of_is_not(root: Path) -> None:
    assert urls(root) == ["/", "/blog/first/", "/notes/a/", "/notes/b/", "/paper.txt"]


def test_a_site_without_a_lock_has_nothing_to_keep(root: Path) -> None:
    (root / "urls.lock").unlink()
    (root / "pages/paper.txt").unlink()
    assert run("freeze", root).returncode == 0
    assert not (root / "urls.lock").exists()


def test_a_page_that_is_dropped_fails_the_freeze_at_its_line(root: Path) -> None:
    (root / "pages/paper.txt").unlink()
    assert (
        "urls.lock:6: /paper.txt was published, and nothing is there any more. "
        'Redirect it in site.toml, or say `"/paper.txt" = 410` there.' in said(root)
    )


@pytest.mark.long
def test_a_renamed_page_is_seen_by_its_content_and_its_alias_is_proposed(root: Path) -> None:
    page = root / "pages/blog/first.md"
    page.rename(root / "pages/blog/one.md")
    assert (
        "urls.lock:3: /blog/first/ was published, and nothing is there any more. "
        "What was there is at /blog/one/ now: add `aliases: [/blog/first/]` to pages/blog/one.md."
        in said(root)
    )
    (root / "pages/blog/one.md").write_text(
        "---\ntitle: One\naliases: [/blog/first/]\n---\nThe first of all.\n"
    )
    assert run("freeze", root, "--lock").returncode == 0
    assert {"/blog/first/", "/blog/one/"} < set(urls(root))


@pytest.mark.long
def test_a_renamed_file_is_to_be_redirected(root: Path) -> None:
    (root / "pages/paper.txt").rename(root / "pages/article.txt")
    assert 'add `"/paper.txt" = "/article.txt"` to [redirects] in site.toml.' in said(root)
    (root / "site.toml").write_text('[redirects]\n"/paper.txt" = "/article.txt"\n')
    assert run("freeze", root).returncode == 0


@pytest.mark.long
def test_content_that_was_there_before_is_no_new_place(root: Path) -> None:
    (root / "pages/copy.txt").write_text("words\n")
    assert run("freeze", root, "--lock").returncode == 0
    (root / "pages/paper.txt").unlink()
    assert "is at /copy.txt" not in said(root)


@pytest.mark.long
@pytest.mark.parametrize(
    "table",
    [
        '"/notes/b/" = 410',
        '"/notes/[name]/" = 410',
        '"/notes/[...rest]" = "/"',
        '"/notes/b/" = {to = "/notes/a/", code = 301}',
    ],
)
def test_a_url_that_is_redirected_or_gone_is_accounted_for(root: Path, table: str) -> None:
    handler = root / "pages/notes/[name].py"
    handler.unlink()
    shutil.rmtree(root / "pages/notes")
    (root / "pages/notes.md").write_text("---\naliases: [/notes/a/]\n---\nx\n")
    (root / "site.toml").write_text(f"[redirects]\n{table.replace('/notes/a/', '/')}\n")
    ended = run("freeze", root)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.long
def test_what_stays_with_the_server_stands_where_there_is_one(root: Path) -> None:
    handler = root / "pages/notes/[name].py"
    handler.write_text("freeze = False\n\n\ndef get(name):\n    return name\n")
    assert "/notes/a/ was published" in said(root)
    assert run("freeze", root, "--hybrid").returncode == 0


@pytest.mark.long
def test_all_that_is_dropped_is_named_at_once_and_keep_going_publishes(root: Path) -> None:
    (root / "pages/paper.txt").unlink()
    (root / "pages/blog/first.md").unlink()
    ended = run("freeze", root, "--keep-going")
    assert ended.returncode == 1
    assert "2 faults." in ended.stderr and "Froze" in ended.stderr
    assert urls(root) == ["/", "/blog/first/", "/notes/a/", "/notes/b/", "/paper.txt"]


@pytest.mark.long
def test_the_lock_holds_paths_without_the_prefix_of_the_site(root: Path) -> None:
    assert run("freeze", root, "--lock", "--base-url", "https://example.org/sub").returncode == 0
    assert urls(root) == ["/", "/blog/first/", "/notes/a/", "/notes/b/", "/paper.txt"]


@pytest.mark.long
def test_another_policy_for_the_last_slash_drops_nothing(root: Path) -> None:
    (root / "site.toml").write_text('slash = "never"\n')
    assert run("freeze", root).returncode == 0


@pytest.mark.long
def test_a_line_that_cannot_be_read_is_named(root: Path) -> None:
    with (root / "urls.lock").open("a") as lock:
        lock.write("<<<<<<< ours\n/x\n")
    told = said_of_a_bad_lock(root)
    assert "urls.lock:7: this is no URL of the site" in told
    assert "urls.lock:8: this is no URL of the site" in told


def said_of_a_bad_lock(root: Path) -> str:
    ended = run("freeze", root)
    assert ended.returncode == 1 and "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.long
def test_a_url_of_any_letters_is_locked_as_it_is_sent(root: Path) -> None:
    (root / "pages/blog/für immer.md").write_text("x")
    assert run("freeze", root, "--lock").returncode == 0
    assert "/blog/f%C3%BCr%20immer/" in urls(root)
    assert run("freeze", root).returncode == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pages/blog/first.md", "---\ntitle: a: b\n---\n"),
        ("pages/notes/[name].py", "def get(name):\n    1 / 0\n"),
    ],
)
def test_a_page_at_fault_is_not_said_to_be_dropped_too(root: Path, path: str, text: str) -> None:
    (root / path).write_text(
        "def static_params():\n    return ['a', 'b']\n\n\n" + text if "def" in text else text
    )
    assert "nothing is there any more" not in said(root)


def test_a_page_that_is_not_found_any_more_is_missed_also_where_a_link_leads_there(root: Path) -> None:
    handler = "from engine import abort\n\n\ndef get(name):\n    return name if name in {} else abort(404)\n"
    (root / "pages/notes/[name].py").write_text(handler.format("'ab'"))
    (root / "pages/index.md").write_text("[a](/notes/a/) [b](/notes/b/)\n")
    assert run("freeze", root, "--lock").returncode == 0
    (root / "pages/notes/[name].py").write_text(handler.format("'a'"))
    told = said(root)
    assert "pages/index.md:1:20: links to /notes/b/, which is not found." in told
    assert "/notes/b/ was published, and nothing is there any more." in told
