"""Where frozen files go: a stage beside the output, published whole by one exchange of two directories.

    stage/ filled → files of others linked into it → manifest → exchange with the output → the old one removed

Killed at any moment, the output is the old one or the new one. The next freeze clears what was left beside it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.errors import Fault, SiteError
from engine.freeze.incremental.standing import MANIFEST as MANIFEST
from engine.freeze.publish.stage import Stage, unwritable

if sys.platform != "win32":
    import fcntl

FORMAT = 1


def check_output(output: Path, root: Path) -> None:
    """Refuse an output that holds anything but a frozen site, or cannot be looked at. Raises `SiteError`."""
    try:
        reason = _unfit(output, root)
    except OSError as error:
        raise unwritable(str(output), error) from error
    if reason:
        raise SiteError(Fault("output-unfit", str(output), reason, "Choose another directory with --output"))


def _unfit(output: Path, root: Path) -> str | None:
    if output == Path(output.anchor) or output == Path.home():
        return "is no place to publish a site in"
    if root == output or root.is_relative_to(output):
        return "holds the site itself"
    for folder in ("pages", "templates", "static", "data", ".engine"):
        if output.is_relative_to(root / folder):
            return f"lies in the {folder}/ directory of the site"
    if output.exists() and not output.is_dir():
        return "is not a directory"
    if output.is_dir() and any(output.iterdir()) and not (output / MANIFEST).is_file():
        return f"is not empty and was not written by the engine (it has no {MANIFEST})"
    return None


@contextlib.contextmanager
def locked(output: Path) -> Iterator[None]:
    """Wait until no other freeze writes beside `output`. The lock goes with the process that holds it and its
    workers, which write there too."""
    fd = -1
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        if sys.platform != "win32":
            fd = os.open(output.parent, os.O_RDONLY)
            fcntl.flock(fd, fcntl.LOCK_EX)
    except OSError as error:
        _close(fd)
        raise unwritable(str(output.parent), error) from error
    try:
        yield
    finally:
        _close(fd)


def _close(fd: int) -> None:
    if fd >= 0:
        os.close(fd)


@contextlib.contextmanager
def staging(output: Path) -> Iterator[Stage]:
    """An empty stage beside `output`, gone afterwards whatever happens. What killed freezes left is cleared first."""
    prefix = f".{output.name}.engine-"
    stage = output.parent / f"{prefix}{os.getpid()}"
    try:
        _recover(output, prefix)
        for left in output.parent.iterdir():
            if left.name.startswith(prefix):
                shutil.rmtree(left, ignore_errors=True)
        stage.mkdir(mode=stat_mode(output))
        yield Stage(str(stage))
    except OSError as error:
        raise unwritable(str(stage), error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def stat_mode(output: Path) -> int:
    """The mode of the old output, for the new one."""
    return output.stat().st_mode & 0o777 if output.exists() else 0o777


def _recover(output: Path, prefix: str) -> None:
    """Put back the old output where a freeze died between two renames; only where directories cannot be exchanged."""
    aside = output.parent / f"{prefix}old"
    if aside.exists() and not output.exists():
        aside.rename(output)


class Changes(NamedTuple):
    """Output paths by what publishing the new manifest does to them."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]

    @classmethod
    def none(cls, files: Iterable[str]) -> Changes:
        """Where the output is as it should be."""
        return cls((), tuple(sorted(files)), ())


def publish(stage: Stage, output: Path, files: Mapping[str, str]) -> Changes:
    """Make the stage the output. `files` is everything written, by path with digest. Raises `SiteError`."""
    old = read_manifest(output)
    kept = list(_foreign(output, old, files))
    folders = {folder for file in files for folder in _folders(file)}
    if taken := [
        it for it in kept if it in files or it in folders or not files.keys().isdisjoint(_folders(it))
    ]:
        raise SiteError(
            Fault(
                "output-occupied",
                f"{output}/{path}",
                "was not written by the engine, and a page would replace it",
                "Move it away",
            )
            for path in taken
        )
    for path in kept:
        if path.endswith("/"):
            (Path(stage.root) / path).mkdir(parents=True, exist_ok=True)
        else:
            _carry(output / path, Path(stage.root) / path)
    stage.write(MANIFEST, [_manifest(files)])
    try:
        _exchange(stage.root, output)
    except OSError as error:
        raise unwritable(str(output), error) from error
    return Changes(
        written=tuple(sorted(path for path, digest in files.items() if old.get(path) != digest)),
        unchanged=tuple(sorted(path for path, digest in files.items() if old.get(path) == digest)),
        removed=tuple(sorted(old.keys() - files.keys() - set(kept))),
    )


def replace(stage: Stage, output: Path, old: Mapping[str, str], made: Mapping[str, str]) -> Changes:
    """Put files of the stage in the place of those that the output has of these names.

    `old` is what the output holds and `made` what replaces some of it, by path with digest.
    One file is replaced as it is. With more, all others join them in the stage, which becomes the output. Raises
    `SiteError`.
    """
    fresh = {path: digest for path, digest in made.items() if old[path] != digest}
    files = {**old, **fresh}
    if len(fresh) > 1:
        for path in old.keys() - fresh.keys():
            stage.keep(str(output), path)
        return publish(stage, output, files)
    for path in fresh:
        stage.write(MANIFEST, [_manifest(old, fresh)])
        stage.move(MANIFEST, output)
        stage.move(path, output)
        with contextlib.suppress(SiteError):  # it is published, and the manifest tells no lie as it is
            stage.write(MANIFEST, [_manifest(files)])
            stage.move(MANIFEST, output)
    return Changes(tuple(fresh), tuple(sorted(files.keys() - fresh.keys())), ())


def amend(output: Path, texts: Mapping[str, str]) -> None:
    """Add files to a published output, which are ours from then on: the next freeze removes or replaces them."""
    files = read_manifest(output)
    for path, text in texts.items():
        _replace(output / path, text.encode())
        files[path] = digest_of(output / path)
    if texts:
        _replace(output / MANIFEST, _manifest(files))


def _manifest(files: Mapping[str, str], coming: Mapping[str, str] = MappingProxyType({})) -> bytes:
    """What the engine wrote. `coming` is written this moment: a file is ours in either shape, whenever we die."""
    found: dict[str, Any] = {"format": FORMAT, "files": dict(sorted(files.items()))}
    if coming:
        found["coming"] = dict(coming)
    return json.dumps(found, indent=0).encode()


def _replace(path: Path, body: bytes) -> None:
    """Write a file whole: who reads it meanwhile gets the old one, and so does what it is linked to."""
    fresh = path.with_name(f".engine-{path.name.lstrip('.')}")
    fresh.write_bytes(body)
    fresh.replace(path)


def read_manifest(output: Path) -> dict[str, str]:
    """What the engine wrote into `output`, by path with digest. What is no list of that claims nothing.

    Raises `SiteError`.
    """
    try:
        found = json.loads(_body_of(output / MANIFEST) or b"")
        files = found["files"] if found["format"] == FORMAT else {}
        files = {str(path): str(digest) for path, digest in files.items()}
        came = {path: digest for path, digest in found.get("coming", {}).items() if path in files}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return files | {path: digest for path, digest in came.items() if digest_of(output / path) == digest}


def _foreign(output: Path, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    """What in the output is not ours to remove: what is of others, and stale files that somebody changed.

    A directory is told, with a slash at its end, if it is empty: we make none that is, but ours may have been emptied.
    """
    if not output.is_dir():
        return
    ours = {MANIFEST, *(f"{folder}/" for file in old for folder in _folders(file))}
    for path in _every_leaf(output, ""):
        if path in ours:
            continue
        if path not in old or (path not in new and digest_of(output / path) != old[path]):
            yield path


def _every_leaf(root: Path, below: str) -> Iterator[str]:
    with os.scandir(root / below) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        path = f"{below}/{entry.name}" if below else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _every_leaf(root, path)
        else:
            yield path
    if below and not found:
        yield f"{below}/"


def _folders(path: str) -> Iterator[str]:
    """The directories above a file of the output; of `a/b/` that itself and those above it."""
    while path := path.rpartition("/")[0]:
        yield path


def digest_of(path: Path) -> str:
    """The digest of a file of the output; empty where there is none. Raises `SiteError`."""
    body = _body_of(path)
    return "" if body is None else blake2b(body, digest_size=16).hexdigest()


def _body_of(path: Path) -> bytes | None:
    """The bytes of a file of the output; `None` where there is none.

    Raises `SiteError` where that cannot be told: a file of ours would be taken for one of others, and stay for good.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        what = f"this file cannot be read: {error.strerror}"
        raise SiteError(Fault("unreadable", str(path), what, "Check who may read it")) from error


def _carry(source: Path, to: Path) -> None:
    """Have a file of others in both directories, so that it is there whichever is the output."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if source.is_symlink():
        to.symlink_to(os.readlink(source))
        return
    try:
        os.link(source, to)
    except OSError:
        shutil.copy2(source, to)


RENAME_EXCHANGE = 2  # linux/fs.h
AT_FDCWD = -100  # fcntl.h


def _exchange(stage: str, output: Path) -> None:
    """Swap the stage and the output in one step; a first output is just renamed."""
    if not output.exists():
        os.rename(stage, output)
        return
    if _swapped(stage, str(output)):
        return
    aside = output.parent / f".{output.name}.engine-old"
    os.rename(output, aside)
    os.rename(stage, output)
    shutil.rmtree(aside, ignore_errors=True)


def _swapped(first: str, second: str) -> bool:
    """Whether the kernel exchanged two directories (renameat2(2)); false where it cannot."""
    if not sys.platform.startswith("linux"):
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(first), AT_FDCWD, os.fsencode(second), RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(code, os.strerror(code), second)
