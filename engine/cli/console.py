"""What every command prints alike: faults, results, progress. Results go to stdout, all else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from engine.cli.where import site_of
from engine.errors import EngineError, Fault, SiteError
from engine.views.blame import said, way_out

SITE = click.argument(
    "site", default=lambda: site_of(click.get_current_context()), type=click.Path(path_type=Path)
)
QUIET = click.option("-q", "--quiet", is_flag=True, help="Print nothing but faults.")
DRAFTS = click.option("-D", "--drafts", is_flag=True, default=None, help="Show drafts too.")
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
OPEN = click.option("--open", "open_browser", is_flag=True, help="Open the site in a browser.")


def say(text: str, *, quiet: bool = False) -> None:
    """A line for the person at the terminal."""
    if not quiet:
        click.echo(text, err=True)


def print_faults(faults: Iterable[Fault], site: Path) -> None:
    """One line a fault, with the file as one can open it from here."""
    for fault in faults:
        click.echo(_here(fault, site), err=True)


def _here(fault: Fault, site: Path) -> str:
    path = site / fault.file
    if site == Path() or not path.exists():
        return str(fault)
    near = os.path.relpath(path)
    return str(fault).replace(fault.file, str(path) if near.startswith("..") else near, 1)


def fail(faults: Iterable[Fault], site: Path) -> NoReturn:
    """Print the faults and exit with 1."""
    listed = list(faults)
    print_faults(listed, site)
    say(count(len(listed), "fault") + ".")
    sys.exit(1)


@contextmanager
def site_faults(site: Path) -> Iterator[None]:
    """Turn what is wrong with a site into lines and the exit code 1, never a traceback.

    So what an extension has noted the way out of; all else is for who writes the command.
    """
    try:
        yield
    except SiteError as error:
        fail(error.faults, site)
    except EngineError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except Exception as error:
        if not (hint := way_out(error)):
            raise
        click.echo(f"{type(error).__name__}: {said(error)}. {hint}.", err=True)
        sys.exit(1)


@contextmanager
def system_faults() -> Iterator[None]:
    """Turn what the system refuses, such as to open one more file, into a fault. Of the site's code it is one already.

    Raises `SiteError`.
    """
    try:
        yield
    except BrokenPipeError:  # nobody reads what is printed
        raise
    except OSError as error:
        what, hint = f"this cannot be read: {error.strerror or error}", "Check who may read it"
        raise SiteError(Fault("unreadable", str(error.filename or ""), what, hint)) from error


def count(number: int, noun: str, plural: str = "") -> str:
    """`3 pages`, `1 page`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def froze(pages: int, output: str, seconds: float, *, written: int, unchanged: int, removed: int) -> str:
    """What a freeze did, in one line."""
    changed = f"{written:,} written, {unchanged:,} unchanged, {removed:,} removed"
    return f"Froze {count(pages, 'file')} into {output} in {seconds:.2f} s: {changed}."


def say_fallbacks(fallbacks: int, *, quiet: bool) -> None:
    """Say what the fast Markdown engine left to the default one, if anything."""
    if fallbacks:
        files = count(fallbacks, "Markdown file")
        say(f"The default Markdown engine read {files}, which the fast one leaves to it.", quiet=quiet)


def aligned(rows: list[list[str]]) -> Iterator[str]:
    """The rows as lines, each column as wide as its widest text."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def print_json(value: Any) -> None:
    """A result for a machine."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar while something long goes on, where stderr is a terminal; else nothing."""
    if quiet or not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda done, known: None
        return
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)
        yield lambda done, known: bar.update(task, completed=done, total=known)
