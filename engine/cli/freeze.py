"""`engine freeze`: the site as static files."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

import click

from engine import outside
from engine.app.app import App
from engine.cli import console
from engine.config import load_config
from engine.errors import SiteError
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.target import Report
from engine.site import load

FEW_COLLECTIONS = (100_000, 20, 100)


@click.command("freeze")
@console.SITE
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The directory to write.  [default: SITE/dist]"
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="The number of processes.  [default: one a processor]"
)
@click.option("-b", "--base-url", help="The address that the site will have, with its path if any.")
@click.option(
    "--keep-going", is_flag=True, help="Publish what is sound in spite of faults; still exits with 1."
)
@click.option("--hybrid", is_flag=True, help="Let pages link to what stays with the server.")
@console.DRAFTS
@click.option("-c", "--clean", is_flag=True, help="Make every page, whatever the last freeze shows.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@console.QUIET
def command(
    site: Path,
    output: Path | None,
    jobs: int | None,
    base_url: str | None,
    keep_going: bool,
    hybrid: bool,
    drafts: bool | None,
    clean: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Write the site as static files.

    Every page is asked once, through the same path as a visitor's request, and the answers are kept. Any fault
    fails the freeze, all faults are listed, and then nothing is published: the old output stays.
    """
    start = time.perf_counter()
    # Nearly all that a freeze makes lives until its end: to look through it for garbage took a twentieth of its time.
    gc.set_threshold(*FEW_COLLECTIONS)
    outside.watch()
    with console.site_faults(site):
        config = load_config(site, base_url=base_url, drafts=drafts)
        loaded, faults = load(config)
        if loaded is None:
            raise SiteError(faults)
        options = FreezeOptions(
            output=str(output or Path(config.root) / config.freeze.output),
            jobs=jobs or 0,
            keep_going=keep_going,
            hybrid=hybrid,
            clean=clean,
        )
        with console.progress("Freezing", quiet=quiet or as_json) as progress:
            report = freeze(App(loaded), options, known=faults, progress=progress)
    _print(report, site, time.perf_counter() - start, as_json=as_json, quiet=quiet)
    gc.freeze()  # the process ends: nothing of it needs to be looked through
    sys.exit(1 if report.faults else 0)


def _print(report: Report, site: Path, seconds: float, *, as_json: bool, quiet: bool) -> None:
    console.print_faults(report.faults, site)
    if as_json:
        console.print_json(
            {
                "output": report.output,
                "published": report.published,
                "pages": report.pages,
                "asked": report.asked,
                "written": report.written,
                "unchanged": report.unchanged,
                "removed": report.removed,
                "faults": [
                    {
                        "code": f.code,
                        "file": f.file,
                        "line": f.line,
                        "column": f.column,
                        "what": f.what,
                        "hint": f.hint,
                    }
                    for f in report.faults
                ],
                "seconds": round(seconds, 3),
            }
        )
        return
    if report.faults:
        console.say(f"{console.count(len(report.faults), 'fault')}.")
    if not report.published:
        console.say(f"Nothing was published; {report.output} is as it was.")
        return
    changed = f"{len(report.written):,} written, {len(report.unchanged):,} unchanged, {len(report.removed):,} removed"
    console.say(
        f"Froze {console.count(report.pages, 'file')} into {report.output} in {seconds:.2f} s: {changed}.",
        quiet=quiet,
    )
