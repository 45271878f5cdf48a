"""What the code of a site imports by name: its own modules and packages, and what is installed."""

from __future__ import annotations

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
