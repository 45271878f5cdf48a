"""The grammar of names: what brackets, groups and escapes in a path mean. Nothing else reads brackets.

about          static text                    (group)     not in the URL (directories only)
[x]            one segment                    [x=int]     one segment that converts
[[x]] [[x=t]]  one segment or none            [...x]      any number of segments, none too
v[a].[b=int]   parameters and text mixed      [x+2e]      the character with this hexadecimal code
index          as the last name: the directory itself
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from engine.errors import Fault, SiteError
from engine.routing.names import faults_in_url, faults_of_param, faults_on_disk, readable, reserved_name
from engine.routing.paths import nfc
from engine.routing.shapes import AFFIXED as AFFIXED
from engine.routing.shapes import REST, STATIC, TYPED, Takes, escaped
from engine.routing.shapes import Param as Param
from engine.routing.shapes import Segment as Segment
from engine.routing.shapes import Slot as Slot
from engine.routing.shapes import Static as Static

MAX_DEPTH = 100
"""Segments of one route. Deeper than any real site; the search for a match calls itself once per segment."""

_PART = re.compile(r"\[\[(?P<optional>[^\[\]]*)\]\]|\[(?P<one>[^\[\]]*)\]|[^\[\]]+")
_ESCAPE = re.compile(r"\[x\+([0-7][0-9A-Fa-f])\]")
_LOOKS_ESCAPED = re.compile(r"[a-z]+\+")
_GROUP = re.compile(r"\([^()\[\]]*\)")
_PLAIN_GROUP = re.compile(r"\([A-Za-z0-9-]+\)")
_ORDINARY = re.compile(r"[A-Za-z0-9-]+")


class Pattern(NamedTuple):
    """A parsed path. `id` keeps groups and names; `segments` are what the URL has."""

    id: str
    segments: tuple[Segment, ...]
    is_file: bool


def parse(path: str, *, file: str, is_file: bool = False, literal_name: bool = False) -> Pattern:
    """The pattern of a path below `pages/`, from which the kind's suffix is cut off. `file` is for messages.

    With `literal_name` the last name is an asset's and means itself. Raises `SiteError` with every fault of
    the path.
    """
    if not literal_name and (plain := _plain(path)) is not None:
        return Pattern("/" + path, plain, is_file)
    *folders, name = nfc(path).split("/")
    reader = _Reader(file)
    segments = [reader.folder(folder) for folder in folders]
    spelling = [*folders, name]
    if literal_name:
        segments.append(reader.literal(name))
        spelling[-1] = escaped(name)
    elif name == "index":
        spelling.pop()
    elif _GROUP.fullmatch(name):
        reader.misplaced_group(name)
    else:
        segments.append(reader.name(name))
    return Pattern("/" + "/".join(spelling), reader.whole(segments), is_file or literal_name)


def parse_address(path: str, *, file: str) -> Pattern:
    """The pattern of a path that no file is behind (`old/[...path]`): groups, `index` and `_x` mean themselves.

    `is_file` says that it does not end with a slash. Raises `SiteError` as `parse` does.
    """
    reader = _Reader(file, is_source=False)
    names = nfc(path).removesuffix("/").split("/") if path else []
    segments = reader.whole([reader.name(name) for name in names])
    return Pattern(_spelt(segments), segments, not path.endswith("/"))


def parse_literal(path: str, *, file: str) -> Pattern:
    """The pattern of a file that is served under its own path, in which nothing has a meaning. Raises `SiteError`."""
    reader = _Reader(file, is_source=False)
    segments = reader.whole([reader.literal(name) for name in nfc(path).split("/")])
    return Pattern(_spelt(segments), segments, True)


def pieces(text: str, *, file: str) -> tuple[str | Slot, ...]:
    """The texts and the slots of what is no path, as of a redirect's target. Raises `SiteError`."""
    reader = _Reader(file, is_source=False)
    found = tuple(reader.pieces(nfc(text)))
    reader.done()
    return found


def _spelt(segments: Iterable[Segment]) -> str:
    """The id that `parse` would give a path of these segments, so that no two shapes share an id."""
    names = map(str, segments)
    return "/" + "/".join(escaped(name, "()") if _GROUP.fullmatch(name) else name for name in names)


@lru_cache(maxsize=4096)
def _ordinary(name: str) -> Static | None:
    """The segment of a name with nothing special in it. Names repeat, so equal segments are shared."""
    return Static(name) if _ORDINARY.fullmatch(name) and reserved_name(name) is None else None


def _plain(path: str) -> tuple[Static, ...] | None:
    """The segments of a path in whose names nothing is special: most are of this kind, and need no reader."""
    folder, slash, name = path.rpartition("/")
    folders = _plain_folders(folder) if folder or not slash else None
    static = _ordinary(name)
    return None if folders is None or static is None or name == "index" else (*folders, static)


@lru_cache(maxsize=4096)
def _plain_folders(path: str) -> tuple[Static, ...] | None:
    """The segments of directories in whose names nothing is special but that some are groups."""
    names = path.split("/") if path else []
    found = [_ordinary(name) for name in names if not _PLAIN_GROUP.fullmatch(name)]
    sound = tuple(segment for segment in found if segment is not None)
    return sound if len(sound) == len(found) and len(names) < MAX_DEPTH else None


class _Reader:
    """Reads the names of one path and keeps what is wrong with them."""

    def __init__(self, file: str, *, is_source: bool = True) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._is_source = is_source

    def done(self) -> None:
        if self.faults:
            raise SiteError(self.faults)

    def whole(self, segments: Iterable[Segment | None]) -> tuple[Segment, ...]:
        """The segments as a route. Raises `SiteError` with all that is wrong with them, each or together."""
        sound = tuple(segment for segment in segments if segment is not None)
        if len(sound) > MAX_DEPTH:
            what = f"the path has {len(sound)} segments"
            self.faults.append(Fault("too-deep", self._file, what, f"At most {MAX_DEPTH} can be routed"))
        self._check_names(sound)
        self._check_rests(sound)
        self.done()
        return sound

    def name(self, name: str) -> Segment | None:
        """The segment that one name spells; `None`, with a fault, where it spells none."""
        if (static := _ordinary(name)) is not None:
            return static
        known = len(self.faults)
        self.faults += faults_on_disk(name, self._file, is_source=self._is_source)
        found = list(self.pieces(name))
        return self._segment(name, found) if len(self.faults) == known else None

    def literal(self, name: str) -> Segment | None:
        """The segment of a name in which brackets mean nothing."""
        faults = list(faults_on_disk(name, self._file, is_source=self._is_source, escapes=False))
        self.faults += faults or faults_in_url(name, name, self._file)
        return None if faults else Static(name)

    def folder(self, name: str) -> Segment | None:
        """The segment of a directory; `None` for a group, which has none."""
        if not _GROUP.fullmatch(name):
            if name.count("(") != name.count(")") and (name[0] == "(" or name[-1] == ")"):
                what = f'the parentheses of "{readable(name)}" do not pair'
                hint = "Write (name) for a group, [x+28] and [x+29] for parentheses that mean themselves"
                self.faults.append(Fault("bad-group", self._file, what, hint))
                return None
            return self.name(name)
        self.faults += faults_on_disk(name, self._file, is_source=self._is_source)
        if name == "()":
            self.faults.append(
                Fault("bad-group", self._file, "the group () has no name", "Write one, as (marketing)")
            )
        return None

    def misplaced_group(self, name: str) -> None:
        what = f'"{readable(name)}" is written as a group, but a group is a directory'
        hint = f"Write [x+28]{readable(name[1:-1])}[x+29] for a name in parentheses"
        self.faults.append(Fault("bad-group", self._file, what, hint))

    def pieces(self, text: str) -> Iterator[str | Slot]:
        """The texts and the slots of a name, in turn; ends at the first fault of its brackets."""
        literal, at = "", 0
        while at < len(text):
            part = _PART.match(text, at)
            if part is None:
                what = f'the brackets of "{readable(text)}" do not pair'
                hint = "Write [x+5b] and [x+5d] for brackets that mean themselves"
                self.faults.append(Fault("bad-brackets", self._file, what, hint))
                return
            at = part.end()
            inner = part["one"] if part["optional"] is None else part["optional"]
            if inner is None:
                literal += part[0]
            elif _LOOKS_ESCAPED.match(inner):
                literal += self._escape(part[0])
            else:
                yield from (literal,) if literal else ()
                literal = ""
                yield from self._slot(part[0], inner, "one" if part["optional"] is None else "optional")
        yield from (literal,) if literal else ()

    def _escape(self, spelling: str) -> str:
        found = _ESCAPE.fullmatch(spelling)
        if found is None:
            what = f'"{readable(spelling)}" is not an escape'
            hint = "Write [x+2e] for a dot: two hexadecimal digits that name an ASCII character"
            self.faults.append(Fault("unknown-escape", self._file, what, hint))
            return ""
        character = chr(int(found[1], 16))
        if character in "/\\" or not character.isprintable():
            what = f'"{spelling}" stands for a character that no segment of a URL can hold'
            self.faults.append(Fault("bad-escape", self._file, what, "Take it out"))
        return character

    def _slot(self, spelling: str, inner: str, takes: Takes) -> Iterator[Slot]:
        name, equals, converter = inner.removeprefix("...").partition("=")
        if inner.startswith("..."):
            if equals or takes == "optional":
                what = f'"{readable(spelling)}" makes a catch-all {"typed" if equals else "optional"}'
                hint = "A catch-all [...path] takes text, and none of it too"
                self.faults.append(Fault("bad-brackets", self._file, what, hint))
            takes = "rest"
        if equals and not converter.isidentifier():
            what = f'"{readable(spelling)}" names no type'
            self.faults.append(Fault("bad-converter-name", self._file, what, "Write one, as [id=int]"))
        # Python reads identifiers in NFKC: so a handler gets the parameter by the name that it wrote.
        name = unicodedata.normalize("NFKC", name)
        self.faults += faults_of_param(name, self._file)
        yield Slot(name, converter, takes)

    def _segment(self, name: str, found: list[str | Slot]) -> Segment | None:
        segment: Segment | None
        if any(isinstance(piece, Slot) for piece in found):
            segment = self._param(name, found)
        else:
            segment = Static("".join(map(str, found)))
        if segment is not None:
            sample = segment.text if isinstance(segment, Static) else "x".join(segment.texts)
            self.faults += faults_in_url(name, sample, self._file)
        return segment

    def _param(self, name: str, found: list[str | Slot]) -> Param | None:
        slots = [piece for piece in found if isinstance(piece, Slot)]
        if len(found) > 1 and any(slot.takes != "one" for slot in slots):
            what = f'"{readable(name)}" mixes an optional parameter or a catch-all with something else'
            self.faults.append(
                Fault("bad-brackets", self._file, what, "Make it a name of its own, a directory")
            )
            return None
        texts = [""]
        for before, piece in zip(["", *found], found, strict=False):
            if isinstance(piece, str):
                texts[-1] = piece
                continue
            if isinstance(before, Slot):
                what = (
                    f'two parameters touch in "{readable(name)}", so that nothing tells where the first ends'
                )
                self.faults.append(
                    Fault("adjacent-params", self._file, what, "Put text between them, as [a]-[b]")
                )
            texts.append("")
        return Param(tuple(slots), tuple(texts))

    def _check_names(self, segments: Iterable[Segment]) -> None:
        names = [name for segment in segments for name in segment.names]
        for name in sorted({name for name in names if names.count(name) > 1}):
            what = f'the parameter "{readable(name)}" is named twice'
            self.faults.append(Fault("duplicate-param", self._file, what, "Give each a name of its own"))

    def _check_rests(self, segments: Iterable[Segment]) -> None:
        """Between two catch-alls something must tell where the first ends."""
        is_open = False
        for segment in segments:
            if segment.rank == REST and is_open:
                what = f'nothing tells where the catch-all before "{segment}" ends'
                hint = "Put static text or a typed parameter between the two"
                self.faults.append(Fault("ambiguous-rest", self._file, what, hint))
            is_open = segment.rank == REST or (is_open and segment.rank not in (STATIC, AFFIXED, TYPED))
