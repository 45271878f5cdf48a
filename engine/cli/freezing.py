"""The freeze behind `engine freeze`, where there is something to do."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from engine import outside
from engine.app.app import App
from engine.cli import console
from engine.cli.asked import Asked
from engine.config import Config, load_config
from engine.errors import SiteError
from engine.freeze.asking.workers import Hire, default_jobs
from engine.freeze.checks.audit import audit
from engine.freeze.checks.prove import prove
from engine.freeze.finishing import Finished, finish_of, folder_beside, write_beside
from engine.freeze.freeze import FreezeOptions, freeze
from engine.freeze.incremental.standing import Found, Seen
from engine.freeze.target import Audit, Proof, Report
from engine.loading import load


def run(asked: Asked, seen: Seen, before: Found | None, start: float) -> bool:
    """Freeze, print what came of it, and say whether all of it is sound. `start` is of `time.perf_counter`.

    Raises `SiteError`, and `OSError` for what the system refuses.
    """
    outside.watch()
    config = load_config(asked.site, base_url=asked.base_url, drafts=asked.drafts)
    survey = None if asked.clean else seen.survey
    options = _options(asked, config, seen, before)
    with outside.looking_before(options.surroundings.of):
        loaded, faults = load(config, survey, jobs=asked.jobs or default_jobs())
    if loaded is None:
        raise SiteError(faults)
    with console.progress("Freezing", quiet=asked.quiet or asked.as_json) as progress:
        report = freeze(App(loaded), options, known=faults, progress=progress)
    if report.published:
        _look_again(report, asked, config, options)
    _print(report, asked, time.perf_counter() - start)
    return not report.faults


def _options(asked: Asked, config: Config, seen: Seen, before: Found | None) -> FreezeOptions:
    return FreezeOptions(
        output=str(asked.output or Path(config.root) / config.freeze.output),
        jobs=asked.jobs or 0,
        hire=_hire(asked.executor) if asked.executor else None,
        keep_going=asked.keep_going,
        hybrid=asked.hybrid,
        clean=asked.clean,
        lock=asked.lock,
        finish=finish_of(config, host=asked.host_profile, compress=asked.compress, verify=asked.verify),
        seen=seen,
        before=before,
    )


def _hire(address: str) -> Hire:
    from engine.freeze.asking.cluster import hire  # noqa: PLC0415  few freezes need more than one machine

    return hire(address)


def _look_again(report: Report, asked: Asked, config: Config, options: FreezeOptions) -> None:
    """Do what is asked for once the output stands."""
    if asked.prove:
        report.proof = prove(config, report.output, _again(asked, options))
        report.faults += report.proof.faults
    if asked.audit:
        report.audit = audit(config, report.output, drafts=bool(asked.drafts))
        report.faults += report.audit.faults
    if report.finished:
        beside = folder_beside(config.root, options.finish.host)
        _finish(report.finished, beside, quiet=asked.quiet or asked.as_json)


def _finish(finished: Finished, beside: Path, *, quiet: bool) -> None:
    """Write what the host needs beside the output, and say what was done for it."""
    for path in write_beside(beside, finished.beside):
        console.say(f"Wrote {path}", quiet=quiet)
    if finished.compared:
        count = console.count(finished.compared, "address", "addresses")
        console.say(f"Compared {count} with {finished.title}.", quiet=quiet)
    for note in finished.notes:
        console.say(f"Note: {note}.", quiet=quiet)


def _again(asked: Asked, options: FreezeOptions) -> list[str]:
    """The command line that makes the same again."""
    given = {
        "--drafts": asked.drafts,
        "--keep-going": asked.keep_going,
        "--hybrid": asked.hybrid,
        "--compress": options.finish.compress,
    }
    valued = {
        "--base-url": asked.base_url,
        "--jobs": asked.jobs,
        "--host-profile": options.finish.host or None,
    }
    return [
        *(name for name, is_on in given.items() if is_on),
        *(f"{name}={value}" for name, value in valued.items() if value is not None),
    ]


def _print(report: Report, asked: Asked, seconds: float) -> None:
    quiet = asked.quiet
    console.print_faults(report.faults, asked.site)
    if asked.as_json:
        console.print_json(_fields(report, seconds))
        return
    if report.faults:
        console.say(f"{console.count(len(report.faults), 'fault')}.")
    if not report.published:
        console.say(f"Nothing was published; {report.output} is as it was.")
        return
    console.say(
        console.froze(
            report.pages,
            report.output,
            seconds,
            written=len(report.written),
            unchanged=len(report.unchanged),
            removed=len(report.removed),
        ),
        quiet=quiet,
    )
    console.say_fallbacks(report.fallbacks, quiet=quiet)
    if report.proof is not None and not report.proof.faults:
        _print_proof(report.proof, quiet=quiet)
    if report.audit is not None:
        _print_audit(report.audit, quiet=quiet)


def _fields(report: Report, seconds: float) -> dict[str, Any]:
    """A report as JSON tells it."""
    return {
        "output": report.output,
        "published": report.published,
        "pages": report.pages,
        "asked": report.asked,
        "fallbacks": report.fallbacks,
        "written": report.written,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "static": None
        if report.audit is None
        else {"pages": report.audit.pages, "notes": report.audit.notes},
        "proved": None if report.proof is None else not report.proof.faults,
        "compared": report.finished.compared if report.finished else 0,
        "notes": report.finished.notes if report.finished else [],
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
