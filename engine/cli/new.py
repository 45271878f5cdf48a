"""`engine new`: a small site to begin with."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from engine.cli import console
from engine.errors import EngineError

TEMPLATES = Path(__file__).with_name("templates")
COMMON = "common"
NAMES = {"gitignore": ".gitignore", "pyproject": "pyproject.toml"}
"""Files that tools would read where they lie among the templates, and what they are called in a site."""
PYTHON = ".py-tpl"
"""The suffix of the modules of a template: they are no modules of the engine."""


@click.command("new")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "-t",
    "--template",
    type=click.Choice(("blog", "docs", "app")),
    default="blog",
    show_default=True,
    help="What kind of site.",
)
@console.QUIET
def command(directory: Path, template: str, quiet: bool) -> None:
    """Make a new site in a directory."""
    with console.site_faults(directory):
        count = make(directory, template)
    console.say(
        f"Made {console.count(count, 'file')} in {directory}. Begin: engine dev {directory}", quiet=quiet
    )


def make(directory: Path, template: str) -> int:
    """Write the site of a template, and say how many files it has. Raises `EngineError` unless `directory` is
    new or empty."""
    words = _words(directory)
    files = [*_files(TEMPLATES / COMMON), *_files(TEMPLATES / template)]
    target = directory
    try:
        if directory.exists() and not directory.is_dir():
            raise EngineError(f"{directory} is a file. Name a new directory, or an empty one.")
        if directory.exists() and any(directory.iterdir()):
            raise EngineError(f"{directory} is not empty. Name a new directory, or an empty one.")
        for path, source in files:
            target = directory / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_filled(source.read_text("utf-8"), words), "utf-8", newline="\n")
    except OSError as error:
        raise EngineError(f"{error.filename or target} cannot be written: {error.strerror}.") from None
    return len(files)


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a template, each with its path in the site."""
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            source = Path(place, name)
            own = NAMES.get(name, name.removesuffix(PYTHON) + ".py" if name.endswith(PYTHON) else name)
            yield source.relative_to(folder).with_name(own).as_posix(), source


def _words(directory: Path) -> Mapping[str, str]:
    """What stands for the marks in a template. Only letters and digits: no format needs them escaped."""
    name = Path(os.path.abspath(directory)).name
    words = re.findall(r"[^\W_]+", name)
    today = dt.date.today()
    return {
        "@TITLE@": " ".join(words).capitalize() or "My site",
        "@NAME@": "-".join(re.findall("[a-z0-9]+", name.lower())) or "site",
        "@DATE@": today.isoformat(),
        "@YESTERDAY@": (today - dt.timedelta(1)).isoformat(),
    }


def _filled(text: str, words: Mapping[str, str]) -> str:
    for mark, word in words.items():
        text = text.replace(mark, word)
    return text
