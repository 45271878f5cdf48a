"""`engine freeze --audit`: what makes a page another one is named, with the line of the site that noticed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands import run
from doors import write_site

pytestmark = pytest.mark.long
PATIENCE = 300  # seconds: an audit starts a dozen processes

SITE = {
    "pages/index.md": "# Hello\n",
    "pages/list.html": "<p>{% for p in pages.sort('title') %}{{ p.title }}{% endfor %}</p>\n",
    "pages/feed.json.py": "from engine import pages\n\n\ndef get():\n    return [p.title for p in pages]\n",
}
NOTICING = {
    "with another hash seed": "def get():\n    names = {'a', 'b', 'c', 'd', 'e', 'f'}\n    return ''.join(names)\n",
    "in another time zone": (
        "import datetime as dt\n\n\ndef get():\n    day = dt.datetime.fromtimestamp(0)\n    return day.isoformat()\n"
    ),
    "in another order of the pages": (
        "import kept\n\n\ndef get():\n    kept.seen.append(1)\n    return str(len(kept.seen))\n"
    ),
}
LINE = {
    "with another hash seed": 2,
    "in another time zone": 5,
    "in another order of the pages": 6,
}


def audited(root: Path) -> tuple[int, str]:
    ended = run("freeze", root, "--audit", timeout=PATIENCE)
    assert "Traceback" not in ended.stderr
    return ended.returncode, ended.stderr


def test_a_site_that_notices_nothing_is_observed_to_be_static(tmp_path: Path) -> None:
    code, said = audited(write_site(tmp_path / "site", SITE))
    assert code == 0
    assert "Observed to be static: 4 pages of 4." in said


@pytest.mark.parametrize("change", list(NOTICING))
def test_the_line_that_notices_a_change_is_named(tmp_path: Path, change: str) -> None:
    files = {**SITE, "pages/notices.py": NOTICING[change], "kept.py": "seen = []\n"}
    if "order" in change:
        files["pages/other.py"] = NOTICING[change]
    code, said = audited(write_site(tmp_path / "site", files))
    assert code == 1
    assert f"pages/notices.py:{LINE[change]}: /notices/ differs {change}." in said
    assert "/list/" not in said and "/feed.json" not in said


def test_a_template_is_named_at_its_line(tmp_path: Path) -> None:
    files = {
        "app.py": "def setup(registry):\n    registry.add_names({'names': lambda: set('abcdef')})\n",
        "pages/index.html": "<p>one</p>\n\n<p>{{ names()|join }}</p>\n",
    }
    _, said = audited(write_site(tmp_path / "site", files))
    assert "/ differs with another hash seed. Sort what comes out of a set." in said
    assert "app.py:2:" in said or "pages/index.html:3:" in said


def test_a_page_that_is_known_to_read_the_clock_is_a_note(tmp_path: Path) -> None:
    files = {**SITE, "pages/now.py": "import time\n\n\ndef get():\n    return str(time.time() // 86400)\n"}
    ended = run("freeze", write_site(tmp_path / "site", files), "--audit", "--json", timeout=PATIENCE)
    assert ended.returncode == 0
    assert json.loads(ended.stdout)["static"] == {
        "pages": 5,
        "notes": ["/now/ differs a year later, as its freeze has noted"],
    }


def test_a_page_that_ends_its_process_under_audit_is_a_fault(tmp_path: Path) -> None:
    ends = (
        "import os\n\n\ndef get():\n    if os.environ.get('LANG') == 'tr_TR.UTF-8':\n        os._exit(3)\n"
        "    return 'x'\n"
    )
    code, said = audited(write_site(tmp_path / "site", {**SITE, "pages/ends.py": ends}))
    assert code == 1
    assert "the pages could not be asked again with all of it" in said
