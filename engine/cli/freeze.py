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
from engine.freeze.audit import audit as audited
from engine.freeze.finishing import PROFILES, Finished, finish_of, write_beside
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.prove import prove as proved
from engine.freeze.target import Audit, Proof, Report
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
def command(
    site: Path,
    output: Path | None,
    jobs: int | None,
    base_url: str | None,
    keep_going: bool,
    hybrid: bool,
    host_profile: str | None,
    compress: bool | None,
    verify: bool,
    drafts: bool | None,
    clean: bool,
    lock: bool,
    prove: bool,
    audit: bool,
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
            lock=lock,
            finish=finish_of(config, host=host_profile, compress=compress, verify=verify),
        )
        with console.progress("Freezing", quiet=quiet or as_json) as progress:
            report = freeze(App(loaded), options, known=faults, progress=progress)
        if prove and report.published:
            report.proof = proved(config, report.output, _options(base_url, drafts, options))
            report.faults += report.proof.faults
        if audit and report.published:
            report.audit = audited(config, report.output, drafts=bool(drafts))
            report.faults += report.audit.faults
        if report.published and report.finished:
            beside = Path(config.root, "deploy", options.finish.host)
            _finish(report.finished, beside, quiet=quiet or as_json)
    _print(report, site, time.perf_counter() - start, as_json=as_json, quiet=quiet)
    gc.freeze()  # the process ends: nothing of it needs to be looked through
    sys.exit(1 if report.faults else 0)


def _finish(finished: Finished, beside: Path, *, quiet: bool) -> None:
    """Write what the host needs beside the output, and say what was done for it."""
    for path in write_beside(beside, finished.beside):
        console.say(f"Wrote {path}", quiet=quiet)
    if finished.compared:
        count = console.count(finished.compared, "address", "addresses")
        console.say(f"Compared {count} with {finished.title}.", quiet=quiet)


def _options(base_url: str | None, drafts: bool | None, options: FreezeOptions) -> list[str]:
    """The command line that says the same again."""
    given = {"--drafts": drafts, "--keep-going": options.keep_going, "--hybrid": options.hybrid}
    given["--compress"] = options.finish.compress
    valued = {"--base-url": base_url, "--jobs": options.jobs or None}
    valued["--host-profile"] = options.finish.host or None
    return [
        *(name for name, is_on in given.items() if is_on),
        *(f"{name}={value}" for name, value in valued.items() if value is not None),
    ]


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
                "static": None
                if report.audit is None
                else {"pages": report.audit.pages, "notes": report.audit.notes},
                "proved": None if report.proof is None else not report.proof.faults,
                "compared": report.finished.compared if report.finished else 0,
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
    if report.proof is not None and not report.proof.faults:
        _print_proof(report.proof, quiet=quiet)
    if report.audit is not None:
        _print_audit(report.audit, quiet=quiet)


def _print_proof(proof: Proof, *, quiet: bool) -> None:
    console.say(f"Proved: a clean freeze makes the same {console.count(proof.files, 'file')}.", quiet=quiet)
    if proof.restless:
        names = ", ".join(proof.restless[:5]) + (", …" if len(proof.restless) > 5 else "")
        console.say(f"But for {names}: what they read may be another thing each time.", quiet=quiet)


def _print_audit(audit: Audit, *, quiet: bool) -> None:
    same = console.count(audit.pages - len(audit.faults), "page")
    console.say(f"Observed to be static: {same} of {audit.pages:,}.", quiet=quiet)
    for note in audit.notes:
        console.say(f"Note: {note}.", quiet=quiet)
