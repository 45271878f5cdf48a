"""A freeze sees the file of settings of its environment come, change and go, and makes again what reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.freeze.asking.bundle import app_of, pack_site
from freeze_tools import Bench

SITE = {
    "site.toml": 'title = "T"\n[app]\ncolour = "red"\n',
    "app.py": "def setup(app):\n    app.template_filter()(loud)\ndef loud(text):\n    return text.upper()\n",
    "pages/_layout.html": "{{ content }}",
    "pages/404.html": "---\nlayout: false\n---\nNot here",
    "pages/title.html": "{{ site.title }}",
    "pages/colour.html": "{{ site.app.colour|loud }}",
    "pages/code.txt.py": (
        "from engine import current_app\n\n\ndef get():\n    return current_app.config.app['colour']\n"
    ),
    "pages/plain.md": "Plain\n",
}
LAYER = "site.production.toml"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, SITE)
    made.freeze()
    return made


def text(bench: Bench, path: str) -> str:
    return (bench.output / path).read_text()


def test_a_layer_makes_again_what_reads_its_settings_when_it_comes_changes_and_goes(bench: Bench) -> None:
    bench.rests()
    bench.write(LAYER, 'title = "Two"\n')
    assert bench.made() == {"title/index.html", "code.txt"}
    assert text(bench, "title/index.html") == "Two"
    bench.write(LAYER, 'title = "Two"\n[app]\ncolour = "blue"\n')
    assert bench.made() == {"colour/index.html", "code.txt"}
    assert (text(bench, "colour/index.html"), text(bench, "code.txt")) == ("BLUE", "blue")
    bench.rests()
    (bench.root / LAYER).unlink()
    assert bench.made() == {"title/index.html", "colour/index.html", "code.txt"}
    assert text(bench, "title/index.html") == "T"


def test_a_layer_of_another_environment_makes_nothing_again(bench: Bench) -> None:
    bench.write("site.dev.toml", 'title = "Dev"\n')
    assert bench.made() == set()


def test_another_environment_is_another_freeze(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.write("site.staging.toml", 'title = "Staging"\n')
    monkeypatch.setenv("ENGINE_ENV", "staging")
    assert "title/index.html" in bench.made()
    assert text(bench, "title/index.html") == "Staging"
    monkeypatch.delenv("ENGINE_ENV")
    assert "title/index.html" in bench.made()
    assert text(bench, "title/index.html") == "T"


def test_a_variable_for_the_site_makes_again_what_reads_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_APP__COLOUR", "green")
    assert bench.made() == {"colour/index.html", "code.txt"}
    assert text(bench, "code.txt") == "green"


def test_what_the_set_up_of_a_site_makes_of_its_settings_is_made_again(bench: Bench) -> None:
    bench.write(
        "app.py",
        "def setup(app):\n    colour = app.config.app['colour']\n"
        "    app.template_filter('loud')(lambda text: colour)\n",
    )
    bench.freeze()
    bench.write(LAYER, '[app]\ncolour = "blue"\n')
    assert "colour/index.html" in bench.made()
    assert text(bench, "colour/index.html") == "blue"


TYPED = (
    "from dataclasses import dataclass\n\nfrom pydantic import SecretStr\n\n\n@dataclass\nclass Settings:\n"
    "    colour: str\n    key: SecretStr = SecretStr('')\n    size: int = 1\n\n"
    "    @property\n    def both(self):\n        return f'{self.colour} {self.key.get_secret_value()} {self.size}'\n"
)


def test_a_record_of_settings_makes_again_what_reads_it_when_its_values_or_its_code_change(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, {**SITE, "app.py": TYPED})
    bench.write("pages/colour.html", "{{ site.app.both }}")
    bench.write(
        "pages/code.txt.py",
        "from engine import current_app\n\n\ndef get():\n    return current_app.config.app.both\n",
    )
    bench.freeze()
    bench.rests()
    readers = {"colour/index.html", "code.txt"}
    bench.write(LAYER, "[app]\nkey = 'one'\n")
    assert bench.made() == readers
    bench.write(LAYER, "[app]\nkey = 'two'\n")
    assert bench.made() == readers
    assert text(bench, "code.txt") == "red two 1"
    bench.edit("app.py", "size: int = 1", "size: int = 2")
    assert bench.made() >= readers
    assert text(bench, "colour/index.html") == "red two 2"
    bench.rests()


def test_a_site_that_goes_to_another_machine_takes_its_environment_along(tmp_path: Path) -> None:
    bench = Bench(tmp_path, {**SITE, "site.staging.toml": 'title = "Staging"\n'})
    bundle = pack_site(str(bench.root), env="staging", base_url="", drafts=False)
    assert app_of(bundle).config.title == "Staging"
