"""No frozen file holds a secret of the site, however it is spelt and wherever it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from commands import run
from doors import write_site

KEY = "a&b/c d<e"


def frozen(root: Path, **environment: str) -> tuple[int, str]:
    ended = run("freeze", root, **environment)
    return ended.returncode, ended.stderr


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.html", "<p>{{ app.key }}</p>"),
        ("page.html", "<a href='https://e.example/?k={{ app.key|urlencode }}'>x</a>"),
        ("page.txt.jinja", "{{ app.key|safe }}"),
        (
            "page.json.py",
            "from engine import current_app\n\n\ndef get():\n    return {'k': current_app.config.app['key']}\n",
        ),
        ("page.txt", KEY),
        ("page.bin", "x" * 70_000 + KEY),
    ],
)
def test_a_secret_of_the_settings_is_found_in_every_kind_of_file(
    tmp_path: Path, name: str, text: str
) -> None:
    settings = f"[app]\nkey = '{KEY}'\n\n[freeze]\nsecrets = ['key']\n"
    globals_ = "def setup(registry):\n    registry.names['app'] = registry.config.app\n"
    root = write_site(
        tmp_path / "site",
        {"site.toml": settings, "app.py": globals_, f"pages/{name}": text, "pages/index.md": "x\n"},
    )
    code, said = frozen(root)
    assert code == 1
    assert f"pages/{name}: /page" in said and "holds the secret `key`." in said
    assert KEY not in said
    assert not (root / "dist").exists()


def test_the_secret_key_is_one_without_being_named(tmp_path: Path) -> None:
    root = write_site(tmp_path / "site", {"pages/index.md": "The key is 0123456789abcdef.\n"})
    assert frozen(root)[0] == 0
    code, said = frozen(root, ENGINE_SECRET_KEY="0123456789abcdef")
    assert (code, "pages/index.md: / holds the secret `secret_key`." in said) == (1, True)


@pytest.mark.long
def test_a_page_of_the_last_freeze_is_looked_through_for_a_new_secret(tmp_path: Path) -> None:
    files = {"pages/index.md": "swordfish\n", "site.toml": "[freeze]\nsecrets = ['PASSWORD']\n"}
    root = write_site(tmp_path / "site", files)
    assert frozen(root)[0] == 0
    assert frozen(root, PASSWORD="swordfish")[0] == 1
    assert frozen(root, PASSWORD="other")[0] == 0


@pytest.mark.long
def test_a_secret_on_the_edge_between_two_pieces_of_a_file_is_found(tmp_path: Path) -> None:
    files = {"pages/index.md": "x\n", "site.toml": "[freeze]\nsecrets = ['PASSWORD']\n"}
    root = write_site(tmp_path / "site", files)
    for at in range(65_530, 65_537):  # files are read by 64 kB or a divisor of it
        (root / "pages/large.bin").write_bytes(b"-" * at + b"swordfish" + b"-" * 70_000)
        assert frozen(root, PASSWORD="swordfish")[0] == 1
