"""`engine config` lists every setting with its value and its origin, and prints no secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from commands import run
from doors import write_site
from engine.cli.config import command

SITE = {
    "site.toml": (
        '# one\ntitle = "Crust"\nlanguage = "fr"\n\n[freeze]\nsecrets = ["maps", "mail.user", "MAP_KEY"]\n'
        '[redirects]\n"/old/" = "/"\n[app]\nphone = "1"\nday = 2026-01-31\nmaps = "s3cr3t-maps"\n'
        'address = "https://maps.example/?k=s3cr3t-maps"\ndatabase = "postgres://me:s3cr3t-db@db/x"\n'
        'queue = "postgres://db/x?user=me&Password=s3cr3t-q"\nlink = "https://x.example/?keys=&page=2"\n'
        'apiToken = "s3cr3t-token"\nsmtp_pass = "s3cr3t-s"\npasswd = "s3cr3t-p"\ncredentials = ["s3cr3t-c"]\n'
        'passengers = "4"\nbypass = "road"\n[app.mail]\nuser = "s3cr3t-user"\nport = 25\n'
        '[app.passwords]\nann = "s3cr3t-ann"\n'
        '[[app.users]]\nname = "x"\npassword = "s3cr3t-x"\n'
    ),
    "site.production.toml": '[app]\nphone = "2"\n\n[limits]\nbody = 5\n',
    "site.dev.toml": 'author = "Dev"\n',
    ".env": "# mine\nENGINE_LANGUAGE=de\nENGINE_APP__PHONE=3\nENGINE_SECRET_KEY=s3cr3t-dev\n",
    "pages/index.md": "x",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


def listed(root: Path, *options: str, **environment: str) -> dict[str, tuple[Any, str]]:
    ended = CliRunner(env={**environment}).invoke(command, [str(root), "--json", *options])
    assert ended.exit_code == 0, ended.stderr
    assert "s3cr3t" not in ended.output
    return {row["name"]: (row["value"], row["from"]) for row in json.loads(ended.stdout)}


def test_each_setting_has_its_value_and_its_origin(root: Path) -> None:
    rows = listed(root, "--drafts", ENGINE_LIMITS__FORM_PARTS="7", ENGINE_APP__MAIL__PORT="26")
    expected = {
        "title": ("Crust", "site.toml:2"),
        "slash": ("always", "default"),
        "drafts": (True, "--drafts"),
        "author": ("", "default"),
        "limits.body": (5, "site.production.toml:5"),
        "limits.form_parts": (7, "ENGINE_LIMITS__FORM_PARTS"),
        "limits.form_memory": (500_000, "default"),
        "redirects./old/": ("/", "site.toml:8"),
        "app.phone": ("2", "site.production.toml:2"),
        "app.day": ("2026-01-31", "site.toml:11"),
        "app.mail.port": (26, "ENGINE_APP__MAIL__PORT"),
        "freeze.secrets": (["maps", "mail.user", "MAP_KEY"], "site.toml:6"),
        "freeze.output": ("dist", "default"),
        "ignore": ([], "default"),
    }
    assert {name: rows.get(name) for name in expected} == expected


def test_no_secret_is_printed_whatever_makes_it_one(root: Path) -> None:
    given = {
        "ENGINE_SECRET_KEY": "s3cr3t-key",
        "ENGINE_SECRET_KEY_FALLBACKS": "s3cr3t-a,s3cr3t-b",
        "MAP_KEY": "s3cr3t-map",
        "ENGINE_DESCRIPTION": "s3cr3t-map",
    }
    rows = listed(root, **given)
    hidden = {name for name, (value, _) in rows.items() if value == "(set, hidden)"}
    assert hidden == {
        *("secret_key", "secret_key_fallbacks", "description"),
        *(
            "app.maps",
            "app.address",
            "app.database",
            "app.queue",
            "app.apiToken",
            "app.smtp_pass",
            "app.passwd",
            "app.credentials",
            "app.mail.user",
            "app.passwords.ann",
        ),
        "app.users",
    }
    assert rows["app.apiToken"][1] == "site.toml:17"
    assert listed(root)["secret_key"] == ("", "default")


def test_development_reads_its_own_files(root: Path) -> None:
    ended = run("config", root, "--dev", "--json", ENGINE_APP__PHONE="4")
    rows = {row["name"]: (row["value"], row["from"]) for row in json.loads(ended.stdout)}
    assert "s3cr3t" not in ended.stdout + ended.stderr
    assert rows["author"] == ("Dev", "site.dev.toml:1")
    assert rows["language"] == ("de", ".env:2")
    assert rows["app.phone"] == ("4", "ENGINE_APP__PHONE")
    assert rows["secret_key"] == ("(set, hidden)", ".env:4")
    assert listed(root)["language"] == ("fr", "site.toml:3")


def test_it_prints_a_table_for_people(root: Path) -> None:
    ended = run("config", root)
    assert ended.returncode == 0
    lines = [line.split() for line in ended.stdout.splitlines()]
    assert ["title", "site.toml:2", '"Crust"'] in lines
    assert ["drafts", "default", "false"] in lines
    assert "app.maps" in ended.stdout and "(set, hidden)" in ended.stdout
    assert "s3cr3t" not in ended.stdout


def test_faults_are_told_as_by_every_command(root: Path) -> None:
    (root / "site.production.toml").write_text("titel = 1\n")
    ended = run("config", root, cwd=root)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "site.production.toml:1:1: `titel` is not a setting." in ended.stderr


def test_the_defaults_of_a_site_are_settings_too(root: Path) -> None:
    app = """
        from dataclasses import dataclass, field

        print("from app.py")

        @dataclass
        class Shop:
            name: str = "here"
            api_key: str = "s3cr3t-default"

        @dataclass
        class Settings:
            phone: str
            day: object
            loaves: int = 12
            shop: Shop = field(default_factory=Shop)
        """
    settings = '[app]\nphone = "1"\nday = 2026-01-31\n[app.shop]\nname = "there"\n'
    write_site(root, {"app.py": app, "site.toml": settings, "site.production.toml": ""})
    rows = {name: row for name, row in listed(root).items() if name.startswith("app.")}
    assert rows == {
        "app.phone": ("1", "site.toml:2"),
        "app.day": ("2026-01-31", "site.toml:3"),
        "app.loaves": (12, "default"),
        "app.shop.name": ("there", "site.toml:5"),
        "app.shop.api_key": ("(set, hidden)", "default"),
    }
    write_site(root, {"site.toml": "[app]\nphnoe = 1\n"})
    assert listed(root)["app.phnoe"] == (1, "site.toml:2")
