"""The files of a site, as found on disk. The only module that walks a directory."""

from __future__ import annotations

import errno
import fnmatch
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from sys import intern
from typing import NamedTuple, NoReturn

from engine.errors import Fault, SiteError

_LITTER = re.compile(r"__pycache__|.*~|#.*#|.*\.swp", re.DOTALL)
"""What Python and editors leave behind."""

HOOKS = "_hooks.py"
READING = os.O_RDONLY | getattr(os, "O_BINARY", 0)
A_READ = 1 << 20
"""Bytes that are read at once of a file whose size has changed."""
_NO_NAME = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters, and the surrogates by which Python shows bytes that are not UTF-8."""


class SourceFile(NamedTuple):
    """A file of a site.

    `path` is POSIX, relative to the site's root, and the file's identity: one object wherever it is read from what was
    written down. `place` is where the file is, or, with a slash at its end, the directory below which `path` leads to
    it: nearly all files of a site are below one. `size` in bytes and `mtime_ns` are those of the walk that found it.
    """

    path: str
    place: str
    size: int
    mtime_ns: int

    @property
    def location(self) -> str:
        """The absolute path."""
        return self.place + self.path if self.place[-1:] == "/" else self.place

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def suffix(self) -> str:
        """The last suffix with its dot, as written; empty if there is none."""
        return os.path.splitext(self.name)[1]

    def read(self) -> bytes:
        """The bytes of the file. Raises SiteError if it is gone or may not be read."""
        try:
            return _contents(self.location, self.size)
        except OSError as error:
            what = f"this file cannot be read: {error.strerror}"
            raise SiteError(
                Fault("unreadable", self.path, what, "Check that it exists and who may read it")
            ) from None

    def read_text(self) -> str:
        """The text of the file, without a byte order mark, every line ended by LF.

        Raises SiteError if the file cannot be read, is not UTF-8, or holds a NUL.
        """
        data = self.read()
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self._refuse_encoding(data, error.start)
        if (nul := text.find("\0")) >= 0:
            line, column = _place(text[:nul])
            what = "a NUL character stands in this text"
            raise SiteError(Fault("nul-character", self.path, what, "Remove it", line, column))
        return _lines(text)

    def _refuse_encoding(self, data: bytes, start: int) -> NoReturn:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            what, hint = "this text is UTF-16, not UTF-8", f"Convert it: iconv -f UTF-16 -t UTF-8 {self.name}"
            raise SiteError(Fault("not-utf8", self.path, what, hint, 1, 1))
        line, column = _place(data[:start].decode("utf-8"))
        what = f"the byte 0x{data[start]:02X} is not UTF-8"
        raise SiteError(Fault("not-utf8", self.path, what, "Save the file as UTF-8", line, column))


class Walk(NamedTuple):
    """What a walk found: files in the order of their paths' code points, and what it refused."""

    files: tuple[SourceFile, ...] = ()
    faults: tuple[Fault, ...] = ()


def walk(root: str, folder: str, ignore: tuple[str, ...] = ()) -> Walk:
    """The files below `folder` of the site at `root`. A folder that does not exist has none.

    Left out: names with a leading dot but `.well-known`, what editors and Python leave behind, and paths
    that match a glob of `ignore` (`fnmatch`, on the path relative to the site, `*` also across `/`). Symbolic
    links are followed inside the site, and are faults if they lead out of it, to nothing, or in a circle.
    """
    walker = _Walker(os.path.abspath(root), ignore)
    walker.walk(folder.strip("/"))
    files = sorted(walker.files, key=lambda file: file.path)
    return Walk(tuple(files), tuple(sorted(walker.faults, key=lambda fault: fault.sort_key)))


class Contribution(NamedTuple):
    """A directory of an extension whose files are part of a site. `path` is where they stand in it."""

    location: str
    path: str

    def walk(self) -> Walk:
        """Its files, by the paths that they have in the site."""
        found = walk(self.location, "")
        files = [file._replace(path=f"{self.path}/{file.path}", place=file.location) for file in found.files]
        return Walk(tuple(files), tuple(replace(it, file=f"{self.path}/{it.file}") for it in found.faults))


def with_contributions(own: Walk, contributions: Iterable[Contribution]) -> Walk:
    """What a walk found, and the files of `contributions` for whose paths there are none yet: the site's go first."""
    walks = [own, *(it.walk() for it in contributions)]
    every = [file for found in reversed(walks) for file in found.files]
    by_path = {file.path: file for file in every}
    faults = [fault for found in walks for fault in found.faults]
    hooks = Counter(file.path for file in every if file.name == HOOKS)
    faults += [_displaced(path) for path, count in hooks.items() if count > 1]
    return Walk(tuple(by_path[path] for path in sorted(by_path)), tuple(faults))


def _displaced(path: str) -> Fault:
    what = "this takes the place of the hooks of an extension, among which may be a guard"
    return Fault(
        "hooks-displaced", path, what, "Put yours into a directory below, or register them in app.py"
    )


class _Place(NamedTuple):
    """A directory to be listed: its path in the site and, links resolved, on the disk.

    `entered` holds the real directory of each link that led here; a link to what contains one is a circle.
    """

    path: str
    real: str
    entered: tuple[str, ...] = ()


class _Walker:
    def __init__(self, root: str, ignore: tuple[str, ...]) -> None:
        self.prefix = root.rstrip("/") + "/"
        self.real_root = os.path.realpath(root).rstrip("/") + "/"
        self.ignored = re.compile("|".join(map(fnmatch.translate, ignore)) if ignore else r"(?!)")
        self.files: list[SourceFile] = []
        self.faults: list[Fault] = []
        self.waiting: list[_Place] = []

    def walk(self, folder: str) -> None:
        location = self.prefix + folder
        real = os.path.realpath(location)
        if os.path.exists(location) and not os.path.isdir(location):
            self.faults.append(
                Fault("not-a-directory", folder, "this must be a directory", "Move the file away")
            )
        elif real != (self.real_root + folder).rstrip("/"):
            self._link(folder, location, _Place("", self.real_root.rstrip("/")))
        elif os.path.lexists(location):
            self.waiting.append(_Place(folder, real))
        while self.waiting:
            self._list(self.waiting.pop())

    def _list(self, place: _Place) -> None:
        base = f"{place.path}/" if place.path else ""
        try:
            with os.scandir(self.prefix + place.path) as entries:
                for entry in entries:
                    self._entry(entry, base + entry.name, place)
        except FileNotFoundError:
            return  # deleted while we walk, as an editor or a checkout does
        except OSError as error:
            self._unreadable(place.path, error)

    def _entry(self, entry: os.DirEntry[str], path: str, place: _Place) -> None:
        name = entry.name
        if name[0] == "." and name != ".well-known":
            return
        if _LITTER.fullmatch(name) or self.ignored.match(path):
            return
        if _NO_NAME.search(name):
            self._bad_name(path)
        elif entry.is_symlink():
            self._link(path, entry.path, place)
        elif entry.is_dir(follow_symlinks=False):
            self.waiting.append(_Place(path, f"{place.real}/{name}", place.entered))
        else:
            try:
                self._file(path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                return
            except OSError as error:
                self._unreadable(path, error)

    def _file(self, path: str, status: os.stat_result) -> None:
        if stat.S_ISREG(status.st_mode):
            self.files.append(SourceFile(intern(path), self.prefix, status.st_size, status.st_mtime_ns))
        else:
            what = "this is not a file but a pipe, a socket or a device"
            self.faults.append(Fault("special-file", path, what, "Remove it from the site"))

    def _link(self, path: str, location: str, place: _Place) -> None:
        target = "?"
        try:
            target = _shown(os.readlink(location) if os.path.islink(location) else os.path.realpath(location))
            real = os.path.realpath(location, strict=True)
            status = os.stat(real)
        except OSError as error:
            self._dead_link(path, target, error)
            return
        if not f"{real}/".startswith(self.real_root):
            what = f"this link leads out of the site, to {target}"
            self.faults.append(Fault("symlink-outside", path, what, "Copy the target into the site"))
        elif not stat.S_ISDIR(status.st_mode):
            self._file(path, status)
        elif any(f"{inner}/".startswith(f"{real}/") for inner in (place.real, *place.entered)):
            what = f"this link leads to {target}, which contains the link"
            self.faults.append(Fault("symlink-loop", path, what, "Remove the link"))
        else:
            self.waiting.append(_Place(path, real, (*place.entered, place.real)))

    def _dead_link(self, path: str, target: str, error: OSError) -> None:
        if error.errno == errno.ELOOP:
            what = f"this link leads to {target}, and from there back to itself"
            self.faults.append(Fault("symlink-loop", path, what, "Remove the link"))
        elif error.errno in (errno.ENOENT, errno.ENOTDIR):
            what = f"this link leads to {target}, which does not exist"
            self.faults.append(Fault("symlink-broken", path, what, "Remove the link, or make its target"))
        else:
            self._unreadable(path, error)

    def _unreadable(self, path: str, error: OSError) -> None:
        what = f"this cannot be read: {error.strerror}"
        self.faults.append(Fault("unreadable", path, what, "Check who may read it"))

    def _bad_name(self, path: str) -> None:
        what = "this name holds a control character, or bytes that are not UTF-8"
        self.faults.append(Fault("bad-name", _shown(path), what, "Rename it"))


def _shown(name: str) -> str:
    """`name` as it can be printed."""
    return _NO_NAME.sub(lambda match: f"\\x{ord(match[0]) & 0xFF:02x}", name)


def _lines(text: str) -> str:
    """`text` without a leading byte order mark, with LF for CRLF and CR."""
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _contents(location: str, size: int) -> bytes:
    """The bytes of a file of which a size is known: in half of the time of `open`, which asks for it twice."""
    file = os.open(location, READING)
    try:
        data = os.read(file, size + 1)  # the one more than there are shows that this is the end
        while len(data) != size and (more := os.read(file, A_READ)):
            data += more
        return data
    finally:
        os.close(file)


def _place(before: str) -> tuple[int, int]:
    """The line and column, from 1, of what follows `before`."""
    before = _lines(before)
    return before.count("\n") + 1, len(before) - before.rfind("\n")
