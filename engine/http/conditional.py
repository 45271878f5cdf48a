"""Conditional and range requests: the only module that reads `If-*` and `Range` (RFC 9110, §13 and §14)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from werkzeug.http import parse_date, parse_etags

Environ = dict[str, Any]
Header = tuple[str, str]

# RFC 9110, §15.4.5: a 304 (and an error in place of the content) says nothing about the content itself.
OF_THE_CONTENT = frozenset(
    {
        "accept-ranges",
        *(f"content-{name}" for name in ("disposition", "encoding", "language", "length", "range", "type")),
    }
)
# One range, and so few digits that int() takes them.
ONE_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,100})-([0-9]{0,100})[ \t]*", re.IGNORECASE)
TEXT = ("Content-Type", "text/plain; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells versions of a content apart: `etag` as sent, `modified` as an HTTP date; "" for none."""

    etag: str = ""
    modified: str = ""

    @property
    def opaque(self) -> str:
        """The entity tag without its mark of weakness and its quotes."""
        return self.etag.removeprefix("W/")[1:-1]


class Verdict(NamedTuple):
    """The status of an answer, and for a 206 the bytes from `start` up to `stop`."""

    status: int
    start: int = 0
    stop: int = 0


WHOLE = Verdict(200)
NOT_MODIFIED = Verdict(304)
FAILED = Verdict(412)
UNSATISFIABLE = Verdict(416)


def http_time(value: str | None) -> datetime | None:
    """The moment that an HTTP date names, or `None` for what is no date (RFC 9110, §5.6.7)."""
    try:
        return parse_date(value)
    except OverflowError:  # the library lets it through for a year of twenty digits
        return None


def is_conditional(environ: Environ) -> bool:
    """Whether `decide` could say anything but "the whole content"."""
    return (
        "HTTP_IF_NONE_MATCH" in environ
        or "HTTP_IF_MODIFIED_SINCE" in environ
        or "HTTP_RANGE" in environ
        or "HTTP_IF_MATCH" in environ
        or "HTTP_IF_UNMODIFIED_SINCE" in environ
    )


def decide(environ: Environ, validators: Validators, size: int, *, ranges: bool) -> Verdict:
    """What to answer to a GET or HEAD for a content of `size` bytes, in the order of RFC 9110, §13.2.2."""
    if not _still_matches(environ, validators):
        return FAILED
    if _is_fresh(environ, validators):
        return NOT_MODIFIED
    wanted = environ.get("HTTP_RANGE")
    if ranges and wanted and environ["REQUEST_METHOD"] == "GET" and _same_version(environ, validators):
        return _range(wanted, size)
    return WHOLE


def _still_matches(environ: Environ, validators: Validators) -> bool:
    """If-Match (strong comparison), or else If-Unmodified-Since (RFC 9110, §13.1.1 and §13.1.4)."""
    if (tags := environ.get("HTTP_IF_MATCH")) is not None:
        listed = parse_etags(tags)
        return listed.star_tag or (validators.etag[:1] == '"' and listed.is_strong(validators.opaque))
    limit = http_time(environ.get("HTTP_IF_UNMODIFIED_SINCE"))
    modified = http_time(validators.modified)
    return limit is None or modified is None or modified <= limit


def _is_fresh(environ: Environ, validators: Validators) -> bool:
    """If-None-Match (weak comparison), or else If-Modified-Since (RFC 9110, §13.1.2 and §13.1.3)."""
    if (tags := environ.get("HTTP_IF_NONE_MATCH")) is not None:
        # Nearly always it is the tag that we sent, so look before parsing.
        return tags == validators.etag or parse_etags(tags).contains_weak(validators.opaque)
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is None or not validators.modified:
        return False
    if since == validators.modified:
        return True
    known, modified = http_time(since), http_time(validators.modified)
    return known is not None and modified is not None and modified <= known


def _same_version(environ: Environ, validators: Validators) -> bool:
    """If-Range: a strong tag, or the very date (RFC 9110, §13.1.5)."""
    version = environ.get("HTTP_IF_RANGE")
    if version is None:
        return True
    if version.startswith('"'):
        return bool(version == validators.etag)
    return bool(version == validators.modified and version)


def _range(wanted: str, size: int) -> Verdict:
    """One range of bytes; several, other units and malformed ones are ignored, as RFC 9110, §14.2 allows."""
    match = ONE_RANGE.fullmatch(wanted)
    if match is None or not size:
        return WHOLE
    first, last = match[1], match[2]
    if not first:
        return _span(size - int(last), size, size) if last else WHOLE
    if last and int(last) < int(first):
        return WHOLE
    return _span(int(first), int(last) + 1 if last else size, size)


def _span(start: int, stop: int, size: int) -> Verdict:
    return UNSATISFIABLE if start >= size else Verdict(206, max(start, 0), min(stop, size))


def without_content(headers: Iterable[Header]) -> list[Header]:
    """Those of `headers` that may go with a 304."""
    return [header for header in headers if header[0].lower() not in OF_THE_CONTENT]


def shape(verdict: Verdict, headers: Iterable[Header], size: int) -> tuple[str, list[Header], bytes | None]:
    """Status line, headers and body of an answer whose 200 has `headers`; `None` stands for the content."""
    if verdict is WHOLE:
        return "200 OK", list(headers), None
    if verdict is NOT_MODIFIED:
        return "304 NOT MODIFIED", without_content(headers), b""
    if verdict is FAILED:
        return _note("412 PRECONDITION FAILED", without_content(headers))
    if verdict is UNSATISFIABLE:
        return _note(
            "416 REQUESTED RANGE NOT SATISFIABLE",
            [*without_content(headers), ("Content-Range", f"bytes */{size}")],
        )
    part = [header for header in headers if header[0].lower() != "content-length"]
    part.append(("Content-Length", str(verdict.stop - verdict.start)))
    part.append(("Content-Range", f"bytes {verdict.start}-{verdict.stop - 1}/{size}"))
    return "206 PARTIAL CONTENT", part, None


def _note(line: str, headers: list[Header]) -> tuple[str, list[Header], bytes]:
    body = f"{line}\n".encode()
    return line, [*headers, TEXT, ("Content-Length", str(len(body)))], body
