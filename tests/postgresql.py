"""A PostgreSQL of the tests' own, from Debian's package: made, started and removed by them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
USER = "postgres"
OPTIONS = "-c listen_addresses= -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=50"


def initdb() -> str | None:
    """The program that makes the files of a server; `None` where there is no PostgreSQL."""
    return shutil.which("initdb", path=os.pathsep.join([*map(str, BINARIES), os.environ.get("PATH", "")]))


@contextmanager
def server() -> Iterator[str]:
    """The address of a database of a server that ends with the block. It listens at a socket of the file system."""
    found = initdb()
    assert found, "PostgreSQL is not installed"
    # Not below pytest's directory: the path of a socket may have 107 bytes.
    with tempfile.TemporaryDirectory(prefix="engine-pg-", ignore_cleanup_errors=True) as folder:
        become = _lend(folder)
        data = f"{folder}/data"
        _run(*become, found, "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        control = [*become, str(Path(found).with_name("pg_ctl")), "-D", data, "-w", "-t", "120"]
        log = f"{folder}/log"
        try:
            _run(*control, "-l", log, "-o", f"-k {folder} {OPTIONS}", "start")
        except AssertionError as error:
            said = Path(log).read_text() if Path(log).exists() else ""
            raise AssertionError(f"{error}\n{said}") from None
        try:
            yield f"postgresql://{USER}@/{USER}?host={folder}"
        finally:
            _run(*control, "-m", "immediate", "stop")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL. CI never goes without it."""
    if initdb() is None and not os.environ.get("CI"):
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with server() as url:
        yield url


def _lend(folder: str) -> list[str]:
    """What comes before a command, so that it does not run as root, which PostgreSQL refuses. It may use `folder`."""
    if os.getuid() != 0:
        return []
    entry = pwd.getpwnam(USER)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return ["runuser", "-u", USER, "--"]


def _run(*command: str) -> None:
    # What the server inherits it keeps open, so that a pipe would never end.
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, check=False, cwd="/")
        out.seek(0)
        assert done.returncode == 0, f"{' '.join(command)}: {out.read().decode(errors='replace')}"
