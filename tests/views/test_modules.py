"""What the code of a site imports by name: its own modules and packages, and what is installed."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from doors import Door, Files, Served

PAGE = "from {} import {} as found\n\n\ndef get():\n    return str(found)\n"


@pytest.mark.parametrize(
    ("files", "module"),
    [
        ({"lib/util.py": "word = 'own'\n"}, "lib.util"),
        ({"lib/__init__.py": "word = 'own'\n"}, "lib"),
        ({"lib/deep/er.py": "word = 'own'\n"}, "lib.deep.er"),
        ({"lib/a.py": "from lib.b import word\n", "lib/b.py": "word = 'own'\n"}, "lib.a"),
        ({"lib/a.py": "from .b import word\n", "lib/b.py": "word = 'own'\n"}, "lib.a"),
        ({"lib.py": "word = 'own'\n", "lib/util.py": "word = 'not this'\n"}, "lib"),
    ],
)
def test_a_directory_with_python_is_a_package(door: Callable[..., Door], files: Files, module: str) -> None:
    assert door({**files, "pages/a.py": PAGE.format(module, "word")}).get("/a/").text == "own"


def test_a_module_of_a_package_can_be_imported_by_its_name(served: Callable[..., Served]) -> None:
    door = served({"lib/util.py": "word = 'own'\n", "pages/a.py": PAGE.format("lib", ["util", "word"][0])})
    assert "engine_site_" in door.get("/a/").text


def test_a_directory_without_init_shadows_nothing_that_is_installed(served: Callable[..., Served]) -> None:
    door = served({"json/util.py": "", "click/util.py": "", "pages/a.py": PAGE.format("json", "__name__")})
    assert door.get("/a/").text == "json"


def test_a_directory_with_init_goes_before_what_is_installed(served: Callable[..., Served]) -> None:
    door = served({"json/__init__.py": "word = 'own'\n", "pages/a.py": PAGE.format("json", "word")})
    assert door.get("/a/").text == "own"


@pytest.mark.parametrize("folder", ["pages", "templates", "static", "data"])
def test_the_folders_of_a_site_are_no_packages(faults: Callable[..., list[str]], folder: str) -> None:
    files = {
        f"{folder}/lib/__init__.py": "",
        f"{folder}/lib/_x.py": "",
        "pages/a.py": PAGE.format(folder, "lib"),
    }
    assert any(fault.startswith("pages/a.py:1: raised ") for fault in faults(files))


@pytest.mark.parametrize(
    ("module", "extra"),
    [("wtforms", "forms"), ("limits", "login"), ("authlib.jose", "oauth"), ("sqlalchemy", "sql")],
)
def test_what_an_extra_brings_is_missing_with_the_way_to_get_it(
    module: str, extra: str, faults: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module.partition(".")[0], None)
    [fault] = faults({"pages/a.py": f"import {module}\n"})
    assert fault.startswith("pages/a.py:1: raised ModuleNotFoundError when it was imported: ")
    assert fault.endswith(f" Install it: pip install 'pages-engine[{extra}]'.")


def test_of_what_nobody_knows_no_way_is_told(faults: Callable[..., list[str]]) -> None:
    assert faults({"pages/a.py": "import a_yeast\n"}) == [
        "pages/a.py:1: raised ModuleNotFoundError when it was imported: No module named 'a_yeast'."
    ]
