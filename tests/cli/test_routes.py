"""`engine routes`: the route table, for a person and for a machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import run
from doors import write_site

SITE = {
    "site.toml": '[redirects]\n"/old/" = "/a/"\n',
    "pages/a.md": "A\n",
    "pages/[slug].py": "def post(slug):\n    return slug\n",
    "pages/[id=int].md": "x\n",
    "pages/draft.md": "---\ndraft: true\n---\nSoon\n",
    "static/x.css": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


def test_each_route_is_a_line_in_the_order_in_which_they_are_tried(root: Path) -> None:
    ended = run("routes", root)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [line.split() for line in ended.stdout.splitlines()] == [
        ["/x.css", "GET", "HEAD", "OPTIONS", "static/x.css"],
        ["/old", "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "site.toml"],
        ["/a", "GET", "HEAD", "OPTIONS", "pages/a.md"],
        ["/[id=int]", "GET", "HEAD", "OPTIONS", "pages/[id=int].md"],
        ["/[slug]", "OPTIONS", "POST", "pages/[slug].py"],
    ]


def test_a_machine_gets_the_same_as_json(root: Path) -> None:
    rows = json.loads(run("routes", root, "--json", "--drafts").stdout)
    assert {"route": "/draft", "methods": "GET HEAD OPTIONS", "source": "pages/draft.md"} in rows
    assert len(rows) == 6


def test_a_site_without_pages_has_no_line(tmp_path: Path) -> None:
    ended = run("routes", write_site(tmp_path / "site", {"pages/_x.md": "x"}))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_faults_are_listed_and_no_table(root: Path) -> None:
    (root / "pages/a.html").write_text("x")
    (root / "pages/[b.md").write_text("x")
    ended = run("routes", root)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert "2 faults." in ended.stderr and "Traceback" not in ended.stderr


JUDGED = {
    "site.toml": '[redirects]\n"/old/" = "/a/"\n"/gone/" = 410\n',
    "pages/a.md": "A\n",
    "pages/visitor.py": "def get(request):\n    return request.args.get('q', '')\n",
    "pages/clock.py": "import time\n\n\ndef get():\n    return str(time.time())\n",
    "pages/form.py": "def post():\n    return ''\n",
    "pages/told.md": "---\nfreeze: false\n---\nx\n",
    "pages/open/[name].py": "def get(name):\n    return name\n",
    "pages/listed/[name].py": "def static_params():\n    return ['x']\n\n\ndef get(name):\n    return name\n",
    "pages/fails.py": "def get():\n    return 1 / 0\n",
    "pages/paper.txt": "x",
}


def test_each_route_is_judged_by_what_it_reads_with_a_reason(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", JUDGED)
    ended = run("routes", root, "--verdict", "--json")
    assert ended.returncode == 0, ended.stderr
    found = {row["route"]: (row["verdict"], row["reason"]) for row in json.loads(ended.stdout)}
    assert found == {
        "/a": ("static", "it reads nothing of its visitor"),
        "/clock": ("static", "as it was when it was frozen: it reads the clock"),
        "/fails": ("fault", "failed: ZeroDivisionError: division by zero (pages/fails.py:2)"),
        "/form": ("dynamic", "answers POST, which a static host cannot"),
        "/gone": ("gone", "its file says so"),
        "/listed/[name]": ("static", "it reads nothing of its visitor"),
        "/old": ("redirect", "to /a/"),
        "/open/[name]": ("unknown", "nothing says which pages it has"),
        "/paper.txt": ("static", "a file"),
        "/told": ("dynamic", "it says `freeze = False`"),
        "/visitor": (
            "dynamic",
            "reads the query string, so that it would differ from visitor to visitor (pages/visitor.py:2)",
        ),
    }
    assert not (root / "dist").exists() and not (root / ".engine").exists()
