"""Settings come in layers: `site.toml`, `site.ENV.toml`, the environment, flags. The later counts, key by key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from commands import Process, command, run
from doors import Files, Served, write_site
from engine import Config, SiteError, load_config

Find = Callable[..., list[str]]


def loaded(root: Path, files: Files, **options: Any) -> Config:
    return load_config(write_site(root, files), **options)


def faults_of(root: Path, files: Files) -> list[str]:
    with pytest.raises(SiteError) as raised:
        loaded(root, files)
    return [str(fault) for fault in raised.value.faults]


# Files


def test_a_second_file_counts_for_its_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "site.toml": 'title = "All"\nauthor = "A"\n',
        "site.production.toml": 'title = "Production"\n',
        "site.dev.toml": 'title = "Dev"\n',
        "site.staging-2.toml": 'title = "Staging"\n',
    }
    root = write_site(tmp_path, files)
    assert [load_config(root).title, load_config(root, env="dev").title] == ["Production", "Dev"]
    for env, title in {
        "dev": "Dev",
        "staging-2": "Staging",
        "without_a_file": "All",
        "": "Production",
    }.items():
        monkeypatch.setenv("ENGINE_ENV", env)
        config = load_config(root)
        assert (config.title, config.author, config.env) == (title, "A", env or "production")


def test_tables_are_merged_key_by_key_however_deep(tmp_path: Path) -> None:
    files = {
        "site.toml": (
            'ignore = ["a"]\n[freeze]\noutput = "out"\ntimeout = 5\n[redirects]\n"/a/" = "/b/"\n"/c/" = 410\n'
            '[app]\nx = 1\nlist = [1]\n[app.mail]\nhost = "h"\nport = 25\n'
        ),
        "site.production.toml": (
            'ignore = ["b"]\n[freeze]\ntimeout = 6\n[redirects]\n"/c/" = "/d/"\n[app]\nlist = [2]\nmail.port = 26\n'
        ),
    }
    config = loaded(tmp_path, files)
    assert (config.freeze.output, config.freeze.timeout, config.ignore) == ("out", 6, ("b",))
    assert config.redirects == {"/a/": "/b/", "/c/": "/d/"}
    assert config.app == {"x": 1, "list": [2], "mail": {"host": "h", "port": 26}}


def test_faults_of_both_files_come_at_once_with_their_places(tmp_path: Path) -> None:
    files = {
        "site.toml": "slash = 1\n",
        "site.production.toml": '#\n#\nlangauge = "x"\n[freeze]\nhybrid = "no"\n',
    }
    assert faults_of(tmp_path, files) == [
        "site.production.toml:3:1: `langauge` is not a setting. Did you mean `language`?",
        "site.production.toml:5:1: `freeze.hybrid` must be true or false, not 'no'.",
        'site.toml:1:1: `slash` must be "always" or "never", not 1.',
    ]


def test_what_types_do_not_show_is_told_at_the_file_that_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "site.toml": 'base_url = "https://example.org"\ntrusted_origins = ["https://example.org"]\n',
        "site.production.toml": '# one\nbase_url = "example.org"\n[freeze]\noutput = ""\n',
    }
    monkeypatch.setenv("ENGINE_TRUSTED_ORIGINS", "example.org")
    assert [fault.partition(" ")[0] for fault in faults_of(tmp_path, files)] == [
        "ENGINE_TRUSTED_ORIGINS:",
        "site.production.toml:2:1:",
        "site.production.toml:4:1:",
    ]


@pytest.mark.parametrize("path", ["/my shop", "/my%20shop", "/m\u00fcller", "/a//b", "/a/../b"])
def test_a_base_url_has_a_path_that_urls_write_as_it_is(tmp_path: Path, path: str) -> None:
    assert faults_of(tmp_path, {"site.toml": f'base_url = "https://example.org{path}"\n'}) == [
        f"site.toml:1:1: `base_url` has the path {path}, which URLs do not write as it is. "
        "Name it in letters, digits, - and _."
    ]
    loaded(tmp_path, {"site.toml": 'base_url = "https://example.org/~me/a.b/"\n'})


def test_a_file_that_is_no_toml_is_told_by_its_name(tmp_path: Path) -> None:
    files = {"site.toml": "a\n", "site.production.toml": b'title = "\xe9"\n'}
    assert [fault.partition(": ")[0] for fault in faults_of(tmp_path, files)] == [
        "site.production.toml:1:10",
        "site.toml:1:2",
    ]


def test_a_redirect_of_a_layer_is_told_at_its_line(faults: Find) -> None:
    files = {
        "site.toml": '[redirects]\n"/a/" = "/b/"\n',
        "site.production.toml": '#\n[redirects]\n"/a/" = 7\n',
        "pages/b.md": "",
    }
    assert [fault.partition(": ")[0] for fault in faults(files)] == ["site.production.toml:3:1"]


@pytest.mark.parametrize("env", ["../x", "Production", "a b", "a.b", "é"])
def test_a_name_that_is_none_is_a_fault(tmp_path: Path, env: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_ENV", env)
    assert faults_of(tmp_path, {}) == [
        f"ENGINE_ENV: must be a name of a-z, 0-9, - and _, not {env!r}. Correct or unset it."
    ]


def test_no_file_of_settings_is_a_page(door: Callable[..., Any]) -> None:
    files = {"site.toml": "", "site.production.toml": "", "pages/index.md": "x"}
    site = door(files)
    for path in ("/site.toml", "/site.production.toml", "/.env"):
        assert site.get(path).status == 404


def test_a_page_is_made_by_the_layers(door: Callable[..., Any]) -> None:
    files = {
        "site.toml": 'title = "All"\n[app]\nphone = "1"\n',
        "site.production.toml": '[app]\nphone = "2"\n',
        "pages/index.html": "---\nlayout: false\n---\n{{ site.title }} {{ site.app.phone }}",
    }
    assert door(files).get("/").text == "All 2"


@pytest.mark.long
def test_each_command_reads_the_file_of_its_environment(tmp_path: Path) -> None:
    page = "---\nlayout: false\n---\n{{ site.title }}"
    files = {
        "pages/index.html": page,
        **{f"site.{env}.toml": f'title = "{env}"' for env in ("dev", "production")},
    }
    root = write_site(tmp_path, files)
    assert run("freeze", root).returncode == 0
    assert (root / "dist/index.html").read_text() == "production"
    assert run("freeze", root, ENGINE_ENV="dev").returncode == 0
    assert (root / "dist/index.html").read_text() == "dev"
    with Process(command("dev", root, "-p", "0")) as dev:
        assert dev.ready().ask("/").text == "dev"
    with Process(command("dev", root, "-p", "0"), ENGINE_ENV="production") as dev:
        assert dev.ready().ask("/").text == "production"


# The environment


def test_a_variable_sets_a_key_of_the_site_as_the_type_that_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = (
        '[app]\nname = "a"\nnumber = 1\nratio = 0.5\nis-on = false\nday = 2026-01-01\ntags = ["a"]\nodd = [1]\n'
        'none = []\n[app.mail]\nHost = "h"\n'
    )
    given = {
        "NAME": "5",
        "NUMBER": "-7",
        "RATIO": "2",
        "IS_ON": "yes",
        "DAY": "2026-12-31",
        "TAGS": "x, y",
        "ODD": "3,5",
        "NONE": "z",
        "MAIL__HOST": "mail.example",
        "MAIL__PORT": "25",
        "NEW": "1",
        "DEEP__ER": "text",
    }
    for name, text in given.items():
        monkeypatch.setenv(f"ENGINE_APP__{name}", text)
    assert loaded(tmp_path, {"site.toml": settings}).app == {
        "name": "5",
        "number": -7,
        "ratio": 2.0,
        "is-on": True,
        "day": dt.date(2026, 12, 31),
        "tags": ["x", "y"],
        "odd": [3, 5],
        "none": ["z"],
        "mail": {"Host": "mail.example", "port": "25"},
        "new": "1",
        "deep": {"er": "text"},
    }


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a, b", ["a", "b"]),
        ('["a, b", "c"]', ["a, b", "c"]),
        (' ["a"] ', ["a"]),
        ("[]", []),
        ("", []),
        ("[ab]*,x", ["[ab]*", "x"]),
        ('["a"', ['["a"']),
        ("[1]", ["[1]"]),
    ],
)
def test_a_list_has_commas_or_is_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, texts: list[str]
) -> None:
    for name in ("IGNORE", "APP__TAGS"):
        monkeypatch.setenv(f"ENGINE_{name}", text)
    config = loaded(tmp_path, {"site.toml": '[app]\ntags = ["z"]\n'})
    assert (list(config.ignore), config.app["tags"]) == (texts, texts)


def test_a_variable_of_another_type_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = '[app]\nnumber = 1\nday = 2026-01-01\nodd = [1]\non = true\n[app.mail]\nhost = "h"\n'
    for name in ("NUMBER", "DAY", "ODD", "ON", "MAIL", "NUMBER__DEEPER"):
        monkeypatch.setenv(f"ENGINE_APP__{name}", "x")
    assert faults_of(tmp_path, {"site.toml": settings}) == [
        "ENGINE_APP__DAY: must be a date like 2026-01-31, not 'x'. Correct or unset it.",
        "ENGINE_APP__MAIL: must be a table, not 'x'. Correct or unset it.",
        "ENGINE_APP__NUMBER: must be a whole number, not 'x'. Correct or unset it.",
        "ENGINE_APP__NUMBER__DEEPER: must be a whole number, not 'x'. Correct or unset it.",
        "ENGINE_APP__ODD: must be a list, not 'x'. Correct or unset it.",
        "ENGINE_APP__ON: must be true or false, not 'x'. Correct or unset it.",
    ]


def test_no_fault_tells_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_APP__TOKEN", "hunter2")
    [fault] = faults_of(tmp_path, {"site.toml": "[app]\ntoken = 1\n"})
    assert fault == "ENGINE_APP__TOKEN: must be a whole number, not what it is. Correct or unset it."
    monkeypatch.delenv("ENGINE_APP__TOKEN")
    [fault] = faults_of(tmp_path, {"site.toml": 'secret_key = ["hunter2"]\n'})
    assert fault == "site.toml:1:1: `secret_key` must be text, not what it is."


def test_a_flag_counts_more_than_a_variable_and_that_more_than_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"site.toml": 'title = "file"\n', "site.production.toml": 'title = "layer"\n'}
    assert loaded(tmp_path, files).title == "layer"
    monkeypatch.setenv("ENGINE_TITLE", "variable")
    assert loaded(tmp_path, files).title == "variable"
    assert loaded(tmp_path, files, title="flag").title == "flag"
    assert Served(tmp_path, title="flag").app.config.title == "flag"


def test_what_is_no_setting_is_left_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "ENGINE_ROOT",
        "ENGINE_DEV",
        "ENGINE_ORIGINS",
        "ENGINE_APP",
        "ENGINE_APP__",
        "ENGINE_REDIRECTS",
    ):
        monkeypatch.setenv(name, "x")
    config = loaded(tmp_path, {})
    assert (config.root, config.dev, config.app, config.redirects) == (str(tmp_path), False, {}, {})


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ENGINE_SECRETKEY", "Did you mean ENGINE_SECRET_KEY?"),
        ("ENGINE_SESSION__LIFETIM", "Did you mean ENGINE_SESSION__LIFETIME?"),
        ("ENGINE_SESSION__FLAVOUR", "Correct or unset it."),
        ("ENGINE_HEADERS__X", "Correct or unset it."),
    ],
)
def test_a_variable_that_would_set_nothing_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, hint: str
) -> None:
    monkeypatch.setenv("ENGINE_PORT_8000_TCP", "of somebody else")
    monkeypatch.setenv(name, "1")
    assert faults_of(tmp_path, {}) == [f"{name}: names no setting that the environment can give. {hint}"]
