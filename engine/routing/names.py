"""Which names of files may have a URL, and which names parameters may have.

Judged alike on every system, so that a site can move.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from engine.errors import Fault
from engine.routing.paths import folded

RESERVED = ':*?"<>|'
"""Printable characters that Windows takes in no file name; the backslash can be in no URL either."""
MAX_BYTES = 255
"""Bytes of one name in UTF-8: the limit of ext4; those of APFS and NTFS, in UTF-16 units, are no lower."""
TAKEN = ("request", "self")
"""Parameters of handlers that mean something else."""

_REFUSED = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\" + RESERVED + "]")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", "conin$", "conout$"]
    + [port + digit for port in ("com", "lpt") for digit in "123456789¹²³"]
)


def reserved_character(name: str) -> str | None:
    """The first character of a file name that some system refuses; `None` where there is none."""
    found = _REFUSED.search(name)
    return found[0] if found else None


def reserved_name(name: str) -> str | None:
    """Why some system cannot hold a file of this name, whatever its characters; `None` where all can."""
    if name[-1:] in (".", " "):
        return "ends with a dot or a space, which Windows drops"
    if folded(name.partition(".")[0].rstrip(" ")) in _DEVICES:
        return "is the name of a device on Windows"
    if len(name) > MAX_BYTES or (
        not name.isascii() and len(name.encode("utf-8", "surrogatepass")) > MAX_BYTES
    ):
        return f"is longer than {MAX_BYTES} bytes"
    return None


def is_private(name: str) -> bool:
    """Whether a file of this name is never served: `_x`, and `.x` but `.well-known` (RFC 8615)."""
    return name[:1] == "_" or is_hidden(name)


def is_hidden(name: str) -> bool:
    """Whether no URL with this segment is ever answered: a leading dot, but of `.well-known`."""
    return name[:1] == "." and name != ".well-known"


def readable(text: str) -> str:
    """`text` for a message: what cannot be printed is written as `\\x1b`."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


def faults_on_disk(name: str, file: str, *, is_source: bool, escapes: bool = True) -> Iterator[Fault]:
    """What is wrong with a name as it is written. Where `is_source`, a file is behind it; `escapes` mean something."""
    if not name:
        yield Fault("empty-name", file, "a name in the path is empty", "Write one slash between two names")
    elif is_source and is_private(name):
        what = f'"{readable(name)}" is a private name, which has no URL'
        yield Fault(
            "private-name", file, what, "Rename it" + (", or begin it with [x+5f]" if name[0] == "_" else "")
        )
    elif character := reserved_character(name):
        what = f'"{readable(name)}" holds the character {readable(character)}, which not every system allows'
        can_escape = escapes and character in RESERVED
        hint = f"Write [x+{ord(character):02x}] for it, or rename it" if can_escape else "Rename it"
        yield Fault("reserved-character", file, what, hint)


def faults_in_url(name: str, sample: str, file: str) -> Iterator[Fault]:
    """What is wrong with a name as it will be in URLs and frozen files: `sample` has its escapes resolved."""
    if is_hidden(sample):
        what = f'"{readable(name)}" begins with a dot, and such URLs are never answered'
        yield Fault("private-name", file, what, "Rename it")
    elif reason := reserved_name(sample):
        yield Fault("reserved-name", file, f'"{readable(name)}" {reason}', "Rename it")


def faults_of_param(name: str, file: str) -> Iterator[Fault]:
    """What is wrong with the name of a parameter, which becomes the name of a Python parameter."""
    if not name:
        hint = "Write one between the brackets, as [slug]"
        yield Fault("bad-param-name", file, "a parameter has no name", hint)
    elif not name.isidentifier():
        what = f'the parameter name "{readable(name)}" is not a Python name'
        yield Fault("bad-param-name", file, what, "Use letters, digits and underscores, and no digit first")
    elif keyword.iskeyword(name) or name in TAKEN:
        what = f'the parameter name "{name}" has a meaning of its own'
        yield Fault("bad-param-name", file, what, f"Call it {name}_ or something else")
