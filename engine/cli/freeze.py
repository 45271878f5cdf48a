"""`engine freeze`: the site as static files.

It is looked first whether there is anything to do, and nothing is imported for that which it does not need.
"""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path
from typing import Any

import click

from engine.cli import console
from engine.cli.asked import Asked
from engine.freeze.incremental.standing import MANIFEST, Standing, read_standing
from engine.freeze.profiles import PROFILES

FEW_COLLECTIONS = (100_000, 20, 100)


@click.command("freeze")
@console.SITE
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The directory to write.  [default: SITE/dist]"
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), help="The number of processes.  [default: one a processor]"
)
@click.option(
    "--executor", default="", help="Ask the pages on other machines: dask://HOST:PORT, a scheduler of dask."
)
@click.option("-b", "--base-url", help="The address that the site will have, with its path if any.")
@click.option(
    "--keep-going", is_flag=True, help="Publish what is sound in spite of faults; still exits with 1."
)
@click.option("--hybrid", is_flag=True, help="Let pages link to what stays with the server.")
@click.option(
    "--host-profile", type=click.Choice(PROFILES), help="Add the rules of this host.  [default: deploy.host]"
)
@click.option(
    "--compress", is_flag=True, default=None, help="Write .br, .gz and .zst beside what gets smaller."
)
@click.option("--verify", is_flag=True, help="Publish only what the host answers as the server does.")
@console.DRAFTS
@click.option("-c", "--clean", is_flag=True, help="Make every page, whatever the last freeze shows.")
@click.option("--lock", is_flag=True, help="Write the published URLs down in urls.lock.")
@click.option("--prove", is_flag=True, help="Freeze clean in a second place too, and compare.")
@click.option("--audit", is_flag=True, help="Ask each page again while all else is other than it was.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@console.QUIET
def command(**options: Any) -> None:
    """Write the site as static files.

    Every page is asked once, through the same path as a visitor's request, and the answers are kept. Any fault
    fails the freeze, all faults are listed, and then nothing is published: the old output stays.
    """
    start = time.perf_counter()
    # Nearly all that a freeze makes lives until its end: to look through it for garbage took a twentieth of its time.
    gc.set_threshold(*FEW_COLLECTIONS)
    asked = Asked(**options)
    with console.site_faults(asked.site), console.system_faults():
        is_sound = _frozen(asked, start)
    gc.freeze()  # the process ends: nothing of it needs to be looked through
    sys.exit(0 if is_sound else 1)


def _frozen(asked: Asked, start: float) -> bool:
    """Whether the site is sound, once it is frozen or seen to need no freeze."""
    seen = asked.seen()
    before = read_standing(str(asked.site), seen) if asked.is_plain else None
    if before is None or before.changed:
        from engine.cli.freezing import run  # noqa: PLC0415  it imports all that makes pages

        return run(asked, seen, before, start)
    _print(before.standing, asked, time.perf_counter() - start)
    return True


def _print(standing: Standing, asked: Asked, seconds: float) -> None:
    files = sorted(standing.stamps.keys() - {MANIFEST})
    if asked.as_json:
        console.print_json(
            {
                **NOTHING_DONE,
                "output": standing.output,
                "pages": standing.pages,
                "fallbacks": standing.fallbacks,
                "unchanged": files,
                "seconds": round(seconds, 3),
            }
        )
        return
    console.say(
        console.froze(standing.pages, standing.output, seconds, written=0, unchanged=len(files), removed=0),
        quiet=asked.quiet,
    )
    console.say_fallbacks(standing.fallbacks, quiet=asked.quiet)


NOTHING_DONE: dict[str, Any] = {
    "output": "",
    "published": True,
    "pages": 0,
    "asked": 0,
    "fallbacks": 0,
    "written": [],
    "unchanged": [],
    "removed": [],
    "static": None,
    "proved": None,
    "compared": 0,
    "notes": [],
    "faults": [],
    "seconds": 0.0,
}
