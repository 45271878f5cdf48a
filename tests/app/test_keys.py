"""A site that uses the session is not served without a key to sign it with."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import run
from doors import Files, write_site
from engine import SiteError, create_app
from engine.app.keys import require_key

HINT = "Make one by"


def refusals(root: Path, **settings: str) -> list[str]:
    try:
        require_key(create_app(root, **settings).site)
    except SiteError as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("files", "place"),
    [
        (
            {"pages/a.py": "from engine import session\n\n\ndef get():\n    return session.get('a', '')\n"},
            "pages/a.py",
        ),
        ({"pages/_hooks.py": "from engine import flash\n", "pages/a.md": "a"}, "pages/_hooks.py"),
        ({"words.py": "from engine import session as s\n", "app.py": "import words\n"}, "words.py"),
        ({"pages/a.py": "from engine import signer\n\n\ndef get():\n    return 'a'\n"}, "pages/a.py"),
        (
            {"pages/a.py": "import engine as e\n\n\ndef get():\n    return e.session.get('a', '')\n"},
            "pages/a.py",
        ),
        ({"pages/a.py": "def get():\n    from engine import flash\n    return flash('a')\n"}, "pages/a.py"),
        ({"app.py": "def setup(app):\n    app.needs_secret_key = True\n"}, "app.py"),
        (
            {"app.py": "from engine.ext import forms\n\n\ndef setup(app):\n    forms.init_app(app)\n"},
            "app.py",
        ),
        (
            {"templates/a.html": "a\n{{ get_flashed_messages() }}", "pages/a.md": "a"},
            "templates/a.html:2",
        ),
        (
            {"pages/_layout.html": "{{ get_flashed_messages() }}{{ content }}", "pages/a.md": "a"},
            "pages/_layout.html:1",
        ),
    ],
)
def test_what_uses_the_session_is_named(tmp_path: Path, files: Files, place: str) -> None:
    root = write_site(tmp_path / "site", files)
    [fault] = refusals(root)
    assert fault.startswith(f"{place}: uses the session, which needs a secret key. {HINT}")
    assert refusals(root, secret_key="a key") == []


def test_a_site_without_a_session_needs_no_key(tmp_path: Path) -> None:
    files = {
        "pages/c.py": "import engine\n\n\ndef get(request):\n    return request.session or engine.request.session\n",
        "app.py": "import shop.loaves\n",
        "shop/loaves.py": "",
        "pages/a.py": "from engine import request\n\nsession = 1\n\n\ndef get():\n    return {'session': 2}\n",
        "pages/b.html": "{{ session.title }}{% set get_flashed_messages = 1 %}{{ get_flashed_messages }}",
        "templates/broken.html": "{% if session",
    }
    assert refusals(write_site(tmp_path / "site", files)) == []


@pytest.mark.long
def test_a_server_does_not_start_without_a_key(tmp_path: Path) -> None:
    page = "from engine import session\n\n\ndef get():\n    return str(session.get('a'))\n"
    root = write_site(tmp_path / "site", {"pages/a.py": page})
    result = run("serve", root, "-p", "0")
    assert result.returncode == 1
    assert "pages/a.py: uses the session, which needs a secret key." in result.stderr
    assert "Traceback" not in result.stderr
