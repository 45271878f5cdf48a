"""What a URL path may hold, and how it is written."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote as percent_quote

MAX_PATH = 8192
"""Characters of a request path; servers commonly refuse longer request lines."""
MAX_SEGMENTS = 256

_PCHAR = "!$&'()*+,;=:@"
_WRITTEN = re.compile(r"[/\w.~!$&'()*+,;=:@-]*+", re.ASCII)
"""What is written as it is. The library takes ten times as long to find that out."""
_UNSOUND = re.compile(r"[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]|//|/\.(?!well-known(?:/|\Z))")


def nfc(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """`text` as a file system sees it that is blind to case and normal form (The Unicode Standard, D145)."""
    if text.isascii():
        small = text.lower()
        return text if text == small else small  # nearly every path is in small letters
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())


def quote(text: str) -> str:
    """`text` percent-encoded for a path: the characters of `pchar` (RFC 3986, 3.3) and `/` stay as they are.

    Raises `UnicodeEncodeError` for lone surrogates.
    """
    return text if _WRITTEN.fullmatch(text) else percent_quote(text, safe="/" + _PCHAR)


def quote_value(text: str) -> str:
    """`text` percent-encoded for any place of a URL: only unreserved characters stay."""
    return percent_quote(text, safe="")


def is_sound(path: str) -> bool:
    """Whether a decoded request path may be looked up at all.

    Refused: no leading slash, empty segments, `.`, `..` and every other name with a leading dot but
    `.well-known`, backslashes, control characters, text that is not Unicode, and more than a site would ever
    serve.
    """
    if path[:1] != "/" or len(path) > MAX_PATH or path.count("/") > MAX_SEGMENTS:
        return False
    if path.isprintable() and path.isascii() and not ("//" in path or "/." in path or "\\" in path):
        # Nearly every path ends here; the regular expression costs four times as much.
        return True
    return _UNSOUND.search(path) is None


def sound_start(path: str) -> str:
    """The directory of a path as far as it is sound, with its last slash: whose business the rest is."""
    found = _UNSOUND.search(path)
    if path[:1] != "/" or found is None or found.start() > MAX_PATH or path.count("/") > MAX_SEGMENTS:
        return "/"
    return path[: path.rindex("/", 0, found.start() + 1) + 1]


def quote_reference(text: str) -> str:
    """`text` of an author with what no URL may hold percent-encoded: all of its syntax stays as it is."""
    return percent_quote(text, safe="/%?#[]" + _PCHAR)
