"""What may be added to the answers of a site before they are published. `freeze/finish.py` does it."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from os import fsencode
from pathlib import Path
from typing import NamedTuple

from engine.config import Config
from engine.errors import Fault, SiteError
from engine.freeze.profiles import PROFILES


class Finish(NamedTuple):
    """What is asked for: the rules of `host`, one of `PROFILES` or nothing; compressed siblings; a comparison."""

    host: str = ""
    compress: bool = False
    verify: bool = False

    @property
    def is_wanted(self) -> bool:
        return bool(self.host or self.compress or self.verify)


class Finished(NamedTuple):
    """The files of the output by path with digest, texts for beside it by name, and what is wrong."""

    files: dict[str, str]
    beside: Mapping[str, str] = {}
    faults: tuple[Fault, ...] = ()
    compared: int = 0
    """The addresses that were compared with those of the host `title`."""
    title: str = ""
    notes: tuple[str, ...] = ()
    """What the host does in another way that is no fault: sentences without their full stop."""


def finish_of(
    config: Config, *, host: str | None = None, compress: bool | None = None, verify: bool = False
) -> Finish:
    """What the settings ask for, and what a command says instead. Raises `SiteError` for a host that there is not."""
    name = config.deploy.host if host is None else host
    if name and name not in PROFILES:
        what = f"`deploy.host` names no host: {name}"
        file, *place = config.place_of("deploy", "host")
        raise SiteError(Fault("host-unknown", file, what, f"Choose one of {', '.join(PROFILES)}", *place))
    return Finish(name, config.deploy.compress if compress is None else compress, verify)


def index_of(config: Config, output: Path) -> Path:
    """Where is written down what came of which content when it was compressed."""
    name = blake2b(fsencode(output), digest_size=8).hexdigest()
    return Path(config.root, ".engine", "freeze", f"{name}.compressed")


def folder_beside(root: str, host: str) -> Path:
    """Where things are that a host needs and visitors do not; with no host, what those need who choose one."""
    return Path(root, "deploy", host)


def write_beside(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write what a host needs beside the output; the files."""
    written = []
    for name, text in texts.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="\n")
        written.append(file)
    return written
