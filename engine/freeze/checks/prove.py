"""Proves a freeze: another process freezes the site clean in a second place, and the two trees are compared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path

import engine
from engine.config import Config
from engine.errors import Fault
from engine.freeze.finishing import index_of
from engine.freeze.incremental.ledger_file import location, read_ledger
from engine.freeze.publish.write import read_manifest
from engine.freeze.target import Proof

HINT = "`engine freeze --clean` makes it right, and `engine why` lists what the page was held to depend on"


def prove(config: Config, output: str, options: Iterable[str]) -> Proof:
    """Compare `output` with a clean freeze by `options` of the command line.

    It runs in a process of its own with another hash seed, so that nothing is the same by accident.
    """
    folder = Path(os.path.realpath(output))
    with tempfile.TemporaryDirectory() as nowhere:
        clean = Path(nowhere, "dist")
        faults = _freeze(config, clean, options)
        for kept in (location(config, clean), index_of(config, clean)):
            kept.unlink(missing_ok=True)
        if not clean.is_dir():
            return Proof(0, faults, ())
        changing = _changing(config, folder)
        differing = list(_differences(folder, clean))
        restless = tuple(fault.file for fault in differing if fault.file in changing)
        found = (fault for fault in differing if fault.file not in changing)
        return Proof(len(read_manifest(clean)), tuple(found), restless)


def _freeze(config: Config, output: Path, options: Iterable[str]) -> tuple[Fault, ...]:
    """Freeze clean into `output`; the faults that a freeze by itself did not have."""
    command = [sys.executable, "-m", "engine", "freeze", config.root, "--clean", "--json", "-o", str(output)]
    source = str(Path(engine.__file__).parents[1])
    path = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [*command, *options],
        env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "random"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    try:
        return tuple(Fault.from_fields(fault) for fault in json.loads(done.stdout)["faults"])
    except ValueError:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return (Fault("not-proven", ".", f"the clean freeze failed: {said}"),)


def _changing(config: Config, output: Path) -> set[str]:
    """The output paths of pages that are made by every freeze, as what they read may be another thing each time."""
    ledger = read_ledger(config, output)
    restless = ledger.restless()
    entries = ledger.entries.values()
    return {it.result.target.output for it in entries if not restless.isdisjoint(it.result.dependencies)}


def _differences(output: Path, clean: Path) -> Iterator[Fault]:
    ours, theirs = read_manifest(output), read_manifest(clean)
    for path in sorted(ours.keys() | theirs.keys()):
        if path not in theirs:
            yield Fault("not-proven", path, "a clean freeze does not make this file", HINT)
        elif path not in ours:
            yield Fault("not-proven", path, "only a clean freeze makes this file", HINT)
        elif (found := _contents(output / path)) != (expected := _contents(clean / path)):
            line = _line(found, expected) if found is not None and expected is not None else None
            yield Fault("not-proven", path, "differs from what a clean freeze makes", HINT, line)


def _contents(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _line(found: bytes, expected: bytes) -> int:
    """The first line at which two texts differ, from 1."""
    lines = zip(found.split(b"\n"), expected.split(b"\n"), strict=False)
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], lines))
    return same + 1
