"""The class `Settings` in `app.py` gives `[app]` types: code gets the record, and faults have their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from doors import Door, Served

Find = Callable[..., list[str]]

APP = """
    import datetime as dt
    from dataclasses import dataclass, field

    @dataclass(frozen=True)
    class Mail:
        host: str
        port: int = 25

    @dataclass(frozen=True)
    class Settings:
        name: str
        mail: Mail
        tags: list[str] = field(default_factory=list)
        opens: dt.time = dt.time(7)
        open: bool = True

        @property
        def sender(self):
            return f"{self.name}@{self.mail.host}"
"""
MODEL = """
    from pydantic import BaseModel, Field, SecretStr, field_validator

    class Settings(BaseModel):
        name: str = Field(min_length=2)
        api_key: SecretStr = SecretStr("")
        places: int = 1

        @field_validator("places")
        @classmethod
        def few(cls, value):
            if value > 9:
                raise ValueError("must be less than ten")
            return value
"""
SITE = {
    "app.py": APP,
    "site.toml": '[app]\nname = "shop"\ntags = ["a"]\n\n[app.mail]\nhost = "example.org"\n',
    "pages/index.html": (
        "---\nlayout: false\n---\n{{ site.app.sender }} {{ config.app.opens }} {{ site.app.mail.port }}"
    ),
    "pages/code.txt.py": (
        "from engine import current_app\n\n\ndef get():\n    app = current_app.config.app\n"
        "    return f'{app.sender} {app.tags} {type(app).__name__}'\n"
    ),
}


def test_code_and_templates_get_the_record(door: Callable[..., Door]) -> None:
    site = door(SITE)
    assert site.get("/").text == "shop@example.org 07:00:00 25"
    assert site.get("/code.txt").text == "shop@example.org ['a'] Settings"


def test_the_set_up_of_the_site_gets_the_record(served: Callable[..., Served]) -> None:
    app = APP + "\n    def setup(app):\n        app.add_names({'who': app.config.app.sender})\n"
    page = "---\nlayout: false\n---\n{{ who }}"
    assert served({**SITE, "app.py": app, "pages/index.html": page}).get("/").text == "shop@example.org"


def test_a_model_of_pydantic_will_do(served: Callable[..., Served]) -> None:
    door = served({"app.py": MODEL, "site.toml": '[app]\nname = "shop"\n'})
    assert (door.app.config.app.name, door.app.config.app.places) == ("shop", 1)


def test_without_the_class_it_is_the_table(served: Callable[..., Served]) -> None:
    assert served({"site.toml": "[app]\na = 1\n"}).app.config.app == {"a": 1}


def test_faults_come_at_once_with_the_file_and_the_place_of_the_key(faults: Find) -> None:
    files = {
        **SITE,
        "site.toml": '[app]\ntags = ["a", 1]\nopen = "yes"\nnmae = "x"\n[app.mail]\nport = "25"\n',
        "site.production.toml": '#\n[app]\nopens = "late"\nother = 1\n',
    }
    assert faults(files) == [
        "site.production.toml:2:2: `app.name` is missing. Write `name = …` in [app].",
        'site.production.toml:3:1: `app.opens` must be a time of day like 09:30:00, not the text "late".',
        "site.production.toml:4:1: `app.other` is not a setting. Remove it, or add it to `Settings` in app.py.",
        "site.toml:2:1: `app.tags[1]` must be text, not 1.",
        'site.toml:3:1: `app.open` must be true or false, not the text "yes".',
        "site.toml:4:1: `app.nmae` is not a setting. Did you mean `app.name`?",
        "site.toml:5:2: `app.mail.host` is missing. Write `host = …` in [app.mail].",
        'site.toml:6:1: `app.mail.port` must be a whole number, not the text "25".',
    ]


def test_what_a_validator_refuses_is_a_fault_that_tells_no_secret(faults: Find) -> None:
    app = MODEL.replace("SecretStr = SecretStr", "str = Field(min_length=40, default=").replace('("")', '"")')
    files = {"app.py": app, "site.toml": '[app]\nname = "x"\nplaces = 10\napi_key = "hunter2"\n'}
    assert faults(files) == [
        'site.toml:2:1: `app.name`: string should have at least 2 characters; it is the text "x".',
        "site.toml:3:1: `app.places`: must be less than ten; it is 10.",
        "site.toml:4:1: `app.api_key`: string should have at least 40 characters.",
    ]


def test_what_freeze_secrets_names_is_told_by_no_fault(faults: Find) -> None:
    app = "from dataclasses import dataclass\n\n\n@dataclass\nclass Settings:\n    pin: int\n"
    toml = '[freeze]\nsecrets = ["pin"]\n[app]\npin = "0815"\n'
    assert faults({"app.py": app, "site.toml": toml}) == [
        "site.toml:4:1: `app.pin` must be a whole number, not what it is."
    ]


def test_what_is_missing_altogether_is_missing_in_the_first_file(faults: Find) -> None:
    assert faults({"app.py": MODEL}) == ["site.toml: `app.name` is missing. Write `name = …` in [app]."]


def test_texts_of_the_environment_are_converted(
    served: Callable[..., Served], faults: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        "NAME": "5",
        "MAIL__HOST": "h",
        "MAIL__PORT": "26",
        "TAGS": "x, y",
        "OPEN": "off",
        "OPENS": "09:30",
    }
    for name, text in given.items():
        monkeypatch.setenv(f"ENGINE_APP__{name}", text)
    app = served({"app.py": APP}).app.config.app
    assert (app.name, app.mail.port, app.tags, app.open, str(app.opens)) == (
        "5",
        26,
        ["x", "y"],
        False,
        "09:30:00",
    )
    monkeypatch.setenv("ENGINE_APP__MAIL__PORT", "many")
    assert faults({"app.py": APP}) == [
        'ENGINE_APP__MAIL__PORT: `app.mail.port` must be a whole number, not the text "many".'
    ]


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("Settings = 1\n", "app.py: `Settings` is no dataclass. Decorate it with @dataclass."),
        (
            "from dataclasses import dataclass\n\n@dataclass\nclass Settings:\n    a: 'Nothing'\n",
            "app.py: `Settings` cannot be used for [app]: ",
        ),
        (
            "import dataclasses\n\n@dataclasses.dataclass\nclass Settings:\n    def __post_init__(self):\n"
            "        1 / 0\n",
            "app.py: `Settings` failed: ZeroDivisionError: division by zero. Raise ValueError to refuse a value.",
        ),
    ],
)
def test_a_class_that_cannot_be_used_is_a_fault(faults: Find, app: str, said: str) -> None:
    [fault] = faults({"app.py": app})
    assert fault.startswith(said)


def test_a_secret_that_the_record_hides_is_found_in_a_frozen_page(
    door: Callable[..., Any], tmp_path: Path
) -> None:
    from engine import SiteError

    files = {
        "app.py": MODEL,
        "site.toml": '[app]\nname = "shop"\napi_key = "tr0ub4dor"\n[freeze]\nsecrets = ["api_key"]\n',
        "pages/index.html": "---\nlayout: false\n---\n{{ site.app.api_key.get_secret_value() }}",
    }
    try:
        assert door(files).get("/").text == "tr0ub4dor"
    except SiteError as error:
        assert "holds the secret `api_key`" in str(error)
