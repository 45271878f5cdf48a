"""Runs one command and says what it cost: wall time, CPU time and peak memory, with those of its children."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EVERY = 0.02
"""Seconds between two looks at the memory."""


def run(command: list[str], directory: Path, environment: dict[str, str]) -> dict[str, Any]:
    """Run `command` to its end. Seconds and MB; `error` holds the last of stderr where it failed."""
    with tempfile.TemporaryFile() as stderr:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
        )
        memory = Memory(process.pid)
        memory.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        memory.stop.set()
        memory.join()
        process.returncode = os.waitstatus_to_exitcode(status)
        stderr.seek(0)
        error = stderr.read().decode(errors="replace")[-800:] if process.returncode else ""
    return {
        "wall_s": round(wall, 4),
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 4),
        "rss_mb": round(max(memory.resident, usage.ru_maxrss * 1024) / 2**20, 1),
        "pss_mb": round(memory.share / 2**20, 1),
        **({"error": error or f"exit {process.returncode}"} if process.returncode else {}),
    }


class Memory(threading.Thread):
    """The peaks of the summed resident memory, by which a shared page counts for each process, and of its fair share.

    The kernel walks all pages of a process for its share, which has to wait meanwhile: at most a fiftieth of the time
    goes into that, and a peak between two looks may be missed.
    """

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.stop = pid, threading.Event()
        self.resident = self.share = 0

    def run(self) -> None:
        due = 0.0
        while not self.stop.wait(EVERY):
            processes = list(_tree(self.pid))
            self.resident = max(self.resident, sum(map(_resident, processes)))
            if (begun := time.perf_counter()) > due:
                self.share = max(self.share, sum(map(_share, processes)))
                due = begun + 50 * (time.perf_counter() - begun)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
    except OSError:  # ended meanwhile
        return


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0


def _share(pid: int) -> int:
    """The proportional set size: of a page that n processes share, an n-th."""
    try:
        found = re.search(r"^Pss: +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0
